// The filter panel of a table: of each column the rows that are selected beside all rows, and ways to select fewer.
import { FIRST_ROWS } from "./address.js";
import { make, makeLabel, show } from "./dom.js";
import { writeSize } from "./search.js";
import { splitWords } from "./select.js";
import { say } from "./words.js";

/**
 * @typedef {import("./main.js").Context} Context @typedef {import("./model.js").Table} Table
 * @typedef {import("./model.js").Field} Field @typedef {import("./address.js").Filter} Filter
 * @typedef {import("./statistics.js").Summary} Summary
 * @typedef {(column: string, isRead: boolean) => Promise<Summary | null>} Summarize
 */

const FEW = 6;
export const NUMBERS = new Set(["integer", "number", "year"]);
const TIMES = new Set(["date", "datetime", "time", "yearmonth"]);

/** @param {Context} context @param {Table} table */
export async function viewPanel(context, table) {
  const { language, memory } = context;
  const place = make("div", { class: "facets", role: "region", tabindex: 0, "aria-label": say(language, "panel") });
  const fill = async () => {
    if (!place.firstChild) await fillPanel(context, table, place);
  };
  if (memory.isPanelOpen) await fill();
  const toggle = (/** @type {Event} */ event) => {
    memory.isPanelOpen = /** @type {HTMLDetailsElement} */ (event.target).open;
    if (memory.isPanelOpen) fill();
  };
  const summary = make("summary", { "data-stay": "panel" }, say(language, "panel"));
  const details = make("details", { class: "panel", open: memory.isPanelOpen }, summary, place);
  // A details that is open from the beginning tells so, too: of itself only, not of those in it.
  details.addEventListener("toggle", (event) => event.target === details && toggle(event));
  return details;
}

/** @param {Context} context @param {Table} table @param {HTMLElement} place */
async function fillPanel(context, table, place) {
  const { release, state, watch } = context;
  const summarizeColumn = await release.summarize(table.name, state.filters, splitWords(state.words), watch);
  const sections = [];
  for (const [number, field] of table.columns.entries()) {
    await context.rest();
    if (watch.signal?.aborted) return;
    const section = make("section", { class: "facet", "aria-labelledby": `facet-${number}` });
    await fillFacet(context, table, field, section, number, summarizeColumn, false);
    sections.push(section);
  }
  place.replaceChildren(...sections);
}

/** @param {Context} context @param {Table} table @param {Field} field @param {HTMLElement} section @param {number} number @param {Summarize} summarizeColumn @param {boolean} isRead */
async function fillFacet(context, table, field, section, number, summarizeColumn, isRead) {
  const { release, language } = context;
  const summary = await summarizeColumn(field.name, isRead);
  // Of values that all differ nothing is to be counted.
  const isKnown = summary && !summary.quartiles[1] && summary.distinct[1] === summary.rows[1];
  const isPartial = release.isLarge(table.name) && !isRead && !isKnown;
  const parts = summary ? await viewSummary(context, table, field, summary) : [];
  const title = make("h4", { id: `facet-${number}`, title: field.description || null }, show(field.title || field.name));
  section.replaceChildren(title, ...parts, ...makeForms(context, field, number),
    ...(isPartial ? [await offerReading(context, table, field, (own) => fillFacet(context, table, field, section, number, own, true), summarizeColumn)] : []));
}

/** What it takes to count the values of a column of a large table. @param {Context} context @param {Table} table @param {Field} field @param {(own: Summarize) => Promise<void>} read @param {Summarize} summarizeColumn */
async function offerReading({ release, language }, table, field, read, summarizeColumn) {
  const size = writeSize(await release.measure(table.name, [field.name]), language);
  const run = async (/** @type {Event} */ event) => {
    const button = /** @type {HTMLButtonElement} */ (event.target);
    const section = button.closest("section");
    button.textContent = say(language, "reading");
    try {
      await read(summarizeColumn);
      /** @type {HTMLElement | null | undefined} */ (section?.querySelector("a, input"))?.focus();
    } catch (error) {
      button.textContent = say(language, "failed", { why: show(error instanceof Error ? error.message : String(error)) });
    }
  };
  return make("p", {}, make("button", { type: "button", click: run, "data-stay": `count ${field.name}` }, say(language, "count", { size })));
}

/** @param {Context} context @param {Table} table @param {Field} field @param {Summary} summary */
async function viewSummary(context, table, field, summary) {
  const { language } = context;
  const head = make("tr", {}, make("td", {}), ...["selected", "all_rows"].map((word) => make("th", { scope: "col", class: "number" }, say(language, word))));
  const labels = await context.release.labelsOf(table, field.name, language, summary.values.map(([text]) => text));
  const lines = summary.values.map((each) => valueLine(context, field, each, labels));
  const rows = [
    ...lines.slice(0, FEW),
    ...(summary.quartiles[1] ? ["lowest", "median", "highest"].map((word, at) => line(context, word, quartile(summary, 0, 2 * at), quartile(summary, 1, 2 * at))) : []),
    line(context, "distinct", ...pair(context, summary.distinct)),
    missingLine(context, field, summary),
  ];
  const isLengths = summary.quartiles[1] && summary.distinct[1] === null;
  return [
    isLengths ? make("p", { class: "quiet" }, say(language, "lengths")) : null,
    summary.bars ? drawBars(summary.bars) : null,
    make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows.filter((row) => row !== null))),
    lines.length > FEW ? moreValues(context, field, lines.slice(FEW), summary.rest) : null,
  ].filter((part) => part !== null);
}

/** @param {Summary} summary @param {0 | 1} side @param {number} at */
const quartile = (summary, side, at) => summary.quartiles[side]?.[at] ?? "";

/** @param {Context} context @param {[number | null, number | null]} numbers @returns {[string, string]} */
function pair({ language }, numbers) {
  const [selected, all] = numbers.map((number) => number?.toLocaleString(language) ?? "");
  return [selected, all];
}

/** @param {Context} context @param {string} word @param {string} selected @param {string} all */
function line({ language }, word, selected, all) {
  if (!all) return null;
  return make("tr", {}, make("th", { scope: "row" }, say(language, word)), make("td", { class: "number" }, show(selected)), make("td", { class: "number" }, show(all)));
}

/** A link that sets the filter of a column, or takes it off where it is set. @param {Context} context @param {string} name @param {Filter} filter @param {string} stay @param {...(Node | string | null)} content */
function choose(context, name, filter, stay, ...content) {
  const { filters } = context.state;
  const isSet = JSON.stringify(filters.get(name)) === JSON.stringify(filter);
  const others = [...filters].filter(([other]) => other !== name);
  const change = { filters: new Map(isSet ? others : [...filters, [name, filter]]), rows: FIRST_ROWS };
  const link = context.link(change, "");
  link.replaceChildren(...content.filter((part) => part !== null));
  link.dataset.stay = `${stay} ${name}`;
  if (isSet) link.setAttribute("aria-current", "true");
  return link;
}

/** @param {Context} context @param {Field} field @param {[string, number | null, number]} value @param {Map<string, string>} labels */
function valueLine(context, field, [text, selected, all], labels) {
  const label = labels.get(text);
  const shown = text.length > 80 ? `${[...text.slice(0, 80)].slice(0, -1).join("")}…` : text;
  const code = label ? make("code", {}, show(shown)) : make("bdi", { dir: "auto" }, shown ? show(shown) : say(context.language, "empty"));
  const content = label ? [makeLabel(label, context.language), " ", code] : [code];
  const link = choose(context, field.name, { kind: "text", text }, `value ${text}`, ...content);
  return make("tr", {}, make("th", { scope: "row" }, link), ...pair(context, [selected, all]).map((each) => make("td", { class: "number" }, each)));
}

/** @param {Context} context @param {Field} field @param {Summary} summary */
function missingLine(context, field, summary) {
  if (!summary.missing[1]) return line(context, "missing", ...pair(context, summary.missing));
  const link = choose(context, field.name, { kind: "missing" }, "missing", say(context.language, "only_missing"));
  return make("tr", {}, make("th", { scope: "row" }, link), ...pair(context, summary.missing).map((each) => make("td", { class: "number" }, each)));
}

/** @param {Context} context @param {Field} field @param {HTMLElement[]} lines @param {number} rest */
function moreValues({ language }, field, lines, rest) {
  const n = (lines.length + rest).toLocaleString(language);
  return make("details", { "data-open": `more ${field.name}` }, make("summary", { "data-stay": `more ${field.name}` }, say(language, "more_values", { n })),
    make("table", {}, make("tbody", {}, ...lines)),
    rest ? make("p", { class: "quiet" }, say(language, "rest", { n: rest.toLocaleString(language) })) : null);
}

/** Fields for a part of a text, or for bounds. @param {Context} context @param {Field} field @param {number} number @returns {HTMLElement[]} */
function makeForms(context, field, number) {
  const { state, language } = context;
  const { name, type } = field;
  const current = state.filters.get(name);
  const isNumber = NUMBERS.has(type);
  const input = (/** @type {string} */ word, /** @type {string} */ value) => {
    const box = /** @type {HTMLInputElement} */ (make("input", { value, autocomplete: "off", spellcheck: "false", inputmode: isNumber ? "decimal" : null, "aria-describedby": `facet-${number}`, "data-stay": `${word} ${name}` }));
    return { box, label: make("label", {}, `${say(language, word)} `, box) };
  };
  const set = (/** @type {Filter | null} */ filter) => {
    const filters = new Map([...state.filters].filter(([other]) => other !== name));
    context.go({ filters: filter ? filters.set(name, filter) : filters, rows: FIRST_ROWS });
  };
  const form = (/** @type {ReturnType<typeof input>[]} */ inputs, /** @type {() => Filter | null} */ read) => {
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      set(read());
    };
    return make("form", { submit }, ...inputs.map(({ label }) => label), " ", make("button", { "data-stay": `filter ${name}` }, say(language, "filter")));
  };
  if (isNumber || TIMES.has(type)) {
    const [from, to] = current?.kind === "range" ? [current.from, current.to] : ["", ""];
    const inputs = [input("from", from), input("to", to)];
    for (const { box } of inputs) box.addEventListener("input", () => box.setCustomValidity(isNumber && !isNumeric(box.value) ? say(language, "no_number") : ""));
    const [start, end] = inputs.map(({ box }) => box);
    return [form(inputs, () => (start.value || end.value ? { kind: "range", from: start.value.trim(), to: end.value.trim() } : null))];
  }
  if (type === "boolean") return [];
  const part = input("contains", current?.kind === "part" ? current.text : "");
  return [form([part], () => (part.box.value ? { kind: "part", text: part.box.value } : null))];
}

/** Whether a bound of numbers is one, or none. @param {string} text */
export const isNumeric = (text) => text.trim() === "" || /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text.trim());

/** Bars of the rows that are selected before those of all rows; what they say stands beside them in words. @param {[number[] | null, number[]]} bars */
function drawBars([selected, all]) {
  const most = Math.max(1, ...all);
  const width = 200 / all.length;
  const draw = (/** @type {number[]} */ counts, /** @type {string} */ kind) =>
    counts.flatMap((count, at) => {
      if (!count) return [];
      const height = Math.max(1, (40 * count) / most);
      return [drawBar({ x: at * width, y: 40 - height, width: Math.max(1, width - 1), height, class: kind })];
    });
  const picture = document.createElementNS(SVG, "svg");
  for (const [name, value] of [["viewBox", "0 0 200 40"], ["aria-hidden", "true"], ["class", "bars"]]) picture.setAttribute(name, value);
  picture.append(...draw(all, "every"), ...(selected ? draw(selected, "bar") : []));
  return picture;
}

const SVG = "http://www.w3.org/2000/svg";

/** @param {Record<string, string | number>} attributes */
function drawBar(attributes) {
  const bar = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries(attributes)) bar.setAttribute(name, String(value));
  return bar;
}
