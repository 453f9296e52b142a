// Selects, sorts and searches rows: what tables in the page and large ones on a server have in common.

/** @typedef {import("./address.js").Filter} Filter @typedef {import("./parquet.js").Kind} Kind @typedef {import("./model.js").Rows} Rows */

/** A text as searches compare it: without case and width. @param {string} text */
export const fold = (text) => (/^[\0-\x7f]*$/.test(text) ? text : text.normalize("NFKC")).toLowerCase();

/**
 * Where words stand in a text, as ranges of it that do not overlap: folded signs may be more than one, or fewer.
 * @param {string} text @param {string[]} words @returns {[number, number][]}
 */
export function findWords(text, words) {
  let folded = "";
  /** @type {number[]} where each folded sign comes from */
  const places = [];
  for (let at = 0; at < text.length; ) {
    const sign = String.fromCodePoint(/** @type {number} */ (text.codePointAt(at)));
    const own = sign < "\x80" ? sign.toLowerCase() : fold(sign);
    for (let unit = 0; unit < own.length; unit++) places.push(at);
    folded += own;
    at += sign.length;
  }
  places.push(text.length);
  /** @type {[number, number][]} */
  const found = [];
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      let end = at + word.length;
      while (end < folded.length && places[end] === places[end - 1]) end++;
      found.push([places[at], places[end]]);
    }
  }
  found.sort(([one, last], [other, end]) => one - other || end - last);
  return found.filter(([start], at) => !found.slice(0, at).some(([, end]) => start < end));
}

/** @param {string} words @returns {string[]} */
export const splitWords = (words) => fold(words).split(/\s+/u).filter(Boolean);

/**
 * The rows that every filter admits, in the order of the file; bounds are numbers or, of other columns, texts.
 * @param {Rows} rows @param {Map<string, Filter>} filters
 */
export function selectRows(rows, filters) {
  const tests = [...filters]
    .filter(([name]) => rows.columns.has(name))
    .map(([name, filter]) => ({ values: rows.column(name).values, test: makeTest(rows.column(name), filter) }));
  const found = [];
  for (let row = 0; row < rows.count; row++) if (tests.every(({ values, test }) => test(values[row]))) found.push(row);
  return found;
}

/** Whether a filter admits a value of a column. @param {Kind} kind @param {Filter | {kind: "any", texts: Set<string>}} filter @returns {(value: any) => boolean} */
export function makeTest(kind, filter) {
  const { write, isText, isNumeric } = kind;
  if (filter.kind === "missing") return (value) => value === null;
  if (filter.kind === "any") return (value) => value !== null && filter.texts.has(isText ? value : write(value));
  if (filter.kind === "text") return (value) => value !== null && (isText ? value : write(value)) === filter.text;
  if (filter.kind === "part") {
    const part = fold(filter.text);
    return (value) => value !== null && fold(write(value)).includes(part);
  }
  const compare = isNumeric ? compareNumber : compareBound;
  const from = filter.from === "" ? null : compare(kind, filter.from);
  const to = filter.to === "" ? null : compare(kind, filter.to);
  return (value) => value !== null && (!from || from(value) >= 0) && (!to || to(value) <= 0);
}

/**
 * How a value stands to a bound: below, at or above 0. A date is at a bound that it begins with: 2024-05-01 at 2024.
 * @param {Kind} kind @param {string} bound @returns {(value: any) => number}
 */
function compareBound({ write, isTime }, bound) {
  return (value) => (isTime && write(value).startsWith(bound) ? 0 : compareTexts(write(value), bound));
}

/** The same of numbers, with every digit that they have. @param {Kind} kind @param {string} bound @returns {(value: any) => number} */
export function compareNumber({ scale }, bound) {
  const digits = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(bound.trim());
  if (!digits) return (value) => Number(value) - Number(bound) * 10 ** scale;
  const fraction = (digits[3] ?? "").padEnd(scale, "0");
  const unscaled = BigInt(`${digits[2]}${fraction}`) * (digits[1] === "-" ? -1n : 1n);
  const more = 10n ** BigInt(fraction.length - scale);
  const number = Number(bound);
  return (value) => {
    if (typeof value === "number") return value - number;
    const [left, right] = [BigInt(value) * more, unscaled];
    return left < right ? -1 : left > right ? 1 : 0;
  };
}

/** By code points, as the rows of a release are sorted. @param {string} one @param {string} other */
export function compareTexts(one, other) {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (left !== right) return rank(left) - rank(right);
  }
  return one.length - other.length;
}

/** Half of a pair of surrogates stands for a sign above all others. @param {number} unit */
const rank = (unit) => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);

/**
 * Sorts rows by a column; missing values come last both ways, equal ones keep their order.
 * @param {Rows} rows @param {number[]} selected @param {import("./address.js").State["sort"]} sort
 */
export function sortRows(rows, selected, sort) {
  if (!sort || !rows.columns.has(sort.column)) return selected;
  const { values, isText } = rows.column(sort.column);
  return [...sortPresent(selected.filter((row) => values[row] !== null), values, isText, sort.down),
    ...selected.filter((row) => values[row] === null)];
}

/**
 * Sorts rows whose values are all present.
 * @template {number[] | Uint32Array} List
 * @param {List} rows @param {any[]} values @param {boolean} isText @param {boolean} down @returns {List}
 */
export function sortPresent(rows, values, isText, down) {
  const sign = down ? -1 : 1;
  const compare = isText
    ? (/** @type {number} */ one, /** @type {number} */ other) => sign * compareTexts(values[one], values[other])
    : (/** @type {number} */ one, /** @type {number} */ other) =>
        values[one] < values[other] ? -sign : values[one] > values[other] ? sign : 0;
  return /** @type {List} */ (rows.sort(compare));
}

/**
 * The rows that hold all words, and the column where the first one stands.
 * @param {Rows} rows @param {string[]} words @returns {{row: number, column: string}[]}
 */
export function searchRows(rows, words) {
  const names = rows.table.columns.map(({ name }) => name);
  const found = [];
  for (const [row, whole] of rows.whole.entries()) {
    if (!words.every((word) => whole.includes(word))) continue;
    const column = names.find((name) => fold(rows.text(name, row) ?? "").includes(words[0]));
    found.push({ row, column: column ?? names[0] });
  }
  return found;
}
