// What the script adds to the page around it: links from rules to their findings, and buttons that copy code.
import { emptyState, writeAddress } from "./address.js";
import { make } from "./dom.js";
import { say } from "./words.js";

/** Copies a text; false if the browser does not let it. @param {string} text @returns {Promise<boolean>} */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** @param {Document} page @param {import("./model.js").Release} release */
export function completePage(page, release) {
  const table = release.about.findings;
  const hasRules = release.tables.get(table)?.columns.some(({ name }) => name === "rule");
  for (const code of hasRules ? page.querySelectorAll("code[data-rule]") : []) {
    const filters = new Map([["rule", /** @type {const} */ ({ kind: "text", text: code.textContent ?? "" })]]);
    const link = make("a", { href: writeAddress({ ...emptyState(), table, filters }) });
    code.replaceWith(link);
    link.append(code);
  }
  for (const block of page.querySelectorAll("main pre")) block.before(makeCopyButton(block));
}

/** @param {Element} block of code */
function makeCopyButton(block) {
  const name = block.getAttribute("aria-label") ?? "";
  const copy = async (/** @type {Event} */ event) => {
    const button = /** @type {HTMLElement} */ (event.target);
    button.textContent = say("en", (await copyText(block.textContent ?? "")) ? "copied" : "not_copied");
  };
  return make("button", { type: "button", class: "copy", lang: "en", title: name, click: copy }, say("en", "copy_code"));
}
