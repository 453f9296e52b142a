// The view of a row: its columns, the rows that belong to it with editions side by side, and what was noticed.
import { writeAddress } from "./address.js";
import { make, makeCell, makeLabel, MOST_READ, show } from "./dom.js";
import { viewEditions } from "./editions.js";
import { viewEvidence } from "./evidence.js";
import { readFindings } from "./noticed.js";
import { findRoutes } from "./relations.js";
import { splitWords } from "./select.js";
import { makeReferences } from "./table.js";
import { findTitle } from "./titles.js";
import { say } from "./words.js";

/**
 * @typedef {import("./main.js").Context} Context @typedef {import("./model.js").Rows} Rows
 * @typedef {import("./noticed.js").Findings} Findings @typedef {import("./model.js").Table} Table
 * @typedef {{rows: Rows, order: number[], count: number, names: string[]}} Children rows that belong to a row by these columns
 */

const MOST_CHILDREN = 200;

/** @param {Context} context @param {Rows} rows @param {number} row */
export async function viewRecord(context, rows, row) {
  const { language, release } = context;
  const { table } = rows;
  const key = rows.key(row);
  const isEntity = table.name === release.about.entity;
  const findings = await readFindings(context, table.name, key);
  const [title, titleLanguage] = await findTitle(context, rows, row);
  const own = await ownColumns(context, rows, row, findings);
  const all = await readChildren(context, table, key, !isEntity);
  const sections = [];
  const languages = listLanguages(context, all);
  for (const children of all) {
    sections.push(await viewChildren(context, children, { key, languages, findings, isEntity, parent: { rows, row } }));
  }
  const rest = findings.takeRest();
  return make(
    "article",
    { class: context.state.only ? "record only" : "record" },
    make("h3", { id: "view", tabindex: -1, lang: title ? titleLanguage : null }, make("bdi", {}, show(title || key.join(", ")))),
    title ? make("p", {}, make("code", {}, show(key.join(", ")))) : null,
    await passing(context, table, key),
    findings.all.length ? make("p", {}, say(language, "noticed", { n: findings.all.length })) : null,
    rest.children.length ? rest : null,
    own,
    languages.length > 1 && isEntity ? onlyDifferent(context, sections.some((each) => each.querySelector(".differs"))) : null,
    sections.length && !isEntity ? make("h4", {}, say(language, "refer")) : null,
    ...sections,
    isEntity ? make("h4", {}, say(language, "cite")) : null,
    isEntity ? make("p", { class: "cite" }, `${release.about.citation} ${show(key.join(", "))}.`) : null,
  );
}

/** Links back, and to the rows before and after in the list that one came from. @param {Context} context @param {Table} table @param {string[]} key */
async function passing(context, table, key) {
  const { language, state } = context;
  const words = splitWords(state.words);
  const back = words.length
    ? make("a", { href: writeAddress({ ...state, table: null, row: null }) }, say(language, "to_results"))
    : context.link({ row: null }, table.title || table.name);
  const [before, after] = await findNeighbours(context, table, key, words);
  const links = [["previous", before], ["next", after]].flatMap(([word, other]) =>
    Array.isArray(other) ? [" · ", context.link({ row: other }, say(language, /** @type {string} */ (word)))] : [],
  );
  return make("p", { class: "passing" }, back, ...links);
}

/** @param {Context} context @param {Table} table @param {string[]} key @param {string[]} words @returns {Promise<(string[] | undefined)[]>} */
async function findNeighbours({ release, state, watch }, table, key, words) {
  if (release.isLarge(table.name)) {
    return release.ask(table.name, "around", { filters: [...state.filters], sort: state.sort, names: table.key, key }, watch);
  }
  const own = JSON.stringify(key);
  const { rows, order } = await release.select(table.name, state.filters, state.sort, Number.POSITIVE_INFINITY, watch, words);
  const at = order.findIndex((row) => JSON.stringify(rows.key(row)) === own);
  if (at < 0) return [];
  return [order[at - 1], order[at + 1]].map((row) => (row === undefined ? undefined : rows.key(row)));
}

/** @param {Context} context @param {Rows} rows @param {number} row @param {Findings} findings */
async function ownColumns(context, rows, row, findings) {
  const references = await makeReferences(context, rows, [row]);
  const key = rows.key(row);
  const items = [];
  for (const { name, title, description } of rows.table.columns) {
    if (rows.table.hidden.includes(name)) continue;
    const text = rows.text(name, row);
    const noticed = findings.take(rows.table.name, key, name);
    items.push(make("dt", { title: description || null }, title || name));
    items.push(make("dd", { class: text === null ? "missing" : null }, text === null ? say(context.language, "missing") : value(context, references, name, text), noticed));
  }
  return make("dl", { class: "own" }, ...items);
}

/** A value; a code as a link with its label. @param {Context} context @param {Awaited<ReturnType<typeof makeReferences>>} references @param {string} name @param {string} text */
function value(context, references, name, text) {
  const reference = references.get(name);
  if (!reference) return makeCell(text, null, MOST_READ);
  return make("span", {}, context.link({ table: reference.table, row: [text] }, text), " ", makeLabel(reference.labels.get(text), context.language));
}

/** The rows that belong to a row, of each table, in the order of the release. @param {Context} context @param {Table} table @param {string[]} key @param {boolean} isDirect */
async function readChildren({ release }, table, key, isDirect) {
  /** @type {Children[]} */
  const found = [];
  for (const child of release.tables.values()) {
    if (!child.rows || child.name === release.about.findings) continue;
    for (const names of findRoutes(release, child, table, isDirect)) {
      if (!release.isReadable(child.name)) continue;
      const { rows, order, count } = await release.find(child.name, names, key, MOST_CHILDREN + 1);
      if (count) found.push({ rows, order, count, names });
    }
  }
  return found;
}

/** The languages in which the rows of a record are. @param {Context} context @param {Children[]} all @returns {string[]} */
function listLanguages({ release }, all) {
  const edition = release.about.language?.column;
  if (!edition) return [];
  const own = all.filter(({ rows, count }) => rows.table.key.includes(edition) && count <= MOST_CHILDREN);
  return [...new Set(own.flatMap(({ rows, order }) => order.map((row) => rows.text(edition, row) ?? "")))].sort();
}

/** A box that leaves only the fields in which editions differ. @param {Context} context @param {boolean} areThere whether there are any */
function onlyDifferent({ language, state }, areThere) {
  const toggle = (/** @type {Event} */ event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    box.closest("article")?.classList.toggle("only", box.checked);
    history.replaceState(null, "", writeAddress({ ...state, only: box.checked }));
  };
  const box = make("label", {}, make("input", { type: "checkbox", checked: state.only, change: toggle }), ` ${say(language, "only")}`);
  return make("p", {}, box, areThere ? null : make("span", { class: "alike", role: "status" }, ` ${say(language, "alike")}`));
}

/**
 * @param {Context} context @param {Children} children
 * @param {{key: string[], languages: string[], findings: Findings, isEntity: boolean, parent: {rows: Rows, row: number}}} about
 */
async function viewChildren(context, { rows, order, count, names }, { key, languages, findings, isEntity, parent }) {
  const { table } = rows;
  const { language, release } = context;
  const isPlainKey = names.join() === parent.rows.table.key.join() || names.length > 1;
  const heading = make("h4", {}, table.title || table.name, isPlainKey ? null : make("span", { class: "quiet" }, ` ${names[0]}`));
  if (count > MOST_CHILDREN) {
    const filters = new Map(names.map((name, at) => [name, /** @type {const} */ ({ kind: "text", text: key[at] })]));
    const all = say(language, "see", { n: count.toLocaleString(language), table: table.title || table.name });
    return make("section", { class: "child" }, heading, make("p", {}, context.link({ table: table.name, row: null, filters }, all)));
  }
  const edition = release.about.language?.column;
  if (table.quotes) {
    const findClaim = (/** @type {string} */ claim) => readClaim(context, claim, parent);
    return make("section", { class: "child" }, heading, await viewEvidence(context, rows, order, names, findClaim));
  }
  const isCompared = isEntity && edition && table.key.includes(edition);
  const view = isCompared
    ? await viewEditions(context, rows, order, names, languages, findings)
    : await plain(context, rows, order, names, findings);
  const isSame = isCompared && !view.querySelector(".differs");
  return make("section", { class: `child${isCompared ? " compared" : ""}${isSame ? " same" : ""}` }, heading,
    make("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": table.title || table.name }, view));
}

/** @param {Context} context @param {Rows} rows @param {number[]} found @param {string[]} own @param {Findings} findings */
async function plain(context, rows, found, own, findings) {
  const names = rows.table.columns.map(({ name }) => name).filter((name) => !rows.table.hidden.includes(name) && !own.includes(name));
  const references = await makeReferences(context, rows, found);
  const [id] = rows.table.key;
  const body = found.map((row) =>
    make("tr", {}, ...names.map((name) => {
      const text = rows.text(name, row);
      const noticed = findings.take(rows.table.name, rows.key(row), name);
      if (text === null) return make("td", { class: "missing" }, say(context.language, "missing"), noticed);
      const isKey = name === id && rows.table.key.length === 1;
      const link = isKey ? context.link({ table: rows.table.name, row: [text] }, text) : null;
      return make("td", {}, link ?? (references.has(name) ? value(context, references, name, text) : makeCell(text)), noticed);
    })),
  );
  return make("table", { class: "rows" },
    make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name)))), make("tbody", {}, ...body));
}

/**
 * The values of a record that a text names as `table.column` or `table.entry.column`, by edition; none if it names none.
 * @param {Context} context @param {string} claim @param {{rows: Rows, row: number}} parent @returns {Promise<[string, string | null][]>}
 */
async function readClaim({ release }, claim, { rows, row }) {
  const parts = claim.split(".");
  const [name, column] = [parts[0], parts[parts.length - 1]];
  const table = release.tables.get(name);
  if (parts.length < 2 || !table?.columns.some((each) => each.name === column)) return [];
  if (name === rows.table.name) return [["", rows.text(column, row)]];
  const [names] = findRoutes(release, table, rows.table, false);
  if (!names) return [];
  const edition = release.about.language?.column;
  const rest = table.key.filter((each) => each !== edition && !names.includes(each));
  const { rows: found, order } = await release.find(name, names, rows.key(row), MOST_CHILDREN);
  const entry = parts.slice(1, -1).join(".");
  const own = order.filter((at) => rest.map((each) => found.text(each, at)).join(".") === entry);
  return own.map((at) => [edition && table.key.includes(edition) ? (found.text(edition, at) ?? "") : "", found.text(column, at)]);
}
