// Writes rows as the CSV of a release.

/** @typedef {import("./parquet.js").Column} Column */

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** @param {string} text */
const quote = (text) => `"${text.replaceAll('"', '""')}"`;

/** The first line, with its end. @param {string[]} names */
export function writeHeading(names) {
  return `${names.map((name) => (PLAIN_NAME.test(name) ? name : quote(name))).join(",")}\n`;
}

/** The line of one row, with its end. @param {Column[]} columns @param {number} row */
export function writeLine(columns, row) {
  const cells = columns.map(({ values, isText, write }) => {
    const value = values[row];
    return value === null ? "" : isText ? quote(write(value)) : write(value);
  });
  return `${cells.join(",")}\n`;
}

/** Whether a spreadsheet may take a text of a row for a formula. @param {Column[]} columns @param {number} row */
export function isFormula(columns, row) {
  return columns.some(({ values, isText }) => isText && /^[=+\-@]/.test(values[row] ?? ""));
}

/**
 * All columns of some rows, in an order.
 * @param {import("./model.js").Rows} rows @param {number[]} order
 */
export function writeCsv(rows, order) {
  const names = rows.table.columns.map(({ name }) => name);
  const columns = names.map((name) => rows.column(name));
  return writeHeading(names) + order.map((row) => writeLine(columns, row)).join("");
}

/** Whether a spreadsheet may take a text of these rows for a formula. @param {import("./model.js").Rows} rows @param {number[]} order */
export function hasFormula(rows, order) {
  const columns = rows.table.columns.map(({ name }) => rows.column(name));
  return order.some((row) => isFormula(columns, row));
}
