// Puts the explorer into the page: a box to search all tables, a table, or a record; the address has the state.
import { emptyState, readAddress, writeAddress } from "./address.js";
import { make, show } from "./dom.js";
import { nameOf } from "./editions.js";
import { TooLargeError } from "./file.js";
import { Release } from "./model.js";
import { redraw } from "./redraw.js";
import { viewRecord } from "./record.js";
import { viewSearch } from "./search.js";
import { viewTable } from "./table.js";
import { say, SPOKEN } from "./words.js";
import { serve } from "./worker.js";

/**
 * @typedef {import("./address.js").State} State
 * @typedef {{release: Release, state: State, language: string, go: (change: Partial<State>) => void,
 *   link: (change: Partial<State>, text: string) => HTMLElement, watch: import("./model.js").Watch, memory: Memory}} Context
 *   `link` and `go` change the state; what `watch` watches ends when another view is drawn
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
    this.view = make("div", { class: "view" });
    place.append(this.heading, this.label, this.box, this.languages, this.view);
    this.box.addEventListener("input", () => this.type());
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.go({ words: "" });
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

  /** @param {Partial<State>} change @returns {string} */
  address(change) {
    const { state } = this;
    const isElsewhere = "table" in change && change.table !== state.table;
    const kept = isElsewhere ? { ...emptyState(), language: state.language } : state;
    return writeAddress({ ...kept, ...change });
  }

  /** @param {Partial<State>} change */
  go(change) {
    location.hash = this.address(change);
  }

  type() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.seek(), DELAY);
  }

  /** Draws what the words in the box find. */
  seek() {
    clearTimeout(this.timer);
    history.replaceState(null, "", writeAddress({ ...emptyState(), language: this.state.language, words: this.box.value }));
    return this.draw(false);
  }

  /** Searches large tables too. */
  async enter() {
    if (this.state.table !== null || this.state.words !== this.box.value) await this.seek();
    /** @type {HTMLElement | null} */ (this.view.querySelector("button.start"))?.click();
  }

  /** Draws the view of the address; what a later one has overtaken is not put into the page. @param {boolean} isMove */
  async draw(isMove) {
    const { state, language } = this;
    if (isMove && location.hash && !/^#(?:t|row|q|sort|f\.|lang|n|only)[^=]*=/.test(location.hash)) return;
    const turn = ++this.turn;
    this.drawing.abort();
    this.drawing = new AbortController();
    /** @type {Context} */
    const context = {
      watch: { signal: this.drawing.signal },
      memory: this.memory,
      release: this.release,
      state,
      language,
      go: (change) => this.go(change),
      link: (change, text) => make("a", { href: this.address(change) }, show(text)),
    };
    this.frame(context);
    this.view.setAttribute("aria-busy", "true");
    const waiting = setTimeout(() => {
      this.view.replaceChildren(make("p", { role: "status" }, say(language, "reading")));
    }, PATIENCE);
    let view;
    try {
      view = await this.choose(context);
    } catch (error) {
      view = this.explain(context, error);
    }
    clearTimeout(waiting);
    if (turn !== this.turn) return;
    this.view.removeAttribute("aria-busy");
    const isSame = isSameView(this.shown, state);
    this.shown = state;
    if (isSame && view && this.view.firstElementChild) redraw(this.view, view);
    else this.view.replaceChildren(...(view ? [view] : []));
    const heading = /** @type {HTMLElement | null} */ (this.view.querySelector("#view"));
    document.title = heading ? `${heading.textContent} · ${this.title}` : this.title;
    if (isMove && heading && !isSame) {
      heading.focus();
      heading.scrollIntoView({ block: "start" });
    }
  }

  /** @param {Context} context */
  frame({ state, language }) {
    this.heading.textContent = say(language, "explorer");
    this.label.textContent = say(language, "search");
    this.place.lang = SPOKEN.includes(language) ? language : "en";
    if (document.activeElement !== this.box) this.box.value = state.words;
    const links = (this.release.about.languages ?? []).map((/** @type {string} */ each) =>
      make("a", { href: this.address({ language: each }), "aria-current": each === language ? "true" : null, lang: each }, nameOf(each)),
    );
    this.languages.replaceChildren(...links.flatMap((/** @type {HTMLElement} */ link) => [link, " "]));
  }

  /** @param {Context} context @returns {Promise<HTMLElement | null>} */
  async choose(context) {
    const { state, language, release } = context;
    if (!state.table) return state.words ? viewSearch(context) : this.overview(context);
    if (!release.tables.has(state.table)) return this.absent(context, state.table);
    if (!state.row) return viewTable(context);
    const { rows, order } = await release.find(state.table, release.table(state.table).key, state.row, 1);
    if (order.length) return viewRecord(context, rows, order[0]);
    const absent = say(language, "unknown", { name: show(state.row.join(", ")) });
    return make("div", {}, make("p", { role: "status" }, absent), await viewTable(context));
  }

  /** @param {Context} context @param {string} name */
  absent(context, name) {
    return make("div", {}, make("p", { role: "status" }, say(context.language, "unknown", { name: show(name) })), this.overview(context));
  }

  /** @param {Context} context */
  overview(context) {
    const items = [...this.release.tables.values()]
      .filter((table) => table.group === "records" && table.rows)
      .map((table) => make("li", {}, context.link({ table: table.name }, table.title || table.name), ` ${table.rows.toLocaleString(context.language)}`));
    return make("ul", { class: "tables" }, ...items);
  }

  /** @param {Context} context @param {unknown} error */
  explain(context, error) {
    const { state, language } = context;
    const table = this.release.tables.get(state.table ?? "");
    if (error instanceof TooLargeError && table) {
      return make("p", { role: "status" }, `${say(language, "large")} `, make("a", { href: "#use" }, say(language, "load")), " · ",
        make("a", { href: table.csv.split("/").map(encodeURIComponent).join("/"), download: true }, table.csv));
    }
    return make("p", { role: "status" }, say(language, "failed", { why: show(error instanceof Error ? error.message : String(error)) }));
  }
}

/** Whether two states are the same table, record or search: sorted, filtered or named another way. @param {State | null} one @param {State} other */
function isSameView(one, other) {
  return one !== null && one.table === other.table && JSON.stringify(one.row) === JSON.stringify(other.row) && (other.table !== null || one.words === other.words);
}

if (typeof document === "undefined") {
  serve(globalThis);
} else {
  const place = document.getElementById("explorer");
  if (place) new Explorer(place, document.currentScript?.textContent ?? "");
}
