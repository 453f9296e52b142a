// The search of all tables: those in the page at once, the large ones when they are asked for.
import { make, makeCell, show } from "./dom.js";
import { findRoutes, findSubject } from "./relations.js";
import { findWords, fold, splitWords } from "./select.js";
import { StoppedError } from "./large.js";
import { readTitle } from "./titles.js";
import { say } from "./words.js";

/** @typedef {import("./main.js").Context} Context @typedef {import("./model.js").Rows} Rows @typedef {import("./model.js").Table} Table */

const FEW = 5;
const MOST_PASSAGE = 160;

/** All words anywhere in a row; the dictionary first, in which codes stand with their labels. @param {Context} context */
export async function viewSearch(context) {
  const { language, state, release } = context;
  const words = splitWords(state.words);
  const groups = [];
  const told = searchDictionary(context, words);
  let total = told.length;
  /** @type {{items: HTMLElement[], count: number}} */
  const codes = { items: [], count: 0 };
  for (const table of release.embedded) {
    await context.rest();
    if (context.watch.signal?.aborted) return null;
    const found = await release.search(table.name, words, FEW);
    total += found.count;
    if (!found.count) continue;
    if (table.group === "codelists") {
      codes.items.push(...viewCodes(context, table, found, words));
      codes.count += found.count;
    } else groups.push(await viewHits(context, table, found, words));
  }
  if (told.length + codes.count) groups.unshift(makeDictionary(context, told, codes));
  const status = total ? say(language, "results", { n: total.toLocaleString(language) }) : say(language, "nothing");
  const heading = make("h3", { id: "view", tabindex: -1 }, say(language, "results_of", { words: show(state.words) }));
  return make("div", {}, heading, make("p", { role: "status", class: "count" }, status), ...groups, offerLarge(context, words));
}

/** @param {string} title @param {number} count @param {HTMLElement[]} items @param {string} language @param {HTMLElement | null} all */
function makeGroup(title, count, items, language, all = null) {
  return make("section", {}, make("h3", {}, `${title} (${count.toLocaleString(language)})`), make("ul", {}, ...items), all);
}

/** @param {Context} context @param {Table} table @param {{count: number, rows: Rows, hits: {row: number, column: string}[]}} found @param {string[]} words */
async function viewHits(context, table, { count, rows, hits }, words) {
  const { language, release, state } = context;
  const items = [];
  for (const { row, column } of hits) {
    const target = findTarget(context, rows, row);
    const link = context.link({ ...target, words: state.words }, rows.key(row).join(", ") || table.name);
    const [title, spoken] = target.row && target.table === release.about.entity ? await readTitle(context, target.row) : [null, null];
    const isTitle = title === rows.text(column, row);
    const named = title && !isTitle ? [" ", make("bdi", { lang: spoken, class: "title" }, show(title))] : [];
    const place = table.key.includes(column) ? [] : [make("span", { class: "quiet" }, `${column}: `)];
    items.push(make("li", {}, link, ...named, " ", ...place, mark(rows.text(column, row) ?? "", words)));
  }
  const title = table.title || table.name;
  return makeGroup(title, count, items, language, count > FEW && !release.isLarge(table.name) ? makeAll(context, table, count) : null);
}

/** A link to all rows of a table that hold the words. @param {Context} context @param {Table} table @param {number} count */
function makeAll({ language, state, link }, table, count) {
  const text = say(language, "see", { n: count.toLocaleString(language), table: table.title || table.name });
  return make("p", {}, link({ table: table.name, words: state.words }, text));
}

/** Where a row leads: to the record that it belongs to or speaks of, else to itself. @param {Context} context @param {Rows} rows @param {number} row @returns {{table: string, row: string[] | null}} */
function findTarget({ release }, rows, row) {
  const { table } = rows;
  const subject = table.name === release.about.findings ? findSubject(release, rows, row) : null;
  if (subject) return subject;
  const entity = release.table(release.about.entity);
  const [names] = table.group === "codelists" || table === entity ? [] : findRoutes(release, table, entity, false);
  const key = names?.every((name) => rows.columns.has(name)) ? names.map((name) => rows.text(name, row)) : [null];
  if (key.every((text) => text !== null)) return { table: entity.name, row: /** @type {string[]} */ (key) };
  return { table: table.name, row: rows.key(row).length ? rows.key(row) : null };
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
      section.append(await viewHits(context, table, found, words));
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

/** Tables and columns, then codes: the first of both. @param {Context} context @param {HTMLElement[]} told @param {{items: HTMLElement[], count: number}} codes */
function makeDictionary({ language }, told, codes) {
  const most = Math.max(FEW - codes.items.length, Math.ceil(FEW / 2));
  const shown = [...told.slice(0, most), ...codes.items].slice(0, FEW);
  const rest = [...told, ...codes.items].filter((item) => !shown.includes(item));
  const more = rest.length ? make("details", {}, make("summary", {}, say(language, "more_items")), make("ul", {}, ...rest)) : null;
  return makeGroup(say(language, "dictionary"), told.length + codes.count, shown, language, more);
}

/** Codes with their labels, and where the words stand if not in these. @param {Context} context @param {Table} table @param {{count: number, rows: Rows, hits: {row: number, column: string}[]}} found @param {string[]} words */
function viewCodes(context, table, { count, rows, hits }, words) {
  const { language } = context;
  const label = new Map(Object.entries(table.labels)).get(language) ?? "";
  const items = hits.map(({ row, column }) => {
    const key = rows.key(row);
    const link = context.link({ table: table.name, row: key, words: context.state.words }, key.join(", "));
    const named = label ? [" ", make("span", { lang: language }, mark(rows.text(label, row) ?? "", words))] : [];
    const isTold = column === label || table.key.includes(column);
    const where = isTold ? [] : [": ", mark(rows.text(column, row) ?? "", words)];
    return make("li", {}, link, ...named, ` · ${table.title || table.name}`, ...where);
  });
  return count > FEW ? [...items, make("li", {}, makeAll(context, table, count))] : items;
}

/** @param {Context} context @param {string[]} words */
function searchDictionary(context, words) {
  const found = [];
  for (const table of context.release.tables.values()) {
    const has = (/** @type {string} */ text) => words.every((word) => fold(text).includes(word));
    if (has(`${table.name} ${table.title} ${table.description}`)) {
      found.push(make("li", {}, context.link({ table: table.name, words: "" }, table.name), " ", mark(table.title, words)));
    }
    for (const column of table.columns) {
      if (has(`${column.name} ${column.title} ${column.description}`)) {
        const link = context.link({ table: table.name, words: "" }, `${table.name}.${column.name}`);
        found.push(make("li", {}, link, " ", mark(column.description || column.title, words)));
      }
    }
  }
  return found;
}

/** The part of a text around the first of some words, with each of them marked. @param {string} text @param {string[]} words */
function mark(text, words) {
  const first = text.length > MOST_PASSAGE ? (findWords(text, words.slice(0, 1))[0]?.[0] ?? 0) : 0;
  const start = Math.max(0, first - 40);
  const end = text.length > MOST_PASSAGE ? start + MOST_PASSAGE : text.length;
  const part = text.slice(start, end);
  const parts = make("bdi", { dir: "auto" }, start ? "…" : null);
  let at = 0;
  for (const [from, to] of findWords(part, words)) {
    parts.append(show(part.slice(at, from)), make("mark", {}, show(part.slice(from, to))));
    at = to;
  }
  parts.append(show(part.slice(at)), end < text.length ? "…" : "");
  return parts;
}
