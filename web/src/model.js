// The release as the page describes it, and its tables as they are asked for.
import { wrapBuffer } from "./file.js";
import { readTable } from "./parquet.js";

/**
 * @typedef {{fields: string[], table: string, columns: string[]}} ForeignKey
 * @typedef {{name: string, type: string, zone: boolean, title: string, description: string, source: string[]}} Field
 * @typedef {{name: string, title: string, description: string, group: string, rows: number, csv: string,
 *   parquet: string[], bytes: number, key: string[], foreignKeys: ForeignKey[], compared: string[],
 *   labels: Record<string, string>, hidden: string[], columns: Field[]}} Table
 * @typedef {import("./parquet.js").Column} Column
 */

const MOST_FETCHED = 64 * 1024 * 1024;

/** A table's values: by column, and the text of each cell. */
export class Rows {
  /** @param {Table} table @param {Map<string, Column>} columns */
  constructor(table, columns) {
    this.table = table;
    this.columns = columns;
    this.count = table.rows;
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
    const found = [];
    for (let row = 0; row < this.count; row++) {
      if (names.every((name, at) => this.text(name, row) === texts[at])) found.push(row);
    }
    return found;
  }
}

export class Release {
  /** @param {Document} page */
  constructor(page) {
    this.page = page;
    /** @type {any} */
    this.about = JSON.parse(page.getElementById("release")?.textContent ?? "{}");
    /** @type {Map<string, Table>} */
    this.tables = new Map(this.about.tables.map((/** @type {Table} */ table) => [table.name, table]));
    /** @type {Map<string, Promise<Rows>>} */
    this.loaded = new Map();
  }

  /** The tables that are in the page itself. */
  get embedded() {
    return [...this.tables.values()].filter((table) => this.page.getElementById(`data-${encode(table.name)}`));
  }

  /** @param {string} name @returns {Promise<Rows>} */
  load(name) {
    let found = this.loaded.get(name);
    if (!found) {
      found = this.read(/** @type {Table} */ (this.tables.get(name)));
      this.loaded.set(name, found);
    }
    return found;
  }

  /** @param {Table} table */
  async read(table) {
    const element = this.page.getElementById(`data-${encode(table.name)}`);
    const parts = element ? [decode(element.textContent ?? "")] : await this.fetchParts(table);
    /** @type {Map<string, Column>} */
    const columns = new Map();
    for (const part of parts) {
      const read = await readTable(
        wrapBuffer(part),
        table.columns,
      );
      for (const [name, column] of read) {
        const before = columns.get(name);
        if (before) for (const value of column.values) before.values.push(value);
        else columns.set(name, column);
      }
    }
    return new Rows(table, columns);
  }

  /** @param {Table} table */
  async fetchParts(table) {
    if (this.page.location.protocol === "file:") throw new TooLargeError();
    if (table.bytes > MOST_FETCHED) throw new TooLargeError();
    return Promise.all(
      table.parquet.map(async (path) => {
        const answer = await fetch(path.split("/").map(encodeURIComponent).join("/"));
        if (!answer.ok) throw new Error(`${path}: the server says ${answer.status}`);
        return answer.arrayBuffer();
      }),
    );
  }

  /** The label of a code in a language, or null. @param {string} table @param {string} code @param {string} language */
  async label(table, code, language) {
    const found = this.tables.get(table);
    const column = found?.labels[language];
    if (!found || !column) return null;
    const rows = await this.load(table);
    const [row] = rows.find(found.key, [code]);
    return row === undefined ? null : rows.text(column, row);
  }
}

/** A table that is neither in the page nor can be fetched from where the page is. */
export class TooLargeError extends Error {}

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
