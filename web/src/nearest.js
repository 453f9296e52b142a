// What an address names that is not here, and the nearest thing that is.
import { emptyState } from "./address.js";
import { isNumeric, NUMBERS } from "./panel.js";

/** @typedef {import("./address.js").State} State @typedef {import("./model.js").Release} Release @typedef {import("./model.js").Table} Table */

/**
 * The state nearest to one that the release has, and the names in the other that are not here: of a table, a column or
 * a language; bounds of numbers that are none are such names, too. Keys of rows are looked for later.
 * @param {Release} release @param {State} state @returns {{state: State, absent: string[]}}
 */
export function findNearest(release, state) {
  const language = state.language !== null && isSpoken(release, state.language) ? state.language : null;
  const absent = state.language !== null && language === null ? [state.language] : [];
  const table = state.table === null ? undefined : release.tables.get(state.table);
  if (!table) {
    const names = state.table !== null ? [state.table] : [...(state.row ? [state.row.join(", ")] : []), ...state.filters.keys()];
    return { state: { ...emptyState(), language, words: state.table === null ? state.words : "" }, absent: [...absent, ...names] };
  }
  const columns = new Map(table.columns.map((column) => [column.name, column]));
  const filters = new Map();
  for (const [name, filter] of state.filters) {
    const column = columns.get(name);
    const bounds = filter.kind === "range" && NUMBERS.has(column?.type ?? "") ? [filter.from, filter.to].filter((each) => !isNumeric(each)) : [];
    if (column && !bounds.length) filters.set(name, filter);
    else absent.push(...(column ? bounds : [name]));
  }
  // The rows of a large table are searched when they are told to; a record comes from a search, and leads back there.
  const isSought = state.row !== null || !release.isLarge(table.name);
  if (state.words && !isSought) absent.push(state.words);
  const sort = state.sort && columns.has(state.sort.column) ? state.sort : null;
  if (state.sort && !sort) absent.push(state.sort.column);
  return { state: { ...state, language, filters, sort, words: isSought ? state.words : "" }, absent };
}

/** @param {Release} release @param {string} language */
function isSpoken(release, language) {
  const known = release.about.languages ?? [];
  return known.length ? known.includes(language) : language === "en";
}
