// The rows of a child table with editions side by side: a row for each remaining key and field, a column for each
// language.
import { make, makeCell, makeLabel, MOST_READ, show } from "./dom.js";
import { makeReferences } from "./table.js";
import { say } from "./words.js";

/** @typedef {import("./main.js").Context} Context @typedef {import("./model.js").Rows} Rows @typedef {import("./noticed.js").Findings} Findings */

/**
 * @param {Context} context @param {Rows} rows @param {number[]} found @param {string[]} own columns that lead to the record
 * @param {string[]} languages those of the record @param {Findings} findings
 */
export async function viewEditions(context, rows, found, own, languages, findings) {
  const { table } = rows;
  const edition = context.release.about.language.column;
  const rest = table.key.filter((name) => name !== edition && !own.includes(name));
  const references = await makeReferences(context, rows, found);
  const groups = group(rows, found, rest, edition);
  const names = table.columns.map(({ name }) => name).filter((name) => !table.key.includes(name) && !table.hidden.includes(name));
  const fields = names.length ? names : rest.slice(-1);
  const body = [];
  for (const byLanguage of groups.values()) {
    const [first] = byLanguage.values();
    const title = rest.map((name) => label(context, references, name, rows.text(name, first) ?? ""));
    const shown = fields.filter((name) => fields.length === 1 || [...byLanguage.values()].some((row) => rows.text(name, row) !== null));
    for (const [at, name] of shown.entries()) {
      body.push(line(context, { rows, byLanguage, name, title, languages, references, findings, isFirst: at === 0, isAlone: !names.length }));
    }
  }
  const heads = languages.map((each) => make("th", { scope: "col", lang: each }, nameOf(each)));
  return make("table", { class: "editions" },
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, say(context.language, "field")), ...heads)), make("tbody", {}, ...body));
}

/** The rows of each remaining key, by language. @param {Rows} rows @param {number[]} found @param {string[]} rest @param {string} edition */
function group(rows, found, rest, edition) {
  /** @type {Map<string, Map<string, number>>} */
  const groups = new Map();
  for (const row of found) {
    const key = JSON.stringify(rest.map((name) => rows.text(name, row)));
    const byLanguage = groups.get(key) ?? new Map();
    groups.set(key, byLanguage.set(rows.text(edition, row) ?? "", row));
  }
  return groups;
}

/**
 * @param {Context} context
 * @param {{rows: Rows, byLanguage: Map<string, number>, name: string, title: string[], languages: string[],
 *   references: Awaited<ReturnType<typeof makeReferences>>, findings: Findings, isFirst: boolean, isAlone: boolean}} about
 */
function line(context, { rows, byLanguage, name, title, languages, references, findings, isFirst, isAlone }) {
  const texts = languages.map((each) => {
    const row = byLanguage.get(each);
    return row === undefined ? undefined : rows.text(name, row);
  });
  const differs = isDifferent(rows, name, texts);
  const cells = languages.map((each, at) => {
    const row = byLanguage.get(each);
    const noticed = row === undefined ? null : takeNoticed(findings, rows, row, name, isFirst);
    return cell(context, texts[at], each, references.has(name) ? label(context, references, name, texts[at] ?? "") : null, noticed);
  });
  const heading = [title.join(", "), isAlone ? "" : name].filter(Boolean).join(" · ");
  const mark = differs ? make("strong", {}, ` ${say(context.language, "differs")}`) : null;
  return make("tr", { class: differs ? "differs" : null }, make("th", { scope: "row" }, show(heading), mark), ...cells);
}

/** What was noticed of a value; the first field of a row has what is said of the row. @param {Findings} findings @param {Rows} rows @param {number} row @param {string} name @param {boolean} isFirst */
function takeNoticed(findings, rows, row, name, isFirst) {
  const { table } = rows;
  const key = rows.key(row);
  if (!isFirst) return findings.take(table.name, key, name);
  const others = findings.all.filter((each) => !table.columns.some((column) => column.name === each.field));
  const ofRow = others.map((each) => findings.take(table.name, key, each.field)).filter((list) => list !== null);
  const own = findings.take(table.name, key, name);
  return own || ofRow.length ? make("div", {}, own, ...ofRow) : null;
}

/** @param {Context} context @param {string | null | undefined} text @param {string} language @param {string | null} label @param {HTMLElement | null} noticed */
function cell(context, text, language, label, noticed) {
  const attributes = { "data-language": nameOf(language) };
  if (text === undefined) return make("td", { ...attributes, class: "missing" }, say(context.language, "absent"), noticed);
  if (text === null) return make("td", { ...attributes, class: "missing" }, say(context.language, "missing"), noticed);
  const value = label && label !== text ? make("span", {}, make("code", {}, show(text)), " ", makeLabel(label, context.language)) : makeCell(text, language, MOST_READ);
  return make("td", attributes, value, noticed);
}

/** The label of a code, or the code itself. @param {Context} context @param {Awaited<ReturnType<typeof makeReferences>>} references @param {string} name @param {string} text */
function label(context, references, name, text) {
  return references.get(name)?.labels.get(text) ?? text;
}

/**
 * Whether numbers, dates, codes or presence differ; prose is shown, not compared.
 * @param {Rows} rows @param {string} name @param {(string | null | undefined)[]} texts undefined where the edition has no such row
 */
export function isDifferent(rows, name, texts) {
  if (texts.length < 2) return false;
  const present = texts.filter((text) => text !== null && text !== undefined);
  if (present.length && present.length < texts.length) return true;
  const isCode = rows.table.foreignKeys.some(({ fields }) => fields.length === 1 && fields[0] === name);
  const isProse = rows.column(name).isText && !isCode && !rows.table.compared.includes(name);
  return !isProse && new Set(present).size > 1;
}

/** The name of a language in itself. @param {string} language */
export function nameOf(language) {
  try {
    return new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
  } catch {
    return language;
  }
}
