import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyState, readAddress, writeAddress } from "../src/address.js";

const HOSTILE = ["__proto__", "constructor", "a,b", "~missing", "~1..2", "-x", "+x", "&=#%", "碳", "a b", "..", ""];

test("a state is the same after it was an address", () => {
  for (const text of HOSTILE) {
    const state = {
      ...emptyState(),
      table: text,
      row: [text, "b,c", text],
      words: text,
      sort: text ? { column: text, down: true } : null,
      filters: new Map([[text, /** @type {const} */ ({ kind: "text", text })]]),
      language: "zh",
      only: text === "",
      rows: 250,
    };
    assert.deepEqual(readAddress(writeAddress(state)), state);
    assert.equal(writeAddress(readAddress(writeAddress(state))), writeAddress(state));
  }
});

test("a part of a text is a filter", () => {
  const filters = new Map([["a", /** @type {const} */ ({ kind: "part", text: "~1..2" })]]);
  assert.deepEqual(readAddress(writeAddress({ ...emptyState(), filters })).filters, filters);
});

test("bounds and missing values are filters", () => {
  const { filters } = readAddress("#t=scores&f.score=~80..&f.label=~missing&f.policy_id=no-a");
  assert.deepEqual(filters.get("score"), { kind: "range", from: "80", to: "" });
  assert.deepEqual(filters.get("label"), { kind: "missing" });
  assert.deepEqual(filters.get("policy_id"), { kind: "text", text: "no-a" });
});

test("no address is an error", () => {
  assert.deepEqual(readAddress("#tables"), emptyState());
  assert.deepEqual(readAddress("#&&=&x=1&n=-5&sort="), emptyState());
  assert.equal(readAddress("#q=100%").words, "100%");
  assert.equal(readAddress("#q=%E7%A2%B3%FF%").words, "碳\ufffd%");
  assert.equal(readAddress("#n=999999").rows, 2000);
  assert.equal(writeAddress({ ...emptyState(), words: "\ud800" }), "#q=%EF%BF%BD");
});
