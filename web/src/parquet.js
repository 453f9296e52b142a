// Reads Parquet files as columns of exact values, each with the text that CSV has of it.
import { decompress } from "fzstd";
import { parquetMetadataAsync, parquetScan } from "hyparquet";
import { writeDate, writeDecimal, writeDouble, writeInstant, writeTime, writeYear } from "./texts.js";

/**
 * How the values of a column are compared and written: numbers, BigInts (integers, unscaled decimals, microseconds),
 * days since 1970, truths or texts; null is a missing one, and none is `undefined`.
 * @typedef {{isText: boolean, isNumeric: boolean, scale: number, write: (value: any) => string}} Kind
 * @typedef {Kind & {values: any[]}} Column
 * @typedef {{name: string, type: string, zone: boolean}} Field
 * @typedef {import("./file.js").File} File
 * @typedef {import("hyparquet").FileMetaData} Metadata
 */

const COMPRESSORS = {
  /** @param {Uint8Array} input @param {number} length */
  ZSTD: (input, length) => decompress(input, new Uint8Array(length)),
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
  const kind = { isText: false, isNumeric: false, scale: 0, make: null, write: String };
  if (logical === "STRING" || logical === "UTF8") return { ...kind, isText: true };
  delete element.logical_type;
  delete element.converted_type;
  if (logical === "DECIMAL") {
    return { ...kind, scale, isNumeric: true, make: toBigInt, write: (/** @type {bigint} */ value) => writeDecimal(value, scale) };
  }
  if (logical === "DATE") return { ...kind, write: writeDate };
  if (type === "datetime") return { ...kind, write: (/** @type {bigint} */ value) => writeInstant(value, zone) };
  if (type === "time") return { ...kind, write: (/** @type {bigint} */ value) => writeTime(value, zone) };
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

  /** The values of a column in some rows of one row group. @param {string} name @param {number} start @param {number} end @returns {Promise<any[]>} */
  async read(name, start, end) {
    const { file, metadata } = this;
    // A scan keeps what it read last of each column, so each read has one of its own.
    const scan = await parquetScan({ file, metadata, columns: [name], compressors: COMPRESSORS });
    const values = await scan.readColumn({ column: name, rowStart: start, rowEnd: end });
    const make = this.kinds.get(name)?.make;
    return Array.from(values, (value) => (value === null || value === undefined ? null : make ? make(value) : value));
  }

  /**
   * Ranges of rows outside which no value of a column is a text: by what the file says of row groups and pages.
   * @param {string} name @param {string} text @returns {Promise<[number, number][]>}
   */
  async locate(name, text) {
    // The order of UTF-8 and that of JavaScript agree below the surrogates; some names mean more in a filter.
    if (!this.kind(name).isText || !/^[\0-\ud7ff]*$/.test(text) || /^\$|[.]|^__proto__$/.test(name)) return this.groups;
    const { file, metadata } = this;
    const filter = Object.fromEntries([[name, { $eq: text }]]);
    const scan = await parquetScan({ file, metadata, columns: [name], pruningFilter: filter, usePageIndex: true });
    return scan.ranges.map(({ rowStart, rowEnd }) => [rowStart, rowEnd]);
  }
}

/** Opens a file that holds columns with these names. @param {File} file @param {Field[]} fields */
export async function openParquet(file, fields) {
  await file.open();
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: 64 * 1024, geoparquet: false });
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
