// The view of a table: rows that are filtered and sorted by links, and their CSV.
import { emptyState, FIRST_ROWS, MOST_ROWS, writeAddress } from "./address.js";
import { hasFormula, writeCsv } from "./csv.js";
import { make, makeCell, show } from "./dom.js";
import { selectRows, sortRows } from "./select.js";
import { say } from "./words.js";

/** @typedef {import("./main.js").Context} Context */

const MORE = 200;

/** @param {Context} context @param {import("./model.js").Rows} rows */
export async function viewTable(context, rows) {
  const { state, language } = context;
  const { table } = rows;
  const order = sortRows(rows, selectRows(rows, state.filters), state.sort);
  const shown = order.slice(0, state.rows);
  const counts = { n: order.length.toLocaleString(language), m: rows.count.toLocaleString(language) };
  const references = await makeReferences(context, table);
  const body = shown.map((row) => make("tr", {}, ...table.columns.map(({ name }) => cell(context, rows, row, name, references))));
  return make(
    "div",
    {},
    make("h3", { id: "view", tabindex: -1 }, table.title || table.name),
    make("p", {}, context.link({ table: null }, say(language, "back"))),
    chips(context),
    filterForm(context, rows),
    make("p", { role: "status" }, say(language, order.length === rows.count ? "all" : "of", counts)),
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
    order.length > shown.length
      ? make("p", {}, context.link({ rows: Math.min(MOST_ROWS, state.rows + MORE) }, say(language, "more")))
      : null,
    saving(context, rows, order),
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

/** The table that each column of a foreign key of one column leads to, with the labels of its codes. @param {Context} context @param {import("./model.js").Table} table */
async function makeReferences({ release, language }, table) {
  /** @type {Map<string, {table: string, labels: Map<string, string>}>} */
  const found = new Map();
  for (const key of table.foreignKeys) {
    if (key.fields.length !== 1) continue;
    const target = release.tables.get(key.table);
    const labels = new Map();
    const column = target?.labels[language];
    if (target && column) {
      const rows = await release.load(target.name);
      for (let row = 0; row < rows.count; row++) labels.set(rows.key(row)[0], rows.text(column, row) ?? "");
    }
    found.set(key.fields[0], { table: key.table, labels });
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
    const link = make("a", { href: writeAddress({ ...emptyState(), table: target, row: [text], language: context.state.language }) }, code);
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

/** @param {Context} context @param {import("./model.js").Rows} rows @param {number[]} order */
function saving({ language }, rows, order) {
  const copy = (/** @type {Event} */ event) => {
    const button = /** @type {HTMLElement} */ (event.target);
    navigator.clipboard?.writeText(writeCsv(rows, order)).then(() => (button.textContent = say(language, "copied")));
  };
  const save = () => {
    const file = URL.createObjectURL(new Blob([writeCsv(rows, order)], { type: "text/csv" }));
    make("a", { href: file, download: `${rows.table.name}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(file), 10_000);
  };
  return make(
    "p",
    {},
    make("button", { click: copy }, say(language, "copy")),
    " ",
    make("button", { click: save }, say(language, "save")),
    hasFormula(rows, order) ? ` ${say(language, "formula")}` : null,
  );
}
