import assert from "node:assert/strict";
import { test } from "node:test";
import { readAddress, writeAddress } from "../src/address.js";
import { findNearest } from "../src/nearest.js";

const columns = [{ name: "policy", type: "string" }, { name: "score", type: "integer" }, { name: "day", type: "date" }];
const release = /** @type {any} */ ({
  about: { languages: ["en", "zh"] },
  tables: new Map([["scores", { name: "scores", columns }], ["large", { name: "large", columns }]]),
  isLarge: (/** @type {string} */ name) => name === "large",
});

/** @param {string} address @returns {[string, string[]]} */
function nearest(address) {
  const { state, absent } = findNearest(release, readAddress(address));
  return [writeAddress(state), absent];
}

test("an address of what is here stays as it is", () => {
  for (const address of ["#", "#q=a&lang=zh", "#t=scores&q=a&sort=-score&f.day=~2022..&f.score=~1..&n=250", "#t=large&row=a&q=b"]) {
    assert.deepEqual(nearest(address), [address, []]);
  }
});

test("what is not here is left out and named", () => {
  assert.deepEqual(nearest("#t=gone&f.score=1&lang=zh"), ["#lang=zh", ["gone"]]);
  assert.deepEqual(nearest("#t=__proto__"), ["#", ["__proto__"]]);
  assert.deepEqual(nearest("#row=a&f.score=1"), ["#", ["a", "score"]]);
  assert.deepEqual(nearest("#t=scores&f.gone=1&sort=-old&lang=fr"), ["#t=scores", ["fr", "gone", "old"]]);
  assert.deepEqual(nearest("#t=scores&f.score=~eighty..90"), ["#t=scores", ["eighty"]]);
  assert.deepEqual(nearest("#t=large&q=words"), ["#t=large", ["words"]]);
});
