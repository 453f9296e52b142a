// The view of a table: rows that are filtered and sorted by links, and their CSV.
import { emptyState, FIRST_ROWS, MOST_ROWS, writeAddress } from "./address.js";
import { hasFormula } from "./csv.js";
import { make, makeLabel, makeTableCell, show } from "./dom.js";
import { TooLargeError } from "./file.js";
import { copyText } from "./page.js";
import { viewPanel } from "./panel.js";
import { findRoutes, findSubject } from "./relations.js";
import { splitWords } from "./select.js";
import { say } from "./words.js";

/** @typedef {import("./main.js").Context} Context */

const MORE = 200;
/** The link to more rows; from it the focus goes to the first of them. */
const MORE_LINK = "more rows";

/** @param {Context} context */
export async function viewTable(context) {
  const { state, language, release } = context;
  const table = release.table(state.table ?? "");
  const selection = await release.select(table.name, state.filters, state.sort, state.rows, context.watch, splitWords(state.words));
  const { count, rows, order: shown } = selection;
  const counts = { n: count.toLocaleString(language), m: table.rows.toLocaleString(language) };
  const references = await makeReferences(context, rows, shown);
  const body = [];
  for (const row of shown) {
    await context.rest();
    body.push(make("tr", {}, ...table.columns.map(({ name }) => cell(context, rows, row, name, references))));
  }
  return make(
    "div",
    {},
    make("h3", { id: "view", tabindex: -1 }, table.title || table.name),
    make("p", {}, context.link({ table: null }, say(language, "back"))),
    await viewChips(context, table),
    make("p", { role: "status", class: "count" }, say(language, count === table.rows ? "all" : "of", counts)),
    await viewPanel(context, table),
    make(
      "div",
      { class: "scroll", role: "region", tabindex: 0, "aria-label": table.name },
      make(
        "table",
        { class: "rows" },
        make("thead", {}, make("tr", {}, ...table.columns.map(({ name }) => heading(context, name)))),
        make("tbody", {}, ...body),
      ),
    ),
    count > shown.length ? moreRows(context) : null,
    saving(context, table, selection),
  );
}

/** A link to more rows, or the word that there are no more here. @param {Context} context */
function moreRows({ state, language, link }) {
  if (state.rows >= MOST_ROWS) return make("p", { class: "quiet" }, say(language, "most", { n: MOST_ROWS.toLocaleString(language) }));
  return make("p", {}, stay(link({ rows: Math.min(MOST_ROWS, state.rows + MORE) }, say(language, "more")), MORE_LINK));
}

/** Names a link that keeps the focus when the view is drawn again. @param {HTMLElement} link @param {string} name */
function stay(link, name) {
  link.dataset.stay = name;
  return link;
}

/** @param {Context} context @param {string} name */
function heading(context, name) {
  const { sort } = context.state;
  const isUp = sort?.column === name && !sort.down;
  const isDown = sort?.column === name && sort.down;
  const next = isDown ? null : { column: name, down: isUp };
  const mark = isUp ? " ▲" : isDown ? " ▼" : "";
  return make(
    "th",
    { scope: "col", "aria-sort": isUp ? "ascending" : isDown ? "descending" : "none" },
    stay(context.link({ sort: next }, name + mark), `sort ${name}`),
  );
}

/**
 * The table that each column of a foreign key of one column leads to, with the labels of the codes in some rows. The
 * column that leads to a record leads there, also as a part of a longer key.
 * @param {Context} context @param {import("./model.js").Rows} rows @param {number[]} shown
 */
export async function makeReferences({ release, language }, rows, shown) {
  /** @type {Map<string, {table: string, labels: Map<string, string>}>} */
  const found = new Map();
  for (const key of rows.table.foreignKeys) {
    if (key.fields.length !== 1) continue;
    const [name] = key.fields;
    const codes = shown.map((row) => rows.text(name, row)).filter((text) => text !== null);
    found.set(name, { table: key.table, labels: await release.labelsOf(rows.table, name, language, codes) });
  }
  const entity = release.table(release.about.entity);
  const [route = []] = rows.table === entity || rows.table.group === "codelists" ? [] : findRoutes(release, rows.table, entity, false);
  if (route.length === 1 && !found.has(route[0])) found.set(route[0], { table: entity.name, labels: new Map() });
  return found;
}

/** @param {Context} context @param {import("./model.js").Rows} rows @param {number} row @param {string} name @param {Awaited<ReturnType<typeof makeReferences>>} references */
function cell(context, rows, row, name, references) {
  const text = rows.text(name, row);
  if (text === null) return make("td", { class: "missing" }, say(context.language, "missing"));
  const reference = references.get(name);
  const isKey = rows.table.key.length === 1 && rows.table.key[0] === name;
  if (reference || isKey) {
    const target = reference && !isKey ? reference.table : rows.table.name;
    const label = reference?.labels.get(text);
    const parts = [make("code", {}, show(text)), ...(label ? [" ", makeLabel(label, context.language)] : [])];
    const change = { table: target, row: [text] };
    const href = writeAddress(isKey ? { ...context.state, ...change } : { ...emptyState(), ...change, language: context.state.language });
    return make("td", {}, make("a", { href }, ...parts));
  }
  const subject = name === "key" && rows.table.name === context.release.about.findings ? findSubject(context.release, rows, row) : null;
  if (subject) return make("td", {}, context.link(subject, text));
  const edition = context.release.about.language?.column;
  const language = edition && rows.columns.has(edition) ? rows.text(edition, row) : null;
  return makeTableCell(text, language, rows.column(name).isNumeric);
}

/** The filters, each with a way to take it off. @param {Context} context @param {import("./model.js").Table} table */
async function viewChips(context, table) {
  const { release, language, state } = context;
  const { filters } = state;
  if (!filters.size && !state.words) return null;
  const items = [];
  if (state.words) {
    const link = stay(context.link({ words: "", rows: FIRST_ROWS }, "✕"), "remove words");
    link.setAttribute("aria-label", say(language, "remove", { name: say(language, "words") }));
    items.push(make("li", {}, `${say(language, "words")}: `, make("bdi", {}, show(state.words)), " ", link));
  }
  for (const [name, filter] of filters) {
    const left = new Map([...filters].filter(([other]) => other !== name));
    const link = stay(context.link({ filters: left, rows: FIRST_ROWS }, "✕"), `remove ${name}`);
    link.setAttribute("aria-label", say(language, "remove", { name: show(name) }));
    const labels = filter.kind === "text" ? await release.labelsOf(table, name, language, [filter.text]) : new Map();
    items.push(make("li", {}, `${show(name)}: `, make("bdi", {}, describe(context, filter)), " ", makeLabel(labels.get(filter.kind === "text" ? filter.text : ""), language), " ", link));
  }
  return make("ul", { class: "chips", "aria-label": say(language, "filters") }, ...items);
}

/** @param {Context} context @param {import("./address.js").Filter} filter */
function describe({ language }, filter) {
  if (filter.kind === "missing") return say(language, "missing");
  if (filter.kind === "range") return `${show(filter.from)} – ${show(filter.to)}`;
  return show(filter.kind === "part" ? `…${filter.text}…` : filter.text);
}

/** @param {Context} context @param {import("./model.js").Table} table @param {import("./model.js").Selection} selection */
function saving(context, table, { count, rows, order, save }) {
  const { language, release, state } = context;
  const note = make("span", { role: "status" }, hasFormula(rows, order) ? ` ${say(language, "formula")}` : null);
  const run = async (/** @type {(file: Blob) => unknown} */ give) => {
    if (release.isLarge(table.name)) note.textContent = ` ${say(language, "saving")}`;
    try {
      const { file, formula } = await save(context.watch);
      await give(file);
      note.textContent = formula ? ` ${say(language, "formula")}` : "";
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      note.textContent = ` ${error instanceof TooLargeError ? say(language, "too_large", { path: table.csv }) : say(language, "failed", { why: show(why) })}`;
    }
  };
  const copy = (/** @type {Event} */ event) => {
    const button = /** @type {HTMLElement} */ (event.target);
    run(async (file) => {
      button.textContent = say(language, (await copyText(await file.text())) ? "copied" : "not_copied");
    });
  };
  const isWhole = release.isLarge(table.name) && count === table.rows && !state.sort;
  const button = make("button", { click: () => run((file) => download(file, `${table.name}.csv`)) }, say(language, "save"));
  const link = make("a", { href: table.csv.split("/").map(encodeURIComponent).join("/"), download: true }, say(language, "save"));
  const isShort = !release.isLarge(table.name) || count <= MOST_ROWS;
  return make("p", {}, isShort ? make("button", { click: copy }, say(language, "copy")) : null, " ", isWhole ? link : button, note);
}

/** @param {Blob} file @param {string} name */
function download(file, name) {
  const address = URL.createObjectURL(file);
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
