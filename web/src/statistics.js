// The summary of a column: of the rows that are selected, beside that of all rows.
import { compareNumber, compareTexts } from "./select.js";

/**
 * What a number of each is: of the rows that are selected, null as long as it is not read, and of all rows.
 * @typedef {[number | null, number]} Pair
 * @typedef {{kind: string, edges: string[], unit: string, periods: string[]}} Plan how summary.json has the column: numbers,
 *   dates, values or lengths; edges of bins, or the unit of periods and their names
 * @typedef {{rows: Pair, missing: Pair, distinct: [number | null, number | null], quartiles: [string[] | null, string[] | null],
 *   values: [string, number | null, number][], rest: number, bars: [number[] | null, number[]] | null}} Summary
 *   `values` are at most MOST_VALUES, those of most selected rows first, and `rest` are left out; none where each stands there once
 */

export const MOST_VALUES = 200;
const FEW = 6;

/**
 * @param {import("./parquet.js").Kind} kind @param {any[]} values of all rows @param {ArrayLike<number> | null} selected rows,
 *   null if all are @param {Plan} plan @returns {Summary}
 */
export function summarize(kind, values, selected, plan) {
  const all = summarizePart(kind, values, plan);
  const own = selected ? summarizePart(kind, Array.from(selected, (row) => values[row]), plan) : all;
  const listed = listValues(kind, own, all, plan);
  return {
    rows: [own.rows, all.rows],
    missing: [own.missing, all.missing],
    distinct: [own.distinct, all.distinct],
    quartiles: [own.quartiles, all.quartiles],
    values: listed.slice(0, MOST_VALUES),
    rest: Math.max(0, listed.length - MOST_VALUES),
    bars: own.bars && all.bars && [own.bars, all.bars],
  };
}

/** @typedef {ReturnType<typeof summarizePart>} Part */

/** @param {import("./parquet.js").Kind} kind @param {any[]} values @param {Plan} plan */
function summarizePart(kind, values, plan) {
  const given = values.filter((value) => value !== null);
  const isLength = plan.kind === "lengths";
  // -0 and 0 are one number.
  const present = given.map((value) => (isLength ? [...value].length : value === 0 ? 0 : value));
  /** @type {Map<any, number>} */
  const counts = new Map();
  if (!isLength) for (const value of present) counts.set(value, (counts.get(value) ?? 0) + 1);
  const write = isLength ? String : kind.write;
  const isOrdered = plan.kind !== "values";
  if (isOrdered) present.sort(isLength || !kind.isText ? compare : compareTexts);
  return {
    rows: values.length,
    missing: values.length - given.length,
    distinct: isLength ? null : counts.size,
    quartiles: isOrdered && present.length ? takeQuartiles(present).map(write) : null,
    counts,
    bars: plan.edges.length
      ? countBins(present, plan.edges, isLength ? { ...kind, scale: 0 } : kind)
      : plan.periods.length ? countPeriods(counts, kind, plan) : null,
  };
}

/** @param {any} one @param {any} other */
const compare = (one, other) => (one < other ? -1 : Number(one > other));

/** The first values that at least so many of the rows do not exceed: PERCENTILE_DISC of SQL. @param {any[]} sorted */
function takeQuartiles(sorted) {
  const { length } = sorted;
  return [0, ...[1, 2, 3].map((quarter) => Math.ceil((length * quarter) / 4) - 1), length - 1].map((at) => sorted[at]);
}

/** The rows between each two edges; the last bin has its end. @param {any[]} sorted @param {string[]} edges @param {import("./parquet.js").Kind} kind */
function countBins(sorted, edges, kind) {
  const below = edges.slice(1, -1).map((edge) => countBelow(sorted, compareNumber(kind, edge)));
  return [...below, sorted.length].map((end, at) => end - (at ? below[at - 1] : 0));
}

/** How many of sorted values are below a bound. @param {any[]} sorted @param {(value: any) => number} stands */
function countBelow(sorted, stands) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stands(sorted[middle]) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @param {Map<any, number>} counts @param {import("./parquet.js").Kind} kind @param {Plan} plan */
function countPeriods(counts, { write }, { unit, periods }) {
  const rows = new Map(periods.map((period) => [period, 0]));
  for (const [value, count] of counts) {
    const period = namePeriod(write(value), unit);
    rows.set(period, (rows.get(period) ?? 0) + count);
  }
  return periods.map((period) => rows.get(period) ?? 0);
}

/** @param {string} text a day, an instant or a time, as CSV has it @param {string} unit */
function namePeriod(text, unit) {
  if (unit === "hour") return text.slice(0, 2);
  if (unit === "month") return text.slice(0, 7);
  const kept = unit === "year" ? 4 : unit === "decade" ? 3 : 2;
  return text.slice(0, kept).padEnd(4, "0");
}

/** @param {import("./parquet.js").Kind} kind @param {Part} own @param {Part} all @param {Plan} plan @returns {[string, number, number][]} */
function listValues(kind, own, all, plan) {
  if (plan.kind !== "values" || (all.distinct === all.rows - all.missing && all.counts.size > FEW)) return [];
  const order = kind.isText ? compareTexts : compare;
  const found = [...all.counts].map(([value, count]) => /** @type {const} */ ([value, own.counts.get(value) ?? 0, count]));
  found.sort((one, other) => other[1] - one[1] || other[2] - one[2] || order(one[0], other[0]));
  return found.map(([value, selected, count]) => [kind.write(value), selected, count]);
}

/**
 * How summary.json has a column.
 * @param {any} told @returns {Plan}
 */
export function planSummary(told) {
  return {
    kind: told?.kind ?? "lengths",
    edges: told?.histogram?.edges ?? [],
    unit: told?.periods?.unit ?? "",
    periods: (told?.periods?.bars ?? []).map((/** @type {{period: string}} */ { period }) => period),
  };
}

/**
 * What summary.json tells of a column; it knows of all rows only.
 * @param {any} told @param {number} rows @param {boolean} isWhole whether all rows are selected
 * @returns {Summary}
 */
export function takeKnown(told, rows, isWhole) {
  /** @template T @param {T} value @returns {[T | null, T]} */
  const pair = (value) => [isWhole ? value : null, value];
  const { minimum, lower, median, upper, maximum } = told.quartiles ?? {};
  const bars = told.histogram?.rows ?? told.periods?.bars.map((/** @type {{rows: number}} */ bar) => bar.rows);
  const values = (told.values ?? []).filter((/** @type {any} */ each) => !each.characters);
  return {
    rows: pair(rows),
    missing: pair(told.missing),
    distinct: pair(told.distinct),
    quartiles: pair(told.quartiles ? [minimum, lower, median, upper, maximum] : null),
    values: values.map((/** @type {any} */ each) => [each.value, ...pair(each.rows)]),
    rest: 0,
    bars: bars ? pair(bars) : null,
  };
}
