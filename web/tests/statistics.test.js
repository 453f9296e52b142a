import assert from "node:assert/strict";
import { test } from "node:test";
import { isNumeric } from "../src/panel.js";
import { makeTest } from "../src/select.js";
import { MOST_VALUES, planSummary, summarize, takeKnown } from "../src/statistics.js";

const text = /** @type {any} */ ({ isText: true, isNumeric: false, scale: 0, write: String });
const integer = /** @type {any} */ ({ isText: false, isNumeric: true, scale: 0, write: String });
const VALUES = planSummary({ kind: "values" });

test("values of most selected rows come first, with the rows of all beside", () => {
  const made = summarize(text, ["a", "b", "a", null, "c", "b", "a"], [1, 3, 4], VALUES);
  assert.deepEqual(made.values, [["b", 1, 2], ["c", 1, 1], ["a", 0, 3]]);
  assert.deepEqual([made.rows, made.missing, made.distinct], [[3, 7], [1, 1], [2, 3]]);
});

test("of values that all stand once none is listed, of very many the rest is counted", () => {
  assert.deepEqual(summarize(text, [..."abcdefg"], null, VALUES).values, []);
  assert.equal(summarize(text, [..."abcdef"], null, VALUES).values.length, 6);
  const many = [...Array(MOST_VALUES + 5).keys()].flatMap((number) => [String(number), String(number)]);
  const made = summarize(text, many, null, VALUES);
  assert.deepEqual([made.values.length, made.rest], [MOST_VALUES, 5]);
});

test("quartiles and bars are of both, and none of no value", () => {
  const plan = planSummary({ kind: "numbers", histogram: { edges: ["1", "5", "9"] } });
  const made = summarize(integer, [9n, 1n, null, 5n, 9007199254740993n], [1, 2], plan);
  assert.deepEqual(made.quartiles, [["1", "1", "1", "1", "1"], ["1", "1", "5", "9", "9007199254740993"]]);
  assert.deepEqual(made.bars, [[1, 0], [1, 3]]);
  assert.equal(summarize(integer, [null], [0], plan).quartiles[0], null);
});

test("dates are counted by the periods that are there", () => {
  const bars = (/** @type {string} */ unit, /** @type {string[]} */ periods) => planSummary({ kind: "dates", periods: { unit, bars: periods.map((period) => ({ period })) } });
  const dates = ["0987-01-02", "1999-12-31", "2001-05-01"];
  assert.deepEqual(summarize(text, dates, [2], bars("century", ["0900", "1900", "2000"])).bars, [[0, 0, 1], [1, 1, 1]]);
  assert.deepEqual(summarize(text, dates, [1], bars("decade", ["0980", "1990", "2000"])).bars, [[0, 1, 0], [1, 1, 1]]);
  assert.deepEqual(summarize(text, dates, null, bars("month", ["2001-05"])).bars, [[1], [1]]);
});

test("what is known without reading is of all rows only, and a cut value is no value", () => {
  const told = { kind: "values", missing: 1, distinct: 2, values: [{ value: "a", rows: 3 }, { value: "long", rows: 2, characters: 300 }] };
  const some = takeKnown(told, 6, false);
  assert.deepEqual([some.rows, some.missing, some.values], [[null, 6], [null, 1], [["a", null, 3]]]);
  assert.deepEqual(takeKnown(told, 6, true).values, [["a", 3, 3]]);
});

test("a date is within bounds that it begins with", () => {
  const day = /** @type {any} */ ({ isText: false, isNumeric: false, isTime: true, write: String });
  const within = makeTest(day, { kind: "range", from: "2022", to: "2022-05" });
  assert.deepEqual(["2021-12-31", "2022-01-01", "2022-05-31", "2022-06-01"].map(within), [false, true, true, false]);
});

test("bounds of numbers are numbers", () => {
  assert.deepEqual(["", " 1 ", "-1.5", "1e3", ".5", "1,5", "eighty", "0x1", "Infinity"].map(isNumeric),
    [true, true, true, true, true, false, false, false, false]);
});
