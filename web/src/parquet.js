// Reads Parquet files as columns of exact values, each with the text that CSV has of it.
import { decompress } from "fzstd";
import { parquetMetadataAsync, parquetRead } from "hyparquet";
import { writeDate, writeDecimal, writeDouble, writeInstant, writeTime, writeYear } from "./texts.js";

/**
 * A column of a table: its values as they are compared, null where one is missing, and how one is written.
 * @typedef {{values: any[], isText: boolean, isNumeric: boolean, write: (value: any) => string}} Column
 * @typedef {{byteLength: number, slice: (start: number, end?: number) => ArrayBuffer | Promise<ArrayBuffer>}} File
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
 */
function describe(element, type, zone) {
  const logical = element.logical_type?.type ?? element.converted_type;
  const { scale = 0 } = element;
  if (logical === "STRING" || logical === "UTF8") return { write: String, isText: true };
  delete element.logical_type;
  delete element.converted_type;
  if (logical === "DECIMAL") {
    return { make: toBigInt, write: (/** @type {bigint} */ value) => writeDecimal(value, scale), isNumeric: true };
  }
  if (logical === "DATE") return { write: writeDate };
  if (type === "datetime") return { write: (/** @type {bigint} */ value) => writeInstant(value, zone) };
  if (type === "time") return { write: (/** @type {bigint} */ value) => writeTime(value, zone) };
  if (type === "year") return { write: writeYear, isNumeric: true };
  if (element.type === "DOUBLE") return { write: writeDouble, isNumeric: true };
  return { write: String, isNumeric: type === "integer" };
}

/**
 * Reads all rows of a file.
 * @param {File} file
 * @param {{name: string, type: string, zone: boolean}[]} columns those of the table
 * @returns {Promise<Map<string, Column>>}
 */
export async function readTable(file, columns) {
  const metadata = await parquetMetadataAsync(file);
  /** @type {Map<string, Column & {make?: (value: any) => any}>} */
  const found = new Map();
  const elements = new Map(metadata.schema.slice(1).map((element) => [element.name, element]));
  for (const { name, type, zone } of columns) {
    const how = { isText: false, isNumeric: false, ...describe(elements.get(name), type, zone) };
    found.set(name, { ...how, values: new Array(Number(metadata.num_rows)).fill(null) });
  }
  await parquetRead({
    file,
    metadata,
    compressors: COMPRESSORS,
    onChunk: ({ columnName, columnData, rowStart }) => {
      const column = found.get(columnName);
      if (!column) return;
      for (let at = 0; at < columnData.length; at++) {
        const value = columnData[at] ?? null;
        column.values[rowStart + at] = value === null || !column.make ? value : column.make(value);
      }
    },
  });
  return found;
}
