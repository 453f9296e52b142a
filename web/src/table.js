// The view of a table: rows that are filtered and sorted by links, and their CSV.
import { emptyState, FIRST_ROWS, MOST_ROWS, writeAddress } from "./address.js";
import { hasFormula } from "./csv.js";
import { make, makeCell, show } from "./dom.js";
import { TooLargeError } from "./file.js";
import { say } from "./words.js";

/** @typedef {import("./main.js").Context} Context */

const MORE = 200;

/** @param {Context} context */
export async function viewTable(context) {
  const { state, language, release } = context;
  const table = release.table(state.table ?? "");
  const selection = await release.select(table.name, state.filters, state.sort, state.rows, context.watch);
  const { count, rows, order: shown } = selection;
  const counts = { n: count.toLocaleString(language), m: table.rows.toLocaleString(language) };
  const references = await makeReferences(context, rows, shown);
  const body = shown.map((row) => make("tr", {}, ...table.columns.map(({ name }) => cell(context, rows, row, name, references))));
  return make(
    "div",
    {},
    make("h3", { id: "view", tabindex: -1 }, table.title || table.name),
    make("p", {}, context.link({ table: null }, say(language, "back"))),
    chips(context),
    filterForm(context, rows),
    make("p", { role: "status" }, say(language, count === table.rows ? "all" : "of", counts)),
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
    count > shown.length && state.rows < MOST_ROWS
      ? make("p", {}, context.link({ rows: Math.min(MOST_ROWS, state.rows + MORE) }, say(language, "more")))
      : null,
    saving(context, table, selection),
  );
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
    context.link({ sort: next }, name + mark),
  );
}

/**
 * The table that each column of a foreign key of one column leads to, with the labels of the codes in some rows.
 * @param {Context} context @param {import("./model.js").Rows} rows @param {number[]} shown
 */
export async function makeReferences({ release, language }, rows, shown) {
  /** @type {Map<string, {table: string, labels: Map<string, string>}>} */
  const found = new Map();
  for (const key of rows.table.foreignKeys) {
    if (key.fields.length !== 1) continue;
    const [name] = key.fields;
    const codes = shown.map((row) => rows.text(name, row)).filter((text) => text !== null);
    found.set(name, { table: key.table, labels: await release.labels(key.table, language, codes) });
  }
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
    const code = make("code", {}, show(text));
    const change = { table: target, row: [text] };
    const href = writeAddress(isKey ? { ...context.state, ...change } : { ...emptyState(), ...change, language: context.state.language });
    const link = make("a", { href }, code);
    return make("td", {}, link, label ? ` ${show(label)}` : null);
  }
  const edition = context.release.about.language?.column;
  const language = edition && rows.columns.has(edition) ? rows.text(edition, row) : null;
  return make("td", { class: rows.column(name).isNumeric ? "number" : null }, makeCell(text, language));
}

/** @param {Context} context */
function chips(context) {
  const { filters } = context.state;
  if (!filters.size) return null;
  const items = [...filters].map(([name, value]) => {
    const left = new Map([...filters].filter(([other]) => other !== name));
    const link = context.link({ filters: left, rows: FIRST_ROWS }, "✕");
    link.setAttribute("aria-label", say(context.language, "remove", { name }));
    return make("li", {}, `${name}: ${describe(context, value)} `, link);
  });
  return make("ul", { class: "chips", "aria-label": say(context.language, "filters") }, ...items);
}

/** @param {Context} context @param {import("./address.js").Filter} filter */
function describe({ language }, filter) {
  if (filter.kind === "missing") return say(language, "missing");
  if (filter.kind === "range") return `${show(filter.from)} – ${show(filter.to)}`;
  return show(filter.kind === "part" ? `…${filter.text}…` : filter.text);
}

/** @param {Context} context @param {import("./model.js").Rows} rows */
function filterForm(context, rows) {
  const { state, language } = context;
  const names = rows.table.columns.map(({ name }) => make("option", { value: name }, name));
  const column = /** @type {HTMLSelectElement} */ (make("select", { "aria-label": say(language, "field") }, ...names));
  const makeInput = (/** @type {string} */ word) =>
    /** @type {HTMLInputElement} */ (make("input", { "aria-label": say(language, word), placeholder: say(language, word) }));
  const part = makeInput("contains");
  const from = makeInput("from");
  const to = makeInput("to");
  const set = (/** @type {import("./address.js").Filter} */ filter) =>
    context.go({ filters: new Map(state.filters).set(column.value, filter), rows: FIRST_ROWS });
  const apply = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (from.value || to.value) set({ kind: "range", from: from.value, to: to.value });
    else if (part.value) set({ kind: "part", text: part.value });
  };
  const adapt = () => {
    const { isText } = rows.column(column.value);
    part.hidden = !isText;
    from.hidden = to.hidden = isText;
    part.value = from.value = to.value = "";
  };
  column.addEventListener("change", adapt);
  adapt();
  const missing = make("button", { type: "button", click: () => set({ kind: "missing" }) }, say(language, "only_missing"));
  const button = make("button", {}, say(language, "filter"));
  return make("form", { submit: apply, class: "filter" }, column, " ", part, " ", from, " ", to, " ", button, " ", missing);
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
    run(async (file) => navigator.clipboard?.writeText(await file.text()).then(() => (button.textContent = say(language, "copied"))));
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
