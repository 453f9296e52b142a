// The search of all tables: those in the page at once, the large ones when they are asked for.
import { make, makeCell, show } from "./dom.js";
import { findRoutes } from "./relations.js";
import { fold, splitWords } from "./select.js";
import { StoppedError } from "./large.js";
import { say } from "./words.js";

/** @typedef {import("./main.js").Context} Context @typedef {import("./model.js").Rows} Rows @typedef {import("./model.js").Table} Table */

const FEW = 5;

/** All words anywhere in a row; the dictionary first. @param {Context} context */
export async function viewSearch(context) {
  const { language, state, release } = context;
  const words = splitWords(state.words);
  const groups = [];
  let total = 0;
  const told = searchDictionary(context, words);
  if (told.length) groups.push(makeGroup(say(language, "dictionary"), told.length, told.slice(0, FEW), language));
  total += told.length;
  for (const table of release.embedded) {
    const { count, rows, hits } = await release.search(table.name, words, FEW);
    total += count;
    if (count) groups.push(viewHits(context, table, { count, rows, hits }, words));
  }
  const status = total ? say(language, "results", { n: total.toLocaleString(language) }) : say(language, "nothing");
  return make("div", {}, make("p", { role: "status" }, status), ...groups, offerLarge(context, words));
}

/** @param {string} title @param {number} count @param {HTMLElement[]} items @param {string} language */
function makeGroup(title, count, items, language) {
  return make("section", {}, make("h3", {}, `${title} (${count.toLocaleString(language)})`), make("ul", {}, ...items));
}

/** @param {Context} context @param {Table} table @param {{count: number, rows: Rows, hits: {row: number, column: string}[]}} found @param {string[]} words */
function viewHits(context, table, { count, rows, hits }, words) {
  const items = hits.map(({ row, column }) => {
    const key = rows.key(row);
    const link = context.link({ ...findTarget(context, rows, row), words: context.state.words }, key.join(", ") || table.name);
    return make("li", {}, link, " ", mark(passage(rows.text(column, row) ?? "", words[0]), words));
  });
  return makeGroup(table.title || table.name, count, items, context.language);
}

/** Where a row leads: to the record that it belongs to, else to itself. @param {Context} context @param {Rows} rows @param {number} row */
function findTarget({ release }, rows, row) {
  const { table } = rows;
  const entity = release.table(release.about.entity);
  const [names] = table.group === "codelists" || table === entity ? [] : findRoutes(release, table, entity, false);
  const key = names?.every((name) => rows.columns.has(name)) ? names.map((name) => rows.text(name, row)) : [null];
  if (key.every((text) => text !== null)) return { table: entity.name, row: /** @type {string[]} */ (key) };
  return rows.key(row).length ? { table: table.name, row: rows.key(row) } : { table: table.name };
}

/** The large tables, and a button that searches them. @param {Context} context @param {string[]} words */
function offerLarge(context, words) {
  const { language, release } = context;
  const large = [...release.tables.values()].filter(({ name, rows }) => rows && release.isLarge(name));
  if (!large.length || !words.length) return null;
  const names = large.map(({ title, name }) => title || name).join(", ");
  if (release.page.location.protocol === "file:") {
    return make("p", { class: "quiet" }, say(language, "not_searched", { names: show(names) }));
  }
  const size = large.reduce((sum, { name }) => sum + release.weigh(name), 0);
  const section = make("section", { class: "large" });
  const start = make("button", { type: "button", class: "start", click: () => searchLarge(context, words, large, section) }, say(language, "search_large"));
  section.append(make("p", {}, say(language, "larger", { names: show(names), size: writeSize(size, language) })), start);
  return section;
}

/** Searches one large table after the other, shows how far it is, and stops if it is told to. @param {Context} context @param {string[]} words @param {Table[]} tables @param {HTMLElement} section */
async function searchLarge(context, words, tables, section) {
  const { language, release } = context;
  const stopping = new AbortController();
  context.watch.signal?.addEventListener("abort", () => stopping.abort());
  const bar = /** @type {HTMLProgressElement} */ (make("progress", { max: 1, value: 0, "aria-label": say(language, "searching") }));
  const line = make("p", { role: "status" });
  const stop = make("button", { type: "button", click: () => stopping.abort() }, say(language, "stop"));
  const isHere = section.contains(document.activeElement);
  section.replaceChildren(line, bar, " ", stop);
  if (isHere) stop.focus();
  try {
    for (const table of tables) {
      line.textContent = `${say(language, "searching")} ${show(table.title || table.name)}`;
      const tell = (/** @type {number} */ done, /** @type {number} */ all) => {
        bar.value = done / Math.max(1, all);
      };
      const found = await release.search(table.name, words, FEW, { tell, signal: stopping.signal });
      section.append(viewHits(context, table, found, words));
    }
    line.textContent = say(language, "searched");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    line.textContent = error instanceof StoppedError ? say(language, "stopped") : say(language, "failed", { why: show(why) });
  }
  if (document.activeElement === stop) {
    line.tabIndex = -1;
    line.focus();
  }
  bar.remove();
  stop.remove();
}

/** A number of bytes, as people write it. @param {number} bytes @param {string} language */
export function writeSize(bytes, language) {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${value.toLocaleString(language, { maximumSignificantDigits: 2 })} ${unit}`;
}

/** @param {Context} context @param {string[]} words */
function searchDictionary(context, words) {
  const found = [];
  for (const table of context.release.tables.values()) {
    const has = (/** @type {string} */ text) => words.every((word) => fold(text).includes(word));
    if (has(`${table.name} ${table.title} ${table.description}`)) {
      found.push(make("li", {}, context.link({ table: table.name, words: "" }, table.name), " ", table.title));
    }
    for (const column of table.columns) {
      if (has(`${column.name} ${column.title} ${column.description}`)) {
        const link = context.link({ table: table.name, words: "" }, `${table.name}.${column.name}`);
        found.push(make("li", {}, link, " ", makeCell(column.description || column.title)));
      }
    }
  }
  return found;
}

/** The part of a text around a word. @param {string} text @param {string} word */
function passage(text, word) {
  const at = Math.max(0, fold(text).indexOf(word) - 40);
  return `${at ? "…" : ""}${text.slice(at, at + 160)}${at + 160 < text.length ? "…" : ""}`;
}

/** A text with each word marked. @param {string} text @param {string[]} words */
function mark(text, words) {
  const folded = fold(text);
  const parts = make("bdi", { dir: "auto" });
  if (folded.length !== text.length) return make("bdi", { dir: "auto" }, show(text));
  let at = 0;
  while (at < text.length) {
    const next = words.map((word) => [folded.indexOf(word, at), word.length]).filter(([start]) => start >= 0).sort((one, other) => one[0] - other[0])[0];
    if (!next) break;
    parts.append(show(text.slice(at, next[0])), make("mark", {}, show(text.slice(next[0], next[0] + next[1]))));
    at = next[0] + next[1];
  }
  parts.append(show(text.slice(at)));
  return parts;
}
