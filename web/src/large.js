// A large table, of one file or several: its rows are selected, sorted, searched and taken by columns, as they are
// in need. It runs in a worker, where a long step stops nothing else.
import { isFormula, writeHeading, writeLine } from "./csv.js";
import { MOST_WHOLE, TooLargeError } from "./file.js";
import { openParquet } from "./parquet.js";
import { fold, makeTest, sortPresent } from "./select.js";
import { summarize } from "./statistics.js";

/**
 * @typedef {import("./parquet.js").Column} Column @typedef {import("./parquet.js").Kind} Kind
 * @typedef {import("./address.js").Filter | {kind: "any", texts: Set<string>}} Filter
 * @typedef {[string, Filter][]} Filters by column
 * @typedef {{column: string, down: boolean} | null} Sort
 * @typedef {{name: string, type: string, zone: boolean}} Field
 * @typedef {{signal?: {aborted: boolean}, tell?: (done: number, total: number) => void}} Watch
 * @typedef {{name: string, isText: boolean, isNumeric: boolean, texts: (string | null)[]}} Texts
 * @typedef {{start: number, end: number, of: import("./parquet.js").ParquetFile, before: number}} Range rows of the table that stand in one row group
 */

const MOST_ORDERS = 4;

export class StoppedError extends Error {}

export class LargeTable {
  /** @param {Field[]} fields @param {import("./file.js").File[]} files in the order of their rows */
  constructor(fields, files) {
    this.fields = fields;
    this.files = files;
    /** @type {Map<string, Uint32Array>} */
    this.orders = new Map();
    /** @type {Promise<import("./parquet.js").ParquetFile[]> | null} */
    this.opened = null;
  }

  /** The opened files. */
  open() {
    this.opened ??= Promise.all(this.files.map((file) => openParquet(file, this.fields))).catch((error) => {
      this.opened = null;
      throw error;
    });
    return this.opened;
  }

  /** The rows of the table, and the bytes that it takes to read columns, all of them without a list. @param {string[]} [names] */
  async measure(names) {
    const opened = await this.open();
    const wanted = names ?? this.fields.map(({ name }) => name);
    return {
      rows: opened.reduce((sum, { rows }) => sum + rows, 0),
      bytes: opened.reduce((sum, file) => sum + file.bytes(wanted), 0),
    };
  }

  /** The ranges of rows in which all filters may find rows: whole row groups, or pages. @param {Filters} filters @returns {Promise<Range[]>} */
  async ranges(filters) {
    /** @type {Range[]} */
    const found = [];
    let before = 0;
    const sought = filters.find(([, filter]) => filter.kind === "text");
    for (const of of await this.open()) {
      const ranges = sought?.[1].kind === "text" ? await of.locate(sought[0], sought[1].text) : of.groups;
      found.push(...ranges.map(([start, end]) => ({ start: before + start, end: before + end, of, before })));
      before += of.rows;
    }
    return found;
  }

  /** The values of a column in a range. @param {Range} range @param {string} name @param {number} start @param {number} end */
  read({ of, before }, name, start, end) {
    return of.read(name, start - before, end - before);
  }

  /**
   * The rows that all filters admit, in the order of a column or of the table. The columns concerned are read, of a
   * text that is sought only the pages where it may be.
   * @param {Filters} filters @param {Sort} sort @param {Watch} [watch] @returns {Promise<Uint32Array>}
   */
  async order(filters, sort, watch = {}) {
    const known = new Set(this.fields.map(({ name }) => name));
    const able = filters.filter(([name]) => known.has(name));
    const key = JSON.stringify([able.map(([name, filter]) => [name, filter, filter.kind === "any" ? [...filter.texts] : 0]), sort]);
    const kept = this.orders.get(key);
    if (kept) return kept;
    const selected = await this.filter(able, watch);
    const order = sort && known.has(sort.column) ? await this.sort(selected, sort, watch) : selected;
    this.orders.set(key, order);
    for (const old of [...this.orders.keys()].slice(0, -MOST_ORDERS)) this.orders.delete(old);
    return order;
  }

  /** @param {Filters} filters @param {Watch} watch */
  async filter(filters, watch) {
    const ranges = await this.ranges(filters);
    const found = new Uint32Array(ranges.reduce((sum, { start, end }) => sum + end - start, 0));
    let count = 0;
    for (const [at, range] of ranges.entries()) {
      await report(watch, at, ranges.length);
      const tests = await Promise.all(
        filters.map(async ([name, filter]) => ({
          values: await this.read(range, name, range.start, range.end),
          test: makeTest(range.of.kind(name), filter),
        })),
      );
      for (let row = range.start; row < range.end; row++) {
        if (tests.every(({ values, test }) => test(values[row - range.start]))) found[count++] = row;
      }
    }
    return found.slice(0, count);
  }

  /** @param {Uint32Array} selected @param {{column: string, down: boolean}} sort @param {Watch} watch */
  async sort(selected, { column, down }, watch) {
    const { rows } = await this.measure([]);
    const values = new Array(rows).fill(null);
    let isText = false;
    const ranges = await this.rangesOf(selected);
    for (const [done, range] of ranges.entries()) {
      await report(watch, done, ranges.length);
      const read = await this.read(range, column, range.start, range.end);
      ({ isText } = range.of.kind(column));
      for (let at = 0; at < read.length; at++) values[range.start + at] = narrow(read[at]);
    }
    const present = sortPresent(selected.filter((row) => values[row] !== null), values, isText, down);
    const order = new Uint32Array(selected.length);
    order.set(present);
    order.set(selected.filter((row) => values[row] === null), present.length);
    return order;
  }

  /** The row groups in which some of these rows stand, cut to them. @param {Uint32Array} rows sorted */
  async rangesOf(rows) {
    const found = [];
    let at = 0;
    for (const range of await this.ranges([])) {
      const from = at;
      while (at < rows.length && rows[at] < range.end) at++;
      if (at > from) found.push({ ...range, start: rows[from], end: rows[at - 1] + 1 });
    }
    return found;
  }

  /**
   * The texts of columns in some rows, null where one is missing; only the pages concerned are read.
   * @param {ArrayLike<number>} rows in any order @param {string[]} names @returns {Promise<Texts[]>}
   */
  async take(rows, names) {
    const places = [...Array(rows.length).keys()].sort((one, other) => rows[one] - rows[other]);
    const sorted = Uint32Array.from(places, (place) => rows[place]);
    const ranges = await this.rangesOf(sorted);
    const [first] = await this.open();
    return Promise.all(
      names.map(async (name) => {
        const { isText, isNumeric, write } = first.kind(name);
        const texts = new Array(rows.length).fill(null);
        let at = 0;
        for (const range of ranges) {
          while (at < sorted.length && sorted[at] < range.end) {
            const from = at;
            const near = range.of.pageRows(name) / 2;
            while (at + 1 < sorted.length && sorted[at + 1] < range.end && sorted[at + 1] - sorted[at] <= near) at++;
            const values = await this.read(range, name, sorted[from], sorted[at] + 1);
            for (let each = from; each <= at; each++) {
              const value = values[sorted[each] - sorted[from]];
              if (value !== null) texts[places[each]] = write(value);
            }
            at++;
          }
        }
        return { name, isText, isNumeric, texts };
      }),
    );
  }

  /**
   * What a table shows: how many rows are selected, and the texts of the first of them.
   * @param {{filters: Filters, sort: Sort, most: number, names?: string[]}} wanted @param {Watch} [watch]
   */
  async select({ filters, sort, most, names }, watch = {}) {
    const order = await this.order(filters, sort, watch);
    const shown = order.slice(0, most);
    const columns = await this.take(shown, names ?? this.fields.map(({ name }) => name));
    return { count: order.length, rows: shown, columns };
  }

  /**
   * The rows that hold all words, and the first column of each where the first word stands. It reads the whole table,
   * a column of a row group at a time.
   * @param {{words: string[], most: number, key: string[]}} wanted @param {Watch} [watch]
   */
  async search({ words, most, key }, watch = {}) {
    const ranges = await this.ranges([]);
    const names = this.fields.map(({ name }) => name);
    const total = (await this.measure()).bytes;
    let [done, count] = [0, 0];
    /** @type {{row: number, column: string}[]} */
    const hits = [];
    for (const range of ranges) {
      const rows = range.end - range.start;
      const seen = words.map(() => new Uint8Array(rows));
      const columns = new Uint16Array(rows);
      for (const [number, name] of names.entries()) {
        await report(watch, done, total);
        const values = await this.read(range, name, range.start, range.end);
        markWords(values, range.of.kind(name), words, seen, columns, number);
        done += (range.of.bytes([name]) * rows) / range.of.rows;
      }
      for (let row = 0; row < rows; row++) {
        if (!seen.every((mark) => mark[row])) continue;
        count++;
        if (hits.length < most) hits.push({ row: range.start + row, column: names[columns[row]] });
      }
    }
    const shown = [...new Set([...key, ...hits.map(({ column }) => column)])];
    return { count, hits, columns: await this.take(hits.map(({ row }) => row), shown) };
  }

  /**
   * The keys of the rows before and after one, in the order of what is selected; none where there is no such row.
   * @param {{filters: Filters, sort: Sort, names: string[], key: string[]}} wanted @param {Watch} [watch]
   */
  async around({ filters, sort, names, key }, watch = {}) {
    const order = await this.order(filters, sort, watch);
    /** @type {Filters} */
    const own = names.map((name, at) => [name, { kind: "text", text: key[at] }]);
    const [row] = await this.order(own, null, watch);
    const at = order.indexOf(row);
    if (row === undefined || at < 0) return [];
    const rows = [at - 1, at + 1].filter((place) => place >= 0 && place < order.length).map((place) => order[place]);
    const columns = await this.take(rows, names);
    const keys = rows.map((_, place) => columns.map(({ texts }) => texts[place]));
    return [at > 0 ? keys[0] : undefined, at + 1 < order.length ? keys[keys.length - 1] : undefined];
  }

  /** The summary of a column, of which all values are read. @param {{filters: Filters, name: string, plan: import("./statistics.js").Plan}} wanted @param {Watch} [watch] */
  async summarize({ filters, name, plan }, watch = {}) {
    const order = filters.length ? await this.order(filters, null, watch) : null;
    const pieces = [];
    const ranges = await this.ranges([]);
    for (const [done, range] of ranges.entries()) {
      await report(watch, done, ranges.length);
      pieces.push(await this.read(range, name, range.start, range.end));
    }
    const [first] = await this.open();
    return summarize(first.kind(name), pieces.flat(), order, plan);
  }

  /**
   * The CSV of the selected rows, in their order, and whether a spreadsheet may run a formula in it.
   * @param {{filters: Filters, sort: Sort}} wanted @param {Watch} [watch] @returns {Promise<{file: Blob, formula: boolean}>}
   */
  async save({ filters, sort }, watch = {}) {
    const { bytes } = await this.measure();
    if (bytes > MOST_WHOLE) throw new TooLargeError();
    const order = await this.order(filters, sort, watch);
    const places = sort ? order.map((_, place) => place).sort((one, other) => order[one] - order[other]) : null;
    const sorted = places ? places.map((place) => order[place]) : order;
    const names = this.fields.map(({ name }) => name);
    /** @type {string[]} */
    const lines = new Array(order.length);
    let [at, formula] = [0, false];
    for (const range of await this.rangesOf(sorted)) {
      await report(watch, at, order.length);
      const columns = await Promise.all(
        names.map(async (name) => ({ ...range.of.kind(name), values: await this.read(range, name, range.start, range.end) })),
      );
      for (; at < sorted.length && sorted[at] < range.end; at++) {
        lines[places ? places[at] : at] = writeLine(columns, sorted[at] - range.start);
        formula ||= isFormula(columns, sorted[at] - range.start);
      }
    }
    const pieces = [writeHeading(names)];
    for (let from = 0; from < lines.length; from += 10_000) pieces.push(lines.slice(from, from + 10_000).join(""));
    return { file: new Blob(pieces, { type: "text/csv" }), formula };
  }
}

/** Tells how far a step is, or ends it if it is stopped. @param {Watch} watch @param {number} done @param {number} total */
async function report({ signal, tell }, done, total) {
  await new Promise((resolve) => setTimeout(resolve)); // lets the message arrive that stops it
  if (signal?.aborted) throw new StoppedError();
  tell?.(done, total);
}

/** Integers that a number holds exactly are sorted faster as numbers. @param {any} value */
function narrow(value) {
  return typeof value === "bigint" && BigInt.asIntN(53, value) === value ? Number(value) : value;
}

/**
 * Marks the rows in which a column has a word; of the first word, the column too.
 * @param {any[]} values @param {Kind} kind @param {string[]} words @param {Uint8Array[]} seen @param {Uint16Array} columns @param {number} number
 */
function markWords(values, { write }, words, seen, columns, number) {
  let [last, folded] = [/** @type {any} */ (null), ""];
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null) continue;
    if (value !== last) [last, folded] = [value, fold(write(value))];
    for (const [at, word] of words.entries()) {
      if (seen[at][row] || !folded.includes(word)) continue;
      seen[at][row] = 1;
      if (at === 0) columns[row] = number;
    }
  }
}
