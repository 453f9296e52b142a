// Selects, sorts and searches rows of a table.

/** A text as searches compare it: without case and width. @param {string} text */
export const fold = (text) => text.normalize("NFKC").toLowerCase();

/** @param {string} words @returns {string[]} */
export const splitWords = (words) => fold(words).split(/\s+/u).filter(Boolean);

/**
 * The rows that every filter admits, in the order of the file; bounds are numbers or, of other columns, texts.
 * @param {import("./model.js").Rows} rows @param {Map<string, import("./address.js").Filter>} filters
 */
export function selectRows(rows, filters) {
  const tests = [...filters].filter(([name]) => rows.columns.has(name)).map(([name, filter]) => makeTest(rows, name, filter));
  const found = [];
  for (let row = 0; row < rows.count; row++) if (tests.every((test) => test(row))) found.push(row);
  return found;
}

/** @param {import("./model.js").Rows} rows @param {string} name @param {import("./address.js").Filter} filter @returns {(row: number) => boolean} */
function makeTest(rows, name, filter) {
  const { values, isNumeric } = rows.column(name);
  if (filter.kind === "missing") return (row) => values[row] === null;
  if (filter.kind === "text") return (row) => rows.text(name, row) === filter.text;
  if (filter.kind === "part") {
    const part = fold(filter.text);
    return (row) => values[row] !== null && fold(rows.text(name, row) ?? "").includes(part);
  }
  const { from, to } = filter;
  const compare = isNumeric
    ? (/** @type {string} */ text, /** @type {string} */ bound) => Number(text) - Number(bound)
    : compareTexts;
  return (row) => {
    const text = rows.text(name, row);
    return text !== null && (from === "" || compare(text, from) >= 0) && (to === "" || compare(text, to) <= 0);
  };
}

/** By code points, as the rows of a release are sorted. @param {string} one @param {string} other */
export function compareTexts(one, other) {
  if (one === other) return 0;
  const left = [...one];
  const right = [...other];
  const at = left.findIndex((sign, index) => sign !== right[index]);
  if (at < 0) return -1;
  if (at >= right.length) return 1;
  return /** @type {number} */ (left[at].codePointAt(0)) - /** @type {number} */ (right[at].codePointAt(0));
}

/**
 * Sorts rows by a column; missing values come last both ways, equal ones keep their order.
 * @param {import("./model.js").Rows} rows @param {number[]} selected @param {import("./address.js").State["sort"]} sort
 */
export function sortRows(rows, selected, sort) {
  if (!sort || !rows.columns.has(sort.column)) return selected;
  const { values, isText } = rows.column(sort.column);
  const sign = sort.down ? -1 : 1;
  return [...selected].sort((one, other) => {
    const [left, right] = [values[one], values[other]];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (isText) return sign * compareTexts(left, right);
    return sign * (left < right ? -1 : left > right ? 1 : 0);
  });
}

/**
 * The rows that hold all words, and the column where the first one stands.
 * @param {import("./model.js").Rows} rows @param {string[]} words @returns {{row: number, column: string}[]}
 */
export function searchRows(rows, words) {
  const names = rows.table.columns.map(({ name }) => name);
  const found = [];
  for (let row = 0; row < rows.count; row++) {
    const texts = names.map((name) => fold(rows.text(name, row) ?? ""));
    const whole = texts.join("\n");
    if (!words.every((word) => whole.includes(word))) continue;
    const at = texts.findIndex((text) => text.includes(words[0]));
    found.push({ row, column: names[Math.max(at, 0)] });
  }
  return found;
}
