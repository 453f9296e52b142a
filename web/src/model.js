// The release as the page describes it, and its tables as they are asked for.
import { writeCsv, hasFormula } from "./csv.js";
import { TooLargeError, wrapBuffer } from "./file.js";
import { readTable } from "./parquet.js";
import { fold, searchRows, selectRows, sortRows } from "./select.js";
import { planSummary, summarize, takeKnown } from "./statistics.js";
import { Workshop } from "./worker.js";

/**
 * @typedef {{fields: string[], table: string, columns: string[]}} ForeignKey
 * @typedef {{name: string, type: string, zone: boolean, title: string, description: string, source: string[]}} Field
 * @typedef {{quote: string, start: string, table: string, fields: string[], text: string}} Quotes columns with a quote and
 *   where it begins, and the table of the documents, the columns that lead there, and the column of their text
 * @typedef {{name: string, title: string, description: string, group: string, rows: number, csv: string,
 *   parquet: string[], bytes: number, key: string[], foreignKeys: ForeignKey[], compared: string[],
 *   labels: Record<string, string>, hidden: string[], quotes: Quotes | null, columns: Field[]}} Table
 * @typedef {import("./parquet.js").Column} Column
 * @typedef {import("./address.js").Filter} Filter
 * @typedef {import("./address.js").State} State
 * @typedef {{tell?: (done: number, total: number) => void, signal?: AbortSignal}} Watch
 * @typedef {{count: number, rows: Rows, order: number[], save: (watch?: Watch) => Promise<{file: Blob, formula: boolean}>}} Selection
 *   how many rows are selected, and the first of them: those of `rows` whose numbers are in `order`
 */

/** A table's values: by column, and the text of each cell. Of a large table they are the rows that are shown. */
export class Rows {
  /** @param {Table} table @param {Map<string, Column>} columns @param {number} count */
  constructor(table, columns, count = table.rows) {
    this.table = table;
    this.columns = columns;
    this.count = count;
    /** @type {Map<string, Map<string, number[]>>} */
    this.indexes = new Map();
    /** @type {string[] | null} */
    this.folded = null;
  }

  /** All texts of each row as searches compare them, made once. */
  get whole() {
    const names = this.table.columns.map(({ name }) => name);
    this.folded ??= Array.from({ length: this.count }, (_, row) => fold(names.map((name) => this.text(name, row) ?? "").join("\n")));
    return this.folded;
  }

  /** @param {string} name */
  column(name) {
    const column = this.columns.get(name);
    if (!column) throw new Error(`no column ${name}`);
    return column;
  }

  /** The text of a cell as in CSV; null if the value is missing. @param {string} name @param {number} row */
  text(name, row) {
    const { values, write } = this.column(name);
    return values[row] === null ? null : write(values[row]);
  }

  /** The texts of the key of a row. @param {number} row */
  key(row) {
    return this.table.key.map((name) => this.text(name, row) ?? "");
  }

  /** The rows whose columns have these texts. @param {string[]} names @param {(string | null)[]} texts */
  find(names, texts) {
    return this.index(names).get(JSON.stringify(texts)) ?? [];
  }

  /** The rows by the texts of some columns, made once. @param {string[]} names */
  index(names) {
    const own = JSON.stringify(names);
    let index = this.indexes.get(own);
    if (!index) {
      index = new Map();
      for (let row = 0; row < this.count; row++) {
        const key = JSON.stringify(names.map((name) => this.text(name, row)));
        const rows = index.get(key);
        if (rows) rows.push(row);
        else index.set(key, [row]);
      }
      this.indexes.set(own, index);
    }
    return index;
  }
}

export class Release {
  /** @param {Document} page @param {string} program the text of this script, for the worker */
  constructor(page, program = "") {
    this.page = page;
    this.workshop = new Workshop(program);
    /** @type {any} */
    this.about = JSON.parse(page.getElementById("release")?.textContent ?? "{}");
    /** @type {Map<string, Table>} */
    this.tables = new Map(this.about.tables.map((/** @type {Table} */ table) => [table.name, table]));
    /** @type {Map<string, Promise<Rows>>} */
    this.loaded = new Map();
    const summary = JSON.parse(page.getElementById("summary")?.textContent || "{}");
    /** @type {Map<string, Map<string, any>>} what summary.json tells of columns, by table */
    this.told = new Map((summary.tables ?? []).map((/** @type {any} */ table) => [table.name, new Map(table.columns.map((/** @type {any} */ column) => [column.name, column]))]));
  }

  /** @param {string} name @returns {Table} */
  table(name) {
    return /** @type {Table} */ (this.tables.get(name));
  }

  /** Whether a table is not in the page, so that it is read from its files. @param {string} name */
  isLarge(name) {
    return !this.page.getElementById(`data-${encode(name)}`);
  }

  /** Whether the rows of a table can be read here: it is in the page, or the page comes from a server. @param {string} name */
  isReadable(name) {
    return !this.isLarge(name) || this.page.location.protocol !== "file:";
  }

  /** The tables that are in the page itself. */
  get embedded() {
    return [...this.tables.values()].filter(({ name }) => !this.isLarge(name));
  }

  /** All rows of a table that is in the page. @param {string} name @returns {Promise<Rows>} */
  load(name) {
    let found = this.loaded.get(name);
    if (!found) {
      found = this.read(this.table(name));
      this.loaded.set(name, found);
    }
    return found;
  }

  /** @param {Table} table */
  async read(table) {
    const text = this.page.getElementById(`data-${encode(table.name)}`)?.textContent;
    if (text === undefined || text === null) throw new TooLargeError();
    return new Rows(table, await readTable(wrapBuffer(decode(text)), table.columns));
  }

  /**
   * The rows of a table that filters admit, in an order, and the first of them.
   * @param {string} name @param {Map<string, Filter>} filters @param {State["sort"]} sort @param {number} most
   * @param {Watch} [watch] @param {string[]} words that each row holds; not of a large table @returns {Promise<Selection>}
   */
  async select(name, filters, sort, most, watch, words = []) {
    if (this.isLarge(name)) {
      const wanted = { filters: [...filters], sort, most };
      const { count, columns } = await this.ask(name, "select", wanted, watch);
      const rows = collect(this.table(name), columns);
      const save = (/** @type {Watch | undefined} */ own) => this.ask(name, "save", { filters: [...filters], sort }, own);
      return { count, rows, order: [...Array(rows.count).keys()], save };
    }
    const rows = await this.load(name);
    const order = sortRows(rows, admitRows(rows, filters, words), sort);
    const save = async () => ({ file: new Blob([writeCsv(rows, order)], { type: "text/csv" }), formula: hasFormula(rows, order) });
    return { count: order.length, rows, order: order.slice(0, most), save };
  }

  /**
   * A function for the summary of a column: of the rows that filters admit beside that of all rows. Of a large table it
   * gives what is known without reading, unless `isRead`; null if that is nothing.
   * @param {string} name @param {Map<string, Filter>} filters @param {string[]} words @param {Watch} [watch]
   * @returns {Promise<(column: string, isRead: boolean) => Promise<import("./statistics.js").Summary | null>>}
   */
  async summarize(name, filters, words, watch) {
    const told = this.told.get(name) ?? new Map();
    if (!this.isLarge(name)) {
      const rows = await this.load(name);
      const selected = filters.size || words.length ? admitRows(rows, filters, words) : null;
      return async (column) => summarize(rows.column(column), rows.column(column).values, selected, planSummary(told.get(column)));
    }
    return async (column, isRead) => {
      const known = told.get(column);
      if (isRead) return this.ask(name, "summarize", { filters: [...filters], name: column, plan: planSummary(known) }, watch);
      return known ? takeKnown(known, this.table(name).rows, !filters.size) : null;
    };
  }

  /** The rows in which columns have these texts, at most so many. @param {string} name @param {string[]} names @param {string[]} texts @param {number} most */
  async find(name, names, texts, most) {
    if (this.isLarge(name)) {
      /** @type {[string, Filter][]} */
      const filters = names.map((each, at) => [each, { kind: "text", text: texts[at] }]);
      return this.select(name, new Map(filters), null, most);
    }
    const rows = await this.load(name);
    const found = rows.find(names, texts);
    return { count: found.length, rows, order: found.slice(0, most) };
  }

  /**
   * The rows of a table that hold all words, at most so many; of a large one it reads all.
   * @param {string} name @param {string[]} words @param {number} most @param {Watch} [watch]
   * @returns {Promise<{count: number, rows: Rows, hits: {row: number, column: string}[]}>}
   */
  async search(name, words, most, watch) {
    if (this.isLarge(name)) {
      const { count, hits, columns } = await this.ask(name, "search", { words, most, key: this.table(name).key }, watch);
      const columnsOf = hits.map((/** @type {{column: string}} */ { column }, /** @type {number} */ row) => ({ row, column }));
      return { count, rows: collect(this.table(name), columns), hits: columnsOf };
    }
    const rows = await this.load(name);
    const hits = searchRows(rows, words);
    return { count: hits.length, rows, hits: hits.slice(0, most) };
  }

  /** The bytes that a search of a large table reads. @param {string} name @returns {number} */
  weigh(name) {
    return this.table(name).bytes;
  }

  /** The bytes that reading columns of a large table takes. @param {string} name @param {string[]} columns @returns {Promise<number>} */
  async measure(name, columns) {
    return (await this.ask(name, "measure", columns)).bytes;
  }

  /** The labels of codes in a language, by code. @param {string} name @param {string} language @param {Iterable<string>} codes @returns {Promise<Map<string, string>>} */
  async labels(name, language, codes) {
    const { labels, key } = this.tables.get(name) ?? { labels: {}, key: [] };
    const column = new Map(Object.entries(labels)).get(language);
    if (!column || key.length !== 1 || !this.isReadable(name)) return new Map();
    const wanted = new Set(codes);
    const filter = /** @type {any} */ ({ kind: "any", texts: wanted });
    const { rows, order } = this.isLarge(name)
      ? await this.select(name, new Map([[key[0], filter]]), null, wanted.size)
      : await this.load(name).then((all) => ({ rows: all, order: [...wanted].flatMap((code) => all.find(key, [code])) }));
    const pairs = order.map((row) => [rows.key(row)[0], rows.text(column, row)]);
    return new Map(/** @type {[string, string][]} */ (pairs.filter(([, label]) => label)));
  }

  /** The labels of the codes in a column, by code; none if it has no codes. @param {Table} table @param {string} column @param {string} language @param {Iterable<string>} codes */
  async labelsOf(table, column, language, codes) {
    const key = table.foreignKeys.find(({ fields }) => fields.length === 1 && fields[0] === column);
    return key ? this.labels(key.table, language, codes) : new Map();
  }

  /** @param {string} name @param {import("./worker.js").Method} method @param {any} wanted @param {Watch} [watch] */
  ask(name, method, wanted, watch) {
    const { columns, parquet } = this.table(name);
    if (!this.isReadable(name)) return Promise.reject(new TooLargeError());
    const fields = columns.map((column) => ({ name: column.name, type: column.type, zone: column.zone }));
    const addresses = parquet.map((path) => new URL(path.split("/").map(encodeURIComponent).join("/"), this.page.baseURI).href);
    return this.workshop.ask(name, { fields, addresses }, method, wanted, watch);
  }
}

/** The rows that filters admit and that hold all words. @param {Rows} rows @param {Map<string, Filter>} filters @param {string[]} words */
function admitRows(rows, filters, words) {
  const selected = selectRows(rows, filters);
  if (!words.length) return selected;
  const found = new Set(searchRows(rows, words).map(({ row }) => row));
  return selected.filter((row) => found.has(row));
}

/** Rows of which the texts are known. @param {Table} table @param {import("./large.js").Texts[]} columns */
function collect(table, columns) {
  const found = new Map(columns.map(({ name, isText, isNumeric, texts }) => [name, { isText, isNumeric, isTime: false, scale: 0, write: String, values: texts }]));
  return new Rows(table, found, columns.length ? columns[0].texts.length : 0);
}

/** A name as Python's quote writes it. @param {string} name */
function encode(name) {
  return encodeURIComponent(name).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** @param {string} text base64 */
function decode(text) {
  const signs = atob(text);
  const bytes = new Uint8Array(signs.length);
  for (let at = 0; at < signs.length; at++) bytes[at] = signs.charCodeAt(at);
  return bytes.buffer;
}
