// Writes rows as the CSV of a release.

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** @param {string} text */
const quote = (text) => `"${text.replaceAll('"', '""')}"`;

/**
 * All columns of some rows, in an order.
 * @param {import("./model.js").Rows} rows @param {number[]} order
 */
export function writeCsv(rows, order) {
  const names = rows.table.columns.map(({ name }) => name);
  const lines = [names.map((name) => (PLAIN_NAME.test(name) ? name : quote(name))).join(",")];
  for (const row of order) {
    const cells = names.map((name) => {
      const text = rows.text(name, row);
      return text !== null && rows.column(name).isText ? quote(text) : (text ?? "");
    });
    lines.push(cells.join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** Whether a spreadsheet may take a text of these rows for a formula. @param {import("./model.js").Rows} rows @param {number[]} order */
export function hasFormula(rows, order) {
  return rows.table.columns.some(
    ({ name }) => rows.column(name).isText && order.some((row) => /^[=+\-@]/.test(rows.text(name, row) ?? "")),
  );
}
