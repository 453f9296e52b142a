// Writes each table of a release as CSV, and compares it with the file beside the page: those in the page from it, the
// others from a server that knows ranges, and from one that does not. Compares the summaries that the script makes of
// columns with those of summary.json, too.
// node web/tests/compare.js FOLDER prints a line for each: its name, and `equal` or the first line that is not.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeCsv } from "../src/csv.js";
import { ServedFile } from "../src/file.js";
import { LargeTable } from "../src/large.js";
import { Release } from "../src/model.js";
import { planSummary, takeKnown } from "../src/statistics.js";
import { serveFolder } from "./server.js";

const folder = process.argv[2];
const page = readFileSync(join(folder, "index.html"), "utf8");
/** @type {Map<string, string>} */
const blocks = new Map();
for (const [, id, text] of page.matchAll(/<script type="[^"]*" id="([^"]*)">([^<]*)<\/script>/g)) blocks.set(id, text);
const release = new Release(
  /** @type {any} */ ({ getElementById: (/** @type {string} */ id) => (blocks.has(id) ? { textContent: blocks.get(id) } : null) }),
);

/** @param {string} title @param {string} csv the file's path @param {string} written */
function compare(title, csv, written) {
  const expected = readFileSync(join(folder, csv), "utf8");
  const lines = expected.split("\n");
  const at = written.split("\n").findIndex((line, number) => line !== lines[number]);
  console.log(`${title}: ${written === expected ? "equal" : `line ${at + 1}: ${written.split("\n")[at]}`}`);
}

/** @param {import("../src/model.js").Table} table @param {string} name of a column @param {import("../src/statistics.js").Summary | null} made */
function compareSummary(table, name, made) {
  const told = release.told.get(table.name)?.get(name);
  const known = takeKnown(told, table.rows, true);
  const whole = known.values.length === (told.values ?? []).length;
  const shown = JSON.stringify({ ...made, rest: 0, values: whole ? made?.values.slice(0, known.values.length) : known.values });
  console.log(`${table.name}.${name}: ${shown === JSON.stringify(known) ? "equal" : `${shown} is not ${JSON.stringify(known)}`}`);
}

for (const table of release.embedded) {
  const rows = await release.load(table.name);
  compare(table.name, table.csv, writeCsv(rows, [...Array(rows.count).keys()]));
  const summarize = await release.summarize(table.name, new Map(), []);
  for (const { name } of table.columns) compareSummary(table, name, await summarize(name, true));
}
for (const knowsRanges of [true, false]) {
  const server = await serveFolder(folder, knowsRanges);
  for (const table of release.tables.values()) {
    if (!release.isLarge(table.name)) continue;
    const files = table.parquet.map((path) => new ServedFile(server.address + path));
    const large = new LargeTable(table.columns, files);
    const { file } = await large.save({ filters: [], sort: null });
    compare(`${table.name} of ${files.length} files, ${knowsRanges ? "by ranges" : "as wholes"}`, table.csv, await file.text());
    for (const { name } of table.columns) {
      compareSummary(table, name, await large.summarize({ filters: [], name, plan: planSummary(release.told.get(table.name)?.get(name)) }));
    }
  }
  server.close();
}
