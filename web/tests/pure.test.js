import assert from "node:assert/strict";
import { test } from "node:test";
import { findQuote } from "../src/evidence.js";
import { isDifferent } from "../src/editions.js";
import { findRoutes, findSubject } from "../src/relations.js";
import { findWords, fold, compareTexts, makeTest, selectRows, sortRows } from "../src/select.js";
import { writeDate, writeDecimal, writeDouble, writeInstant, writeTime, writeYear } from "../src/texts.js";

test("floating-point numbers are written as pyarrow writes them", () => {
  const expected = new Map([
    [2, "2"], [-0, "-0"], [0, "0"], [1e-5, "0.00001"], [1.5e-6, "0.0000015"], [1e-7, "1e-7"], [9.99e-7, "9.99e-7"],
    [123456.789, "123456.789"], [1e9, "1000000000"], [1e10, "1e+10"], [123456789012.5, "1.234567890125e+11"],
    [1e300, "1e+300"], [5e-324, "5e-324"], [-2.5, "-2.5"], [-0.001, "-0.001"],
  ]);
  for (const [value, text] of expected) assert.equal(writeDouble(value), text);
});

test("decimals keep all digits", () => {
  assert.equal(writeDecimal(123450n, 2), "1234.50");
  assert.equal(writeDecimal(-5n, 2), "-0.05");
  assert.equal(writeDecimal(-(10n ** 37n), 0), `-1${"0".repeat(37)}`);
});

test("days are those of the Gregorian calendar, from the year 1 to 9999", () => {
  assert.equal(writeDate(-719_162), "0001-01-01");
  assert.equal(writeDate(-1), "1969-12-31");
  assert.equal(writeDate(0), "1970-01-01");
  assert.equal(writeDate(19_782), "2024-02-29");
  assert.equal(writeDate(2_932_896), "9999-12-31");
});

test("times have no more digits of a fraction than they need", () => {
  assert.equal(writeTime(55_800_250_000n, false), "15:30:00.25");
  assert.equal(writeTime(0n, true), "00:00:00Z");
  assert.equal(writeInstant(-1n, true), "1969-12-31T23:59:59.999999Z");
  assert.equal(writeInstant(0n, false), "1970-01-01T00:00:00");
});

test("years have four digits at least", () => {
  assert.deepEqual([476n, -44n, 2026n, 12026n].map(writeYear), ["0476", "-0044", "2026", "12026"]);
});

test("texts are compared by code points", () => {
  assert.ok(compareTexts("\uffee", "\u{1f600}") < 0);
  assert.equal(compareTexts("a", "a"), 0);
  assert.ok(compareTexts("a", "ab") < 0);
});

test("case and width make no difference", () => {
  assert.equal(fold("ＣＯ２"), "co2");
});

const rows = /** @type {any} */ ({
  count: 4,
  columns: new Map([["n", 0], ["t", 0]]),
  column: (/** @type {string} */ name) =>
    name === "n" ? { values: [3n, null, 10n, 3n], isText: false, isNumeric: true, scale: 0, write: String } : { values: ["b", "a", null, "B"], isText: true, write: String },
  text(/** @type {string} */ name, /** @type {number} */ row) {
    const value = this.column(name).values[row];
    return value === null ? null : String(value);
  },
});

test("missing values come last both ways, equal ones keep their order", () => {
  assert.deepEqual(sortRows(rows, [0, 1, 2, 3], { column: "n", down: false }), [0, 3, 2, 1]);
  assert.deepEqual(sortRows(rows, [0, 1, 2, 3], { column: "n", down: true }), [2, 0, 3, 1]);
  assert.deepEqual(sortRows(rows, [0, 1, 2, 3], { column: "nothing", down: false }), [0, 1, 2, 3]);
});

test("filters are values, parts, bounds and missing values", () => {
  const select = (/** @type {[string, import("../src/address.js").Filter][]} */ ...filters) => selectRows(rows, new Map(filters));
  assert.deepEqual(select(["n", { kind: "text", text: "3" }]), [0, 3]);
  assert.deepEqual(select(["n", { kind: "range", from: "4", to: "" }]), [2]);
  assert.deepEqual(select(["n", { kind: "range", from: "", to: "3" }]), [0, 3]);
  assert.deepEqual(select(["n", { kind: "missing" }]), [1]);
  assert.deepEqual(select(["t", { kind: "part", text: "B" }]), [0, 3]);
  assert.deepEqual(select(["t", { kind: "range", from: "a", to: "b" }]), [0, 1]);
  assert.deepEqual(select(["gone", { kind: "missing" }]), [0, 1, 2, 3]);
});

test("bounds are compared with every digit of integers and decimals", () => {
  const integer = /** @type {any} */ ({ isNumeric: true, scale: 0, write: String });
  const above = makeTest(integer, { kind: "range", from: "9007199254740993", to: "" });
  assert.deepEqual([9007199254740992n, 9007199254740993n, null].map(above), [false, true, false]);
  const decimal = /** @type {any} */ ({ isNumeric: true, scale: 2, write: String });
  const within = makeTest(decimal, { kind: "range", from: "-1.5", to: "0.005" });
  assert.deepEqual([-151n, -150n, 0n, 1n].map(within), [false, true, true, false]);
  const double = /** @type {any} */ ({ isNumeric: true, scale: 0, write: String });
  assert.deepEqual([0.1, 1e21].map(makeTest(double, { kind: "range", from: "0.1", to: "1e20" })), [true, false]);
});

test("a quote is found by code points, and where it is if it is not there", () => {
  assert.equal(findQuote("😀 a b a", "a", 6), 7);
  assert.equal(findQuote("😀 a b a", "a", 3), 3);
  assert.equal(findQuote("a", "gone", 0), -1);
});

test("numbers, codes and presence differ, prose does not", () => {
  const table = { compared: [], foreignKeys: [{ fields: ["code"], table: "codes", columns: ["code"] }] };
  const texts = /** @type {any} */ ({ table, column: (/** @type {string} */ name) => ({ isText: name !== "n" }) });
  assert.equal(isDifferent(texts, "n", ["1", "2"]), true);
  assert.equal(isDifferent(texts, "code", ["a", "b"]), true);
  assert.equal(isDifferent(texts, "prose", ["a", "b"]), false);
  assert.equal(isDifferent(texts, "prose", ["a", null]), true);
  assert.equal(isDifferent(texts, "prose", ["a", undefined]), true);
  assert.equal(isDifferent(texts, "prose", [null, undefined]), false);
  assert.equal(isDifferent(texts, "n", ["1"]), false);
});

test("rows belong to a row along foreign keys, by way of other tables too", () => {
  const make = (/** @type {string} */ name, /** @type {string[]} */ key, /** @type {any[]} */ foreignKeys = []) => ({ name, key, foreignKeys });
  const things = make("things", ["id"], [{ fields: ["before"], table: "things", columns: ["id"] }]);
  const texts = make("texts", ["thing", "language"], [{ fields: ["thing"], table: "things", columns: ["id"] }]);
  const scores = make("scores", ["of", "language", "n"], [{ fields: ["of", "language"], table: "texts", columns: ["thing", "language"] }]);
  const others = make("others", ["a"], [{ fields: ["b"], table: "others", columns: ["a"] }]);
  const release = /** @type {any} */ ({ tables: new Map([things, texts, scores, others].map((table) => [table.name, table])) });
  const find = (/** @type {any} */ table, /** @type {any} */ parent, isDirect = false) => findRoutes(release, table, parent, isDirect);
  assert.deepEqual(find(texts, things), [["thing"]]);
  assert.deepEqual(find(scores, things), [["of"]]);
  assert.deepEqual(find(scores, things, true), []);
  assert.deepEqual(find(things, things), [["before"]]);
  assert.deepEqual(find(others, things), []);
  assert.deepEqual(find(make("tags", ["id", "n"]), things), [["id"]]);
});

test("words are found where they stand, though folding makes signs of other lengths", () => {
  assert.deepEqual(findWords("… a Market", ["market"]), [[4, 10]]);
  assert.deepEqual(findWords("ＣＯ₂, ﬁne, 碳碳", ["co2", "fi", "碳"]), [[0, 3], [5, 6], [10, 11], [11, 12]]);
  assert.deepEqual(findWords("carbon", ["arb", "bon", "carb", "gone"]), [[0, 4]]);
  assert.deepEqual(findWords("😀x", ["x"]), [[2, 3]]);
});

test("a finding leads to the record that its row belongs to", () => {
  const things = { name: "things", key: ["id"], foreignKeys: [] };
  const scores = { name: "scores", key: ["of", "language"], foreignKeys: [{ fields: ["of"], table: "things", columns: ["id"] }] };
  const codes = { name: "codes", key: ["code"], foreignKeys: [], group: "codelists" };
  const tables = new Map([things, scores, codes].map((table) => [table.name, table]));
  const release = /** @type {any} */ ({ about: { entity: "things" }, tables, table: (/** @type {string} */ name) => tables.get(name) });
  const find = (/** @type {string} */ table, /** @type {string} */ key, names = ["table", "key"]) =>
    findSubject(release, /** @type {any} */ ({ columns: new Map(names.map((name) => [name, 0])), text: (/** @type {string} */ name) => (name === "table" ? table : key) }), 0);
  assert.deepEqual(find("things", "a"), { table: "things", row: ["a"] });
  assert.deepEqual(find("scores", "a, en"), { table: "things", row: ["a"] });
  assert.deepEqual(find("codes", "x"), { table: "codes", row: ["x"] });
  assert.deepEqual([find("scores", "a"), find("gone", "a"), find("things", "a", ["rule"])], [null, null, null]);
});
