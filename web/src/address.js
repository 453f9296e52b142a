// The state of the explorer, as it stands in the address after `#`.

/**
 * A filter of one column: rows with this text or with a part of one, rows without a value, or rows within bounds, both
 * of which are included.
 * @typedef {{kind: "text", text: string} | {kind: "part", text: string} | {kind: "missing"} | {kind: "range", from: string, to: string}} Filter
 */

/**
 * @typedef {object} State
 * @property {string | null} table
 * @property {string[] | null} row the values of the key, in its order
 * @property {string} words what is searched for
 * @property {{column: string, down: boolean} | null} sort
 * @property {Map<string, Filter>} filters by column
 * @property {string | null} language
 * @property {number} rows how many are shown
 * @property {boolean} only whether a record shows only what differs between its editions
 */

export const FIRST_ROWS = 50;
export const MOST_ROWS = 2000;

/** @returns {State} */
export function emptyState() {
  return { table: null, row: null, words: "", sort: null, filters: new Map(), language: null, rows: FIRST_ROWS, only: false };
}

/**
 * Reads what stands after `#`. Parts that are not of the explorer are passed over, and nothing is an error: a percent
 * sign without two digits stands for itself.
 * @param {string} hash with or without the `#`
 * @returns {State}
 */
export function readAddress(hash) {
  const state = emptyState();
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    if (at < 0) continue;
    const name = decode(part.slice(0, at));
    const raw = part.slice(at + 1);
    const text = decode(raw);
    if (name.startsWith("f.")) state.filters.set(name.slice(2), readFilter(text));
    else if (name === "t") state.table = text;
    else if (name === "row") state.row = raw.split(",").map(decode);
    else if (name === "q") state.words = text;
    else if (name === "sort") state.sort = readSort(text);
    else if (name === "lang") state.language = text;
    else if (name === "n") state.rows = readCount(text);
    else if (name === "only") state.only = text === "1";
  }
  return state;
}

/**
 * Writes the address of a state; the same state has the same address, and what is not set is left out.
 * @param {State} state
 * @returns {string} with the `#`
 */
export function writeAddress(state) {
  const parts = [];
  if (state.table !== null) parts.push(`t=${encode(state.table)}`);
  if (state.row !== null) parts.push(`row=${state.row.map(encode).join(",")}`);
  if (state.words) parts.push(`q=${encode(state.words)}`);
  if (state.sort) parts.push(`sort=${state.sort.down ? "-" : ""}${encode(escapeSort(state.sort.column))}`);
  for (const [column, filter] of [...state.filters].sort(([a], [b]) => (a < b ? -1 : Number(a > b)))) {
    parts.push(`f.${encode(column)}=${encode(writeFilter(filter))}`);
  }
  if (state.language !== null) parts.push(`lang=${encode(state.language)}`);
  if (state.rows !== FIRST_ROWS) parts.push(`n=${state.rows}`);
  if (state.only) parts.push("only=1");
  return `#${parts.join("&")}`;
}

/**
 * `~` begins what is no text: `~missing`, `~part:text`, `~from..to`; a text that begins with it has one more.
 * @param {string} text
 * @returns {Filter}
 */
function readFilter(text) {
  if (text === "~missing") return { kind: "missing" };
  if (text.startsWith("~part:")) return { kind: "part", text: text.slice(6) };
  if (text.startsWith("~~")) return { kind: "text", text: text.slice(1) };
  const bounds = /^~(.*?)\.\.(.*)$/su.exec(text);
  return bounds ? { kind: "range", from: bounds[1], to: bounds[2] } : { kind: "text", text };
}

/** @param {Filter} filter */
function writeFilter(filter) {
  if (filter.kind === "missing") return "~missing";
  if (filter.kind === "part") return `~part:${filter.text}`;
  if (filter.kind === "range") return `~${filter.from}..${filter.to}`;
  return filter.text.startsWith("~") ? `~${filter.text}` : filter.text;
}

/**
 * `-` sorts down; a column whose name begins with `-` or `+` has `+` before it.
 * @param {string} text
 */
function readSort(text) {
  const down = text.startsWith("-");
  const column = down ? text.slice(1) : text;
  return column ? { column: column.startsWith("+") ? column.slice(1) : column, down } : null;
}

/** @param {string} column */
function escapeSort(column) {
  return /^[-+]/.test(column) ? `+${column}` : column;
}

/** @param {string} text */
function readCount(text) {
  const count = /^[0-9]{1,9}$/.test(text) ? Number(text) : FIRST_ROWS;
  return Math.min(Math.max(count, FIRST_ROWS), MOST_ROWS);
}

/** @param {string} text half of a pair of surrogates cannot stand in an address */
function encode(text) {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
}

/** @param {string} text escaped bytes that are no UTF-8 become U+FFFD */
function decode(text) {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
    const bytes = escaped.slice(1).split("%").map((digits) => Number.parseInt(digits, 16));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  });
}
