// Puts the explorer into the page: a box to search all tables, a table, or a record; the address has the state.
import { emptyState, readAddress, writeAddress } from "./address.js";
import { make, makeCell, show } from "./dom.js";
import { Release, TooLargeError } from "./model.js";
import { viewRecord } from "./record.js";
import { fold, searchRows, splitWords } from "./select.js";
import { viewTable } from "./table.js";
import { say, SPOKEN } from "./words.js";

/**
 * @typedef {import("./address.js").State} State
 * @typedef {{release: Release, state: State, language: string, go: (change: Partial<State>) => void,
 *   link: (change: Partial<State>, text: string) => HTMLElement}} Context
 */

const DELAY = 120;
const FEW = 5;

class Explorer {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.release = new Release(document);
    this.turn = 0;
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
    });
    addEventListener("hashchange", () => this.draw(true));
    document.documentElement.classList.add("has-explorer");
    this.draw(Boolean(this.state.table));
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
    this.timer = setTimeout(() => {
      history.replaceState(null, "", writeAddress({ ...emptyState(), language: this.state.language, words: this.box.value }));
      this.draw(false);
    }, DELAY);
  }

  /** Draws the view of the address; what a later one has overtaken is not put into the page. @param {boolean} isMove */
  async draw(isMove) {
    const turn = ++this.turn;
    const { state, language } = this;
    if (isMove && location.hash && !/^#(?:t|row|q|sort|f\.|lang|n)[^=]*=/.test(location.hash)) return;
    /** @type {Context} */
    const context = {
      release: this.release,
      state,
      language,
      go: (change) => this.go(change),
      link: (change, text) => make("a", { href: this.address(change) }, show(text)),
    };
    this.frame(context);
    let view;
    try {
      view = await this.choose(context);
    } catch (error) {
      view = this.explain(context, error);
    }
    if (turn !== this.turn) return;
    this.view.classList.remove("only");
    this.view.replaceChildren(...(view ? [view] : []));
    const heading = /** @type {HTMLElement | null} */ (this.view.querySelector("#view"));
    document.title = heading ? `${heading.textContent} · ${this.title}` : this.title;
    if (isMove && heading) {
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
    if (!state.table) return state.words ? this.search(context) : this.overview(context);
    if (!release.tables.has(state.table)) return this.absent(context, state.table);
    const rows = await release.load(state.table);
    if (!state.row) return viewTable(context, rows);
    const [row] = rows.find(rows.table.key, state.row);
    if (row !== undefined) return viewRecord(context, rows, row);
    return make("div", {}, make("p", { role: "status" }, say(language, "unknown", { name: show(state.row.join(", ")) })), await viewTable(context, rows));
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
      return make("p", { role: "status" }, `${say(language, "large")} `, make("a", { href: "#use" }, table.csv));
    }
    return make("p", { role: "status" }, say(language, "failed", { why: show(error instanceof Error ? error.message : String(error)) }));
  }

  /** All words anywhere in a row, in the tables of the page; the dictionary first. @param {Context} context */
  async search(context) {
    const { language, state } = context;
    const words = splitWords(state.words);
    const groups = [];
    let total = 0;
    const told = this.searchDictionary(context, words);
    if (told.length) groups.push(make("section", {}, make("h3", {}, `${say(language, "dictionary")} (${told.length})`), make("ul", {}, ...told.slice(0, FEW))));
    total += told.length;
    for (const table of this.release.embedded) {
      const rows = await this.release.load(table.name);
      const found = searchRows(rows, words);
      if (!found.length) continue;
      total += found.length;
      const items = found.slice(0, FEW).map(({ row, column }) => {
        const text = rows.text(column, row) ?? "";
        return make("li", {}, context.link({ table: table.name, row: rows.key(row), words: "" }, rows.key(row).join(", ")), " ", mark(passage(text, words[0]), words));
      });
      groups.push(make("section", {}, make("h3", {}, `${table.title || table.name} (${found.length.toLocaleString(language)})`), make("ul", {}, ...items)));
    }
    const status = total ? say(language, "results", { n: total.toLocaleString(language) }) : say(language, "nothing");
    return make("div", {}, make("p", { role: "status" }, status), ...groups);
  }

  /** @param {Context} context @param {string[]} words */
  searchDictionary(context, words) {
    const found = [];
    for (const table of this.release.tables.values()) {
      const has = (/** @type {string} */ text) => words.every((word) => fold(text).includes(word));
      if (has(`${table.name} ${table.title} ${table.description}`)) {
        found.push(make("li", {}, context.link({ table: table.name, words: "" }, table.name), " ", table.title));
      }
      for (const column of table.columns) {
        if (has(`${column.name} ${column.title} ${column.description}`)) {
          found.push(make("li", {}, context.link({ table: table.name, words: "" }, `${table.name}.${column.name}`), " ", makeCell(column.description || column.title)));
        }
      }
    }
    return found;
  }
}

/** The name of a language in itself. @param {string} language */
function nameOf(language) {
  try {
    return new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
  } catch {
    return language;
  }
}

/** The part of a text around a word. @param {string} text @param {string} word */
function passage(text, word) {
  const at = Math.max(0, fold(text).indexOf(word) - 40);
  return `${at ? "…" : ""}${text.slice(at, at + 160)}${at + 160 < text.length ? "…" : ""}`;
}

/** A text with each word marked. @param {string} text @param {string[]} words */
function mark(text, words) {
  const folded = fold(text);
  const parts = make("bdi", { dir: "auto" });
  if (folded.length !== text.length) return make("bdi", { dir: "auto" }, show(text));
  let at = 0;
  while (at < text.length) {
    const next = words.map((word) => [folded.indexOf(word, at), word.length]).filter(([start]) => start >= 0).sort((one, other) => one[0] - other[0])[0];
    if (!next) break;
    parts.append(show(text.slice(at, next[0])), make("mark", {}, show(text.slice(next[0], next[0] + next[1]))));
    at = next[0] + next[1];
  }
  parts.append(show(text.slice(at)));
  return parts;
}

const place = document.getElementById("explorer");
if (place) new Explorer(place);
