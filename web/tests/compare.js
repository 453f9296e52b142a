// Writes each table that is embedded in the page of a release as CSV, and compares it with the file beside the page.
// node web/tests/compare.js FOLDER prints a line for each table: its name, and `equal` or the first line that is not.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeCsv } from "../src/csv.js";
import { Release } from "../src/model.js";

const folder = process.argv[2];
const page = readFileSync(join(folder, "index.html"), "utf8");
/** @type {Map<string, string>} */
const blocks = new Map();
for (const [, id, text] of page.matchAll(/<script type="[^"]*" id="([^"]*)">([^<]*)<\/script>/g)) blocks.set(id, text);
const release = new Release(
  /** @type {any} */ ({ getElementById: (/** @type {string} */ id) => (blocks.has(id) ? { textContent: blocks.get(id) } : null) }),
);
for (const table of release.embedded) {
  const rows = await release.load(table.name);
  const written = writeCsv(rows, [...Array(rows.count).keys()]);
  const expected = readFileSync(join(folder, table.csv), "utf8");
  const lines = expected.split("\n");
  const at = written.split("\n").findIndex((line, number) => line !== lines[number]);
  console.log(`${table.name}: ${written === expected ? "equal" : `line ${at + 1}: ${written.split("\n")[at]}`}`);
}
