// Reads Parquet files as columns of exact values, each with the text that CSV has of it.
import { decompress } from "fzstd";
import { readColumn } from "hyparquet/src/column.js";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { readColumnIndex, readOffsetIndex } from "hyparquet/src/indexes.js";
import { parquetMetadataAsync, parquetSchema } from "hyparquet/src/metadata.js";
import { getTreePath } from "hyparquet/src/schema.js";
import { compareTexts } from "./select.js";
import { writeDate, writeDecimal, writeDouble, writeInstant, writeTime, writeYear } from "./texts.js";

/**
 * How the values of a column are compared and written: numbers, BigInts (integers, unscaled decimals, microseconds),
 * days since 1970, truths or texts; null is a missing one, and none is `undefined`.
 * @typedef {{isText: boolean, isNumeric: boolean, isTime: boolean, scale: number, write: (value: any) => string}} Kind
 * @typedef {Kind & {values: any[]}} Column
 * @typedef {{name: string, type: string, zone: boolean}} Field
 * @typedef {import("./file.js").File} File
 * @typedef {import("hyparquet").FileMetaData} Metadata @typedef {import("hyparquet").ColumnChunk} Chunk
 */

const COMPRESSORS = {
  /** @param {Uint8Array} input @param {number} length */
  ZSTD: (input, length) => decompress(input, new Uint8Array(length)),
};

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Texts as they are: hyparquet's own takes off a byte-order mark, with which a value may begin. */
const PARSERS = {
  ...DEFAULT_PARSERS,
  /** @param {Uint8Array | undefined} bytes */
  stringFromBytes: (bytes) => bytes && UTF8.decode(bytes),
};

/** @param {Uint8Array | number | bigint} value two's complement, the highest byte first */
function toBigInt(value) {
  if (typeof value === "bigint" || typeof value === "number") return BigInt(value);
  let found = 0n;
  for (const byte of value) found = (found << 8n) | BigInt(byte);
  return BigInt.asIntN(value.length * 8, found);
}

/**
 * How the values of a column are made and written. What the file says of a physical type is taken off it, so that
 * hyparquet gives integers and bytes as they are: it would round decimals and times.
 * @param {any} element of the schema @param {string} type of the Data Package @param {boolean} zone
 * @returns {Kind & {make: ((value: any) => any) | null}}
 */
function describe(element, type, zone) {
  const logical = element.logical_type?.type ?? element.converted_type;
  const { scale = 0 } = element;
  const kind = { isText: false, isNumeric: false, isTime: type === "yearmonth", scale: 0, make: null, write: String };
  if (logical === "STRING" || logical === "UTF8") return { ...kind, isText: true };
  delete element.logical_type;
  delete element.converted_type;
  if (logical === "DECIMAL") {
    return { ...kind, scale, isNumeric: true, make: toBigInt, write: (/** @type {bigint} */ value) => writeDecimal(value, scale) };
  }
  if (logical === "DATE") return { ...kind, isTime: true, write: writeDate };
  if (type === "datetime") return { ...kind, isTime: true, write: (/** @type {bigint} */ value) => writeInstant(value, zone) };
  if (type === "time") return { ...kind, isTime: true, write: (/** @type {bigint} */ value) => writeTime(value, zone) };
  if (type === "year") return { ...kind, isNumeric: true, write: writeYear };
  if (element.type === "DOUBLE") return { ...kind, isNumeric: true, write: writeDouble };
  return { ...kind, isNumeric: type === "integer" };
}

/** A Parquet file whose schema is known, and whose columns are read as they are asked for. */
export class ParquetFile {
  /** @param {File} file @param {Metadata} metadata @param {Field[]} fields */
  constructor(file, metadata, fields) {
    this.file = file;
    this.metadata = metadata;
    this.rows = Number(metadata.num_rows);
    const elements = new Map(metadata.schema.slice(1).map((element) => [element.name, element]));
    this.kinds = new Map(fields.map(({ name, type, zone }) => [name, describe(elements.get(name), type, zone)]));
    /** @type {[number, number][]} the rows of each row group: the first, and the one after the last */
    this.groups = [];
    for (const group of metadata.row_groups) {
      const start = this.groups.at(-1)?.[1] ?? 0;
      this.groups.push([start, start + Number(group.num_rows)]);
    }
  }

  /** @param {string} name @returns {Kind} */
  kind(name) {
    return /** @type {Kind} */ (this.kinds.get(name));
  }

  /** The bytes that columns take in the file. @param {string[]} names @returns {number} */
  bytes(names) {
    return this.chunks(names).reduce((sum, chunk) => sum + Number(chunk.total_compressed_size), 0);
  }

  /** The rows of an average page of a column: so many rows of it cost about what one costs. @param {string} name */
  pageRows(name) {
    const bytes = this.chunks([name]).reduce((sum, chunk) => sum + Number(chunk.total_uncompressed_size), 0);
    return Math.max(1, Math.min(20_000, Math.floor((this.rows * 1024 * 1024) / Math.max(1, bytes))));
  }

  /** @param {string[]} names */
  chunks(names) {
    return this.metadata.row_groups.flatMap((group) =>
      group.columns.flatMap(({ meta_data: about }) => (about && names.includes(about.path_in_schema[0]) ? [about] : [])),
    );
  }

  /** The part of a column in a row group. @param {number} group @param {string} name */
  chunk(group, name) {
    return /** @type {Chunk} */ (this.metadata.row_groups[group].columns.find(({ meta_data: about }) => about?.path_in_schema[0] === name));
  }

  /** The values of a column in some rows of one row group. @param {string} name @param {number} start @param {number} end @returns {Promise<any[]>} */
  async read(name, start, end) {
    if (start === end) return [];
    const group = this.groups.findIndex(([, next]) => start < next);
    const [first, next] = this.groups[group];
    const about = /** @type {Metadata["row_groups"][0]["columns"][0]["meta_data"] & {}} */ (this.chunk(group, name).meta_data);
    const { view, skipped } = await this.fetch(this.chunk(group, name), start - first, end - first, next - first);
    const schemaPath = getTreePath(parquetSchema(this.metadata), [name]);
    const { element } = schemaPath[1];
    const decoder = { ...about, pathInSchema: [name], element, schemaPath, compressors: COMPRESSORS, parsers: PARSERS };
    const select = { groupStart: 0, selectStart: start - first - skipped, selectEnd: end - first - skipped };
    const found = readColumn({ view, offset: 0 }, /** @type {any} */ (select), decoder);
    const from = select.selectStart - found.skipped;
    const values = found.data.length === 1 ? found.data[0] : found.data.flatMap((page) => Array.from(page));
    const make = this.kinds.get(name)?.make;
    return Array.from(values.slice(from, from + end - start), (value) => (value === null || value === undefined ? null : make ? make(value) : value));
  }

  /**
   * The bytes of the pages that hold some rows of a row group, before them those of the dictionary, and how many rows
   * of the group stand before the first of these pages.
   * @param {Chunk} chunk @param {number} start @param {number} end @param {number} rows
   */
  async fetch(chunk, start, end, rows) {
    const { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size: size } = /** @type {any} */ (chunk.meta_data);
    const from = Number(dictionary || data);
    const pages = end - start < rows ? await this.pages(chunk) : null;
    if (!pages) return { view: new DataView(await this.file.slice(from, from + Number(size))), skipped: 0 };
    const last = pages.filter(({ row }) => row < end).length - 1;
    const at = pages.filter(({ row }) => row <= start).length - 1;
    const [head, body] = await Promise.all([
      at && dictionary ? this.file.slice(from, pages[0].start) : new ArrayBuffer(0),
      this.file.slice(at ? pages[at].start : from, pages[last].end),
    ]);
    const bytes = new Uint8Array(head.byteLength + body.byteLength);
    bytes.set(new Uint8Array(head));
    bytes.set(new Uint8Array(body), head.byteLength);
    return { view: new DataView(bytes.buffer), skipped: pages[at].row };
  }

  /** Where the pages of a chunk begin and end, and the first row of each; null if the file does not say. @param {Chunk} chunk */
  async pages({ offset_index_offset: offset, offset_index_length: length }) {
    if (!offset || !length) return null;
    const bytes = await this.file.slice(Number(offset), Number(offset) + length);
    const { page_locations: pages } = readOffsetIndex({ view: new DataView(bytes), offset: 0 });
    return pages.map((page) => ({
      row: Number(page.first_row_index), start: Number(page.offset), end: Number(page.offset) + page.compressed_page_size,
    }));
  }

  /**
   * Ranges of rows outside which no value of a column is a text: by what the file says of row groups and pages.
   * @param {string} name @param {string} text @returns {Promise<[number, number][]>}
   */
  async locate(name, text) {
    if (!this.kind(name).isText) return this.groups;
    const found = await Promise.all(this.groups.map(([start, end], group) => this.locateIn(group, name, text, start, end)));
    return found.flat();
  }

  /** @param {number} group @param {string} name @param {string} text @param {number} start @param {number} end @returns {Promise<[number, number][]>} */
  async locateIn(group, name, text, start, end) {
    const chunk = this.chunk(group, name);
    const { min_value: least, max_value: most } = chunk.meta_data?.statistics ?? {};
    if (!isWithin(text, least, most)) return [];
    const { column_index_offset: offset, column_index_length: length } = chunk;
    const pages = await this.pages(chunk);
    if (!pages || !offset || !length) return [[start, end]];
    const bytes = await this.file.slice(Number(offset), Number(offset) + length);
    const { element } = getTreePath(parquetSchema(this.metadata), [name])[1];
    const { null_pages: empty, min_values: lowest, max_values: highest } = readColumnIndex({ view: new DataView(bytes), offset: 0 }, element, PARSERS);
    /** @type {[number, number][]} */
    const ranges = [];
    for (const [at, { row }] of pages.entries()) {
      if (empty[at] || !isWithin(text, lowest[at], highest[at])) continue;
      const [from, to] = [start + row, at + 1 < pages.length ? start + pages[at + 1].row : end];
      const before = ranges.at(-1);
      if (before && before[1] === from) before[1] = to;
      else ranges.push([from, to]);
    }
    return ranges;
  }
}

/** Whether a text may stand between two bounds, of which one that is cut within a sign says nothing. @param {string} text @param {any} least @param {any} most */
function isWithin(text, least, most) {
  if (typeof least !== "string" || typeof most !== "string" || `${least}${most}`.includes("\ufffd")) return true;
  return compareTexts(least, text) <= 0 && compareTexts(text, most) <= 0;
}

/** Opens a file that holds columns with these names. @param {File} file @param {Field[]} fields */
export async function openParquet(file, fields) {
  await file.open();
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: 64 * 1024, geoparquet: false, parsers: PARSERS });
  return new ParquetFile(file, metadata, fields);
}

/**
 * Reads all rows of a file.
 * @param {File} file @param {Field[]} fields
 * @returns {Promise<Map<string, Column>>}
 */
export async function readTable(file, fields) {
  const opened = await openParquet(file, fields);
  /** @type {Map<string, Column>} */
  const found = new Map();
  for (const { name } of fields) {
    const parts = await Promise.all(opened.groups.map(([start, end]) => opened.read(name, start, end)));
    found.set(name, { ...opened.kind(name), values: parts.flat() });
  }
  return found;
}
