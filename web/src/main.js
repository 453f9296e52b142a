// Puts the explorer into the page: a box to search all tables, a table, or a record; the address has the state.
import { emptyState, readAddress, writeAddress } from "./address.js";
import { make, show } from "./dom.js";
import { nameOf } from "./editions.js";
import { TooLargeError } from "./file.js";
import { Release } from "./model.js";
import { findNearest } from "./nearest.js";
import { completePage } from "./page.js";
import { redraw } from "./redraw.js";
import { viewRecord } from "./record.js";
import { viewSearch, writeSize } from "./search.js";
import { makeRest } from "./steps.js";
import { viewTable } from "./table.js";
import { say, SPOKEN } from "./words.js";
import { serve } from "./worker.js";

/**
 * @typedef {import("./address.js").State} State
 * @typedef {{release: Release, state: State, language: string, go: (change: Partial<State>) => void,
 *   link: (change: Partial<State>, text: string) => HTMLElement, watch: import("./model.js").Watch, memory: Memory, absent: string[], rest: () => Promise<void>}} Context
 *   `link` and `go` change the state; what `watch` watches ends when another view is drawn; `absent` is what the address
 *   names and is not here, `rest` lets the page answer in the middle of long work
 * @typedef {{isPanelOpen: boolean}} Memory what stays from one view to the next, beside the address
 */

const DELAY = 120;
const PATIENCE = 300;

class Explorer {
  /** @param {HTMLElement} place @param {string} program the text of this script */
  constructor(place, program) {
    this.place = place;
    this.release = new Release(document, program);
    this.drawing = new AbortController();
    this.turn = 0;
    /** @type {Memory} */
    this.memory = { isPanelOpen: false };
    /** @type {State | null} */
    this.shown = null;
    this.title = document.title;
    this.box = /** @type {HTMLInputElement} */ (make("input", { type: "search", id: "search", autocomplete: "off" }));
    this.label = make("label", { for: "search" });
    this.heading = make("h2", { id: "explorer-heading" });
    this.languages = make("p", { class: "languages" });
    this.note = make("p", { "aria-live": "polite", class: "note" });
    this.view = make("div", { class: "view" });
    this.waiting = make("div", { "aria-live": "polite", class: "waiting" });
    place.append(this.heading, this.label, this.box, this.languages, this.note, this.waiting, this.view);
    completePage(document, this.release);
    this.box.addEventListener("input", () => this.type());
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.clear();
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      this.enter();
    });
    addEventListener("hashchange", () => this.draw(true));
    document.documentElement.classList.add("has-explorer");
    this.draw(Boolean(this.state.table || this.state.words));
  }

  get state() {
    return readAddress(location.hash);
  }

  get language() {
    const language = this.state.language ?? "";
    const known = this.release.about.languages ?? [];
    return known.includes(language) ? language : known.includes("en") || !known.length ? "en" : known[0];
  }

  /** The address of a state after a change; another table begins anew. @param {State} state @param {Partial<State>} change @returns {string} */
  address(state, change) {
    const isElsewhere = "table" in change && change.table !== state.table;
    const kept = isElsewhere ? { ...emptyState(), language: state.language } : state;
    return writeAddress({ ...kept, ...change });
  }

  type() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.seek(), DELAY);
  }

  /** Draws what the words in the box find. Another view is left behind, where *back* leads; words that change are not. */
  seek() {
    clearTimeout(this.timer);
    const { state } = this;
    const address = writeAddress({ ...emptyState(), language: state.language, words: this.box.value });
    if (state.table === null && state.words) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    return this.draw(false);
  }

  /** Takes the words away; the box keeps the focus. */
  clear() {
    clearTimeout(this.timer);
    this.box.value = "";
    if (!this.state.words) return;
    history.pushState(null, "", writeAddress({ ...this.state, words: "" }));
    this.draw(false);
  }

  /** Searches large tables too. */
  async enter() {
    if (this.state.table !== null || this.state.words !== this.box.value) await this.seek();
    /** @type {HTMLElement | null} */ (this.view.querySelector("button.start"))?.click();
  }

  /** Draws the view of the address; what a later one has overtaken is not put into the page. @param {boolean} isMove */
  async draw(isMove) {
    const { language } = this;
    if (isMove && location.hash && !/^#(?:t|row|q|sort|f\.|lang|n|only)[^=]*=/.test(location.hash)) return;
    const turn = ++this.turn;
    this.drawing.abort();
    this.drawing = new AbortController();
    const { state, absent } = findNearest(this.release, this.state);
    const context = this.makeContext(state, language, absent);
    this.frame(context);
    this.view.setAttribute("aria-busy", "true");
    // What was shown before stays until the new view is there, and so does the focus in it.
    const bar = /** @type {HTMLProgressElement} */ (make("progress", { max: 1, "aria-label": say(language, "reading") }));
    context.watch.tell = (done, total) => {
      bar.value = done / Math.max(1, total);
    };
    const waiting = setTimeout(() => this.waiting.replaceChildren(`${say(language, "reading")} `, bar), PATIENCE);
    let view;
    try {
      view = await this.choose(context);
    } catch (error) {
      view = this.explain(context, error);
    }
    clearTimeout(waiting);
    if (turn === this.turn) this.waiting.replaceChildren();
    if (turn !== this.turn) return;
    this.view.removeAttribute("aria-busy");
    this.note.textContent = absent.length ? say(language, "unknown", { name: show(absent.join(", ")) }) : "";
    const isSame = isSameView(this.shown, state);
    this.shown = state;
    if (isSame && view && this.view.firstElementChild) redraw(this.view, view);
    else this.view.replaceChildren(...(view ? [view] : []));
    const heading = /** @type {HTMLElement | null} */ (this.view.querySelector("#view"));
    document.title = heading && (state.table || state.words) ? `${heading.textContent} · ${this.title}` : this.title;
    if (isMove && heading && !isSame) {
      heading.focus();
      (absent.length ? this.note : heading).scrollIntoView({ block: "start" });
    }
  }

  /** @param {State} state @param {string} language @param {string[]} absent @returns {Context} */
  makeContext(state, language, absent) {
    return {
      watch: { signal: this.drawing.signal },
      memory: this.memory,
      release: this.release,
      state,
      language,
      absent,
      rest: makeRest(),
      go: (change) => {
        location.hash = this.address(state, change);
      },
      link: (change, text) => make("a", { href: this.address(state, change) }, show(text)),
    };
  }

  /** @param {Context} context */
  frame({ state, language }) {
    this.heading.textContent = say(language, "explorer");
    this.label.textContent = say(language, "search");
    this.place.lang = SPOKEN.includes(language) ? language : "en";
    if (document.activeElement !== this.box) this.box.value = state.words;
    const links = (this.release.about.languages ?? []).map((/** @type {string} */ each) =>
      make("a", { href: this.address(state, { language: each }), "aria-current": each === language ? "true" : null, lang: each }, nameOf(each)),
    );
    const isHere = this.languages.contains(document.activeElement);
    this.languages.replaceChildren(...links.flatMap((/** @type {HTMLElement} */ link) => [link, " "]));
    if (isHere) links.find((/** @type {HTMLElement} */ link) => link.lang === language)?.focus();
  }

  /** @param {Context} context @returns {Promise<HTMLElement | null>} */
  async choose(context) {
    const { state, language, release } = context;
    if (!state.table) return state.words ? viewSearch(context) : this.overview(context);
    if (!state.row) return viewTable(context);
    const { rows, order } = await release.find(state.table, release.table(state.table).key, state.row, 1);
    if (order.length) return viewRecord(context, rows, order[0]);
    context.absent.push(state.row.join(", "));
    return viewTable(this.makeContext({ ...state, row: null }, language, context.absent));
  }

  /** The tables that have rows, in their groups. @param {Context} context */
  overview(context) {
    const { language } = context;
    const tables = [...this.release.tables.values()].filter(({ rows }) => rows);
    const groups = ["records", "about", "codelists"].flatMap((group) => {
      const items = tables.filter((table) => table.group === group).map((table) =>
        make("li", {}, context.link({ table: table.name }, table.title || table.name), ` ${table.rows.toLocaleString(language)}`));
      return items.length ? [make("h4", {}, say(language, `group_${group}`)), make("ul", { class: "tables" }, ...items)] : [];
    });
    return make("div", {}, make("h3", { id: "view", tabindex: -1 }, say(language, "back")), ...groups);
  }

  /** @param {Context} context @param {unknown} error */
  explain(context, error) {
    const { state, language } = context;
    const table = this.release.tables.get(state.table ?? "");
    const heading = make("h3", { id: "view", tabindex: -1 }, table ? table.title || table.name : say(language, "explorer"));
    const back = make("p", {}, context.link({ table: null }, say(language, "back")));
    if (!(error instanceof TooLargeError && table)) {
      return make("div", {}, heading, back, make("p", { role: "status" }, say(language, "failed", { why: show(error instanceof Error ? error.message : String(error)) })));
    }
    const why = say(language, this.release.isReadable(table.name) ? "no_ranges" : "large", { size: writeSize(table.bytes, language) });
    return make("div", {}, heading, back, make("p", { role: "status" }, why),
      make("pre", { tabindex: 0, role: "region", "aria-label": "pandas" }, make("code", {}, show(writeLoading(table)))),
      make("p", {}, make("a", { href: "#use" }, say(language, "load")), " · ",
        make("a", { href: table.csv.split("/").map(encodeURIComponent).join("/"), download: true }, table.csv)));
  }
}

/** Python that loads a table. @param {import("./model.js").Table} table */
function writeLoading({ parquet }) {
  const [first] = parquet;
  const read = parquet.length === 1 ? `pd.read_parquet(${JSON.stringify(first)})` : `pd.concat(map(pd.read_parquet, ${JSON.stringify(parquet)}))`;
  return `import pandas as pd\n\ntable = ${read}`;
}

/** Whether two states are the same table or record, or both a search: sorted, filtered or named another way. @param {State | null} one @param {State} other */
function isSameView(one, other) {
  if (one === null || one.table !== other.table || !one.words !== !other.words) return false;
  return JSON.stringify(one.row) === JSON.stringify(other.row);
}

if (typeof document === "undefined") {
  serve(globalThis);
} else {
  const place = document.getElementById("explorer");
  if (place) new Explorer(place, document.currentScript?.textContent ?? "");
}
