// Makes nodes; what stands in records only ever becomes text.

/**
 * An element with attributes and children.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null | ((event: Event) => void)>} attributes
 * @param {...(Node | string | null)} children
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

// Signs that are not seen, or turn the direction of text: each is shown with its code point.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A text as a reader sees all of it. @param {string} text */
export function show(text) {
  return text.replace(UNSEEN, (sign) => `␣U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
}

/** A value in an element of its own direction; a web address is a link. @param {string} text @param {string | null} language */
export function makeValue(text, language = null) {
  if (/^https?:\/\/\S+$/.test(text) && URL.canParse(text)) {
    return make("a", { href: new URL(text).href, rel: "noopener noreferrer" }, make("bdi", {}, show(text)));
  }
  return make("bdi", { dir: "auto", lang: language }, show(text));
}

/** The label of a code in its language; nothing without one. @param {string | undefined} label @param {string} language */
export function makeLabel(label, language) {
  return label ? make("span", { lang: language }, show(label)) : "";
}

const MOST_SHOWN = 240;
/** In a record, which is there to be read. */
export const MOST_READ = 4000;

/** A value in a cell: a long one is cut, the whole of it a step away. @param {string} text @param {string | null} language @param {number} most */
export function makeCell(text, language = null, most = MOST_SHOWN) {
  if (text.length <= most) return makeValue(text, language);
  const beginning = `${[...text.slice(0, most)].slice(0, -1).join("").trimStart()}…`;
  return make("details", {}, make("summary", {}, makeValue(beginning, language)), makeValue(text, language));
}

/** A cell of a table with a value. A short text stands in it alone: thousands of elements less to lay out. @param {string} text @param {string | null} language @param {boolean} isNumeric */
export function makeTableCell(text, language, isNumeric) {
  const attributes = { class: isNumeric ? "number" : null };
  if (text.length > MOST_SHOWN || text.startsWith("http")) return make("td", attributes, makeCell(text, language));
  return make("td", { ...attributes, dir: isNumeric ? null : "auto", lang: language }, show(text));
}
