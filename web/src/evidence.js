// Quotes from documents: each with its stance, the value that it speaks to, and the document with the quote marked.
import { make, makeLabel, makeValue, show } from "./dom.js";
import { makeReferences } from "./table.js";
import { say } from "./words.js";

/** @typedef {import("./main.js").Context} Context @typedef {import("./model.js").Rows} Rows */

/**
 * @param {Context} context @param {Rows} rows of a table with quotes @param {number[]} found @param {string[]} own columns that
 *   lead to the record @param {(claim: string) => Promise<[string, string | null][]>} findClaim the values that a claim names, by edition
 */
export async function viewEvidence(context, rows, found, own, findClaim) {
  const quotes = /** @type {import("./model.js").Quotes} */ (rows.table.quotes);
  const references = await makeReferences(context, rows, found);
  const items = [];
  for (const row of found) {
    const quote = rows.text(quotes.quote, row) ?? "";
    const names = rows.table.columns.map(({ name }) => name).filter(
      (name) => ![quotes.quote, quotes.start, ...own, ...rows.table.hidden].includes(name) && rows.text(name, row) !== null,
    );
    const about = [];
    for (const name of names) {
      const text = rows.text(name, row) ?? "";
      const label = references.get(name)?.labels.get(text);
      const values = await findClaim(text);
      about.push(make("dt", {}, name), make("dd", {}, makeValue(text), " ", makeLabel(label, context.language), claimed(context, values)));
    }
    items.push(make("li", {}, make("blockquote", {}, makeValue(quote)), make("dl", {}, ...about), await viewDocument(context, rows, row, quotes, quote)));
  }
  return make("ol", { class: "evidence" }, ...items);
}

/** @param {Context} context @param {[string, string | null][]} values */
function claimed({ language }, values) {
  if (!values.length) return null;
  const items = values.map(([edition, text]) =>
    make("li", {}, edition ? `${edition}: ` : null, text === null ? say(language, "missing") : makeValue(text.length > 300 ? `${text.slice(0, 300)}…` : text, edition || null)),
  );
  return make("ul", { class: "claimed", "aria-label": say(language, "claimed") }, ...items);
}

/** The text of a document with a quote marked; it is read when it is opened. @param {Context} context @param {Rows} rows @param {number} row @param {import("./model.js").Quotes} quotes @param {string} quote */
async function viewDocument(context, rows, row, quotes, quote) {
  const { release, language } = context;
  const key = quotes.fields.map((name) => rows.text(name, row) ?? "");
  const start = Number(rows.text(quotes.start, row) ?? -1);
  const place = make("div", {});
  const link = context.link({ table: quotes.table, row: key }, key.join(", "));
  const open = async () => {
    if (place.firstChild) return;
    const { rows: documents, order } = await release.find(quotes.table, release.table(quotes.table).key, key, 1);
    const text = order.length ? (documents.text(quotes.text, order[0]) ?? "") : "";
    place.replaceChildren(make("p", {}, link), markQuote(text, quote, start));
    place.querySelector("mark")?.scrollIntoView({ block: "nearest" });
  };
  const details = make("details", { toggle: (event) => /** @type {HTMLDetailsElement} */ (event.target).open && open() }, make("summary", {}, say(language, "in_document")), place);
  return details;
}

/** @param {string} text @param {string} quote @param {number} start in code points */
function markQuote(text, quote, start) {
  const at = findQuote(text, quote, start);
  const whole = make("div", { class: "document", dir: "auto", tabindex: 0, role: "region", "aria-label": quote.slice(0, 80) });
  if (at < 0) whole.append(show(text));
  else whole.append(show(text.slice(0, at)), make("mark", {}, show(quote)), show(text.slice(at + quote.length)));
  return whole;
}

/** Where a quote begins in a text, as JavaScript counts; -1 if it is not there. @param {string} text @param {string} quote @param {number} start in code points */
export function findQuote(text, quote, start) {
  let at = 0;
  for (let passed = 0; passed < start && at < text.length; passed++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return start >= 0 && text.startsWith(quote, at) ? at : text.indexOf(quote);
}
