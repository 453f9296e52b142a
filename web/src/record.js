// The view of a row: its columns, the rows that belong to it with editions side by side, and what was noticed.
import { make, makeCell, makeValue, show } from "./dom.js";
import { say } from "./words.js";

/** @typedef {import("./main.js").Context} Context @typedef {import("./model.js").Rows} Rows */

const MOST_CHILDREN = 200;

/** @param {Context} context @param {Rows} rows @param {number} row */
export async function viewRecord(context, rows, row) {
  const { release, language } = context;
  const key = rows.key(row);
  const title = await findTitle(context, rows, row);
  const parts = [
    make("h3", { id: "view", tabindex: -1, lang: title ? language : null }, title || key.join(", ")),
    make(
      "p",
      {},
      context.link({ row: null, table: rows.table.name }, rows.table.title || rows.table.name),
      row > 0 ? " · " : null,
      row > 0 ? context.link({ row: rows.key(row - 1) }, say(language, "previous")) : null,
      row + 1 < rows.count ? " · " : null,
      row + 1 < rows.count ? context.link({ row: rows.key(row + 1) }, say(language, "next")) : null,
    ),
    await ownColumns(context, rows, row),
    await noticed(context, key),
  ];
  const isEntity = rows.table.name === release.about.entity;
  const sections = [];
  for (const table of release.tables.values()) {
    const children = await findChildren(context, table, rows.table, key);
    if (children) sections.push(await viewChildren(context, children.rows, children.found));
  }
  if (sections.some((section) => section.querySelector(".differs"))) parts.push(onlyDifferent(language));
  if (sections.length && !isEntity) parts.push(make("p", {}, make("strong", {}, say(language, "refer"))));
  parts.push(...sections);
  if (isEntity) {
    parts.push(make("h4", {}, say(language, "cite")), make("p", {}, `${release.about.citation} ${key.join(", ")}.`));
  }
  return make("div", {}, ...parts);
}

/** A box that leaves only the fields in which editions differ. @param {string} language */
function onlyDifferent(language) {
  const toggle = (/** @type {Event} */ event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    box.closest(".view")?.classList.toggle("only", box.checked);
  };
  return make("p", {}, make("label", {}, make("input", { type: "checkbox", change: toggle }), ` ${say(language, "only")}`));
}

/** @param {Context} context @param {Rows} rows @param {number} row */
async function findTitle({ release, language }, rows, row) {
  const { titles, entity } = release.about;
  if (!titles || rows.table.name !== entity) return null;
  if (titles.table === entity) return rows.text(titles.column, row);
  const texts = await release.load(titles.table);
  const found = texts.find(rows.table.key, rows.key(row));
  const own = found.find((at) => texts.text(titles.language, at) === language) ?? found[0];
  return own === undefined ? null : texts.text(titles.column, own);
}

/** @param {Context} context @param {Rows} rows @param {number} row */
async function ownColumns(context, rows, row) {
  const items = [];
  for (const { name, description } of rows.table.columns) {
    if (rows.table.hidden.includes(name)) continue;
    const text = rows.text(name, row);
    items.push(make("dt", { title: description || null }, name));
    items.push(make("dd", {}, text === null ? say(context.language, "missing") : await makeReference(context, rows, name, text)));
  }
  return make("dl", {}, ...items);
}

/** A value, as a link with its label where it is a code. @param {Context} context @param {Rows} rows @param {string} name @param {string} text */
async function makeReference(context, rows, name, text) {
  const reference = rows.table.foreignKeys.find(({ fields }) => fields.length === 1 && fields[0] === name);
  if (!reference) return makeValue(text);
  const label = await context.release.label(reference.table, text, context.language);
  return make("span", {}, context.link({ table: reference.table, row: [text] }, text), label ? ` ${show(label)}` : null);
}

/** The rows of a table that belong to a row, by the foreign keys that lead there. @param {Context} context @param {import("./model.js").Table} table @param {import("./model.js").Table} parent @param {string[]} key */
async function findChildren(context, table, parent, key) {
  if (table.name === parent.name || table.group === "codelists") return null;
  const direct = table.foreignKeys.find(
    (each) => each.table === parent.name && each.columns.join() === parent.key.join(),
  );
  const names = direct ? direct.fields : parent.key.every((name) => table.key.includes(name)) ? parent.key : null;
  if (!names || !context.release.embedded.includes(table)) return null;
  const rows = await context.release.load(table.name);
  const found = rows.find(names, key);
  return found.length ? { rows, found } : null;
}

/** @param {Context} context @param {Rows} rows @param {number[]} found */
async function viewChildren(context, rows, found) {
  const { table } = rows;
  const edition = context.release.about.language?.column;
  const heading = make("h4", {}, table.title || table.name);
  if (found.length > MOST_CHILDREN) {
    const all = say(context.language, "see", { n: found.length, table: table.name });
    return make("section", {}, heading, make("p", {}, context.link({ table: table.name, row: null }, all)));
  }
  const isCompared = edition && table.key.includes(edition);
  return make("section", {}, heading, isCompared ? sideBySide(context, rows, found, edition) : plain(context, rows, found));
}

/** @param {Context} context @param {Rows} rows @param {number[]} found */
function plain(context, rows, found) {
  const names = rows.table.columns.map(({ name }) => name).filter((name) => !rows.table.hidden.includes(name));
  const body = found.map((row) =>
    make("tr", {}, ...names.map((name) => {
      const text = rows.text(name, row);
      return text === null ? make("td", { class: "missing" }, say(context.language, "missing")) : make("td", {}, makeCell(text));
    })),
  );
  return region(rows, make("table", { class: "rows" },
    make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name)))), make("tbody", {}, ...body)));
}

/** One row for each remaining key and field, one column for each language. @param {Context} context @param {Rows} rows @param {number[]} found @param {string} edition */
function sideBySide(context, rows, found, edition) {
  const { table } = rows;
  const { entity } = context.release.about;
  const ofEntity = context.release.tables.get(entity)?.key ?? [];
  const rest = table.key.filter((name) => name !== edition && !ofEntity.includes(name));
  const languages = [...new Set(found.map((row) => rows.text(edition, row) ?? ""))].sort();
  /** @type {Map<string, Map<string, number>>} */
  const groups = new Map();
  for (const row of found) {
    const key = rest.map((name) => rows.text(name, row) ?? "").join(", ");
    const group = groups.get(key) ?? new Map();
    groups.set(key, group.set(rows.text(edition, row) ?? "", row));
  }
  const names = table.columns.map(({ name }) => name).filter((name) => !table.key.includes(name) && !table.hidden.includes(name));
  const fields = names.length ? names : rest.slice(-1);
  const body = [];
  for (const [key, group] of groups) {
    for (const name of fields) {
      const texts = languages.map((each) => {
        const row = group.get(each);
        return row === undefined ? undefined : rows.text(name, row);
      });
      if (texts.every((text) => text === null || text === undefined) && names.length) continue;
      const differs = isDifferent(rows, name, texts);
      body.push(make("tr", { class: differs ? "differs" : null },
        make("th", { scope: "row" }, key ? `${key} ` : "", make("code", {}, name), differs ? make("strong", {}, ` ${say(context.language, "differs")}`) : null),
        ...texts.map((text, at) => make("td", { lang: languages[at], "data-language": languages[at], class: text === null || text === undefined ? "missing" : null },
          text === null || text === undefined ? say(context.language, "missing") : makeCell(text, languages[at])))));
    }
  }
  const head = make("tr", {}, make("th", { scope: "col" }, say(context.language, "field")), ...languages.map((each) => make("th", { scope: "col" }, each)));
  return region(rows, make("table", { class: "editions" }, make("thead", {}, head), make("tbody", {}, ...body)));
}

/** Whether numbers, dates, codes or presence differ; prose is shown, not compared. @param {Rows} rows @param {string} name @param {(string | null | undefined)[]} texts */
function isDifferent(rows, name, texts) {
  if (texts.length < 2) return false;
  const present = texts.filter((text) => text !== null && text !== undefined);
  if (present.length && present.length < texts.length) return true;
  const isCode = rows.table.foreignKeys.some(({ fields }) => fields.length === 1 && fields[0] === name);
  const isProse = rows.column(name).isText && !isCode && !rows.table.compared.includes(name);
  return !isProse && new Set(present).size > 1;
}

/** @param {Rows} rows @param {HTMLElement} table */
function region(rows, table) {
  return make("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": rows.table.name }, table);
}

/** The findings on a record: those whose key begins with its own. @param {Context} context @param {string[]} key */
async function noticed(context, key) {
  const name = context.release.about.findings;
  const table = name && context.release.tables.get(name);
  if (!table || !table.columns.some((/** @type {import("./model.js").Field} */ column) => column.name === "key") || !context.release.embedded.includes(table)) return null;
  const rows = await context.release.load(name);
  const own = key.join(", ");
  const items = [];
  for (let row = 0; row < rows.count; row++) {
    const of = rows.text("key", row) ?? "";
    if (of !== own && !of.startsWith(`${own}, `)) continue;
    const where = [rows.text("path", row), rows.text("line", row)].filter(Boolean).join(":");
    items.push(make("li", {}, make("code", {}, rows.text("rule", row) ?? ""), " ", show(rows.text("message", row) ?? ""), make("span", { class: "quiet" }, ` ${where}`)));
  }
  return items.length ? make("section", { class: "doubt" }, make("h4", {}, say(context.language, "findings")), make("ul", {}, ...items)) : null;
}
