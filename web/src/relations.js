// How the rows of one table belong to a row of another: along foreign keys.

/** @typedef {import("./model.js").Table} Table @typedef {import("./model.js").Release} Release */

/**
 * The columns of a table that hold the key of a parent's row, in the order of that key: by each foreign key that leads
 * there, else by way of other tables, else, where no foreign key tells, by the same names in its own key.
 * @param {Release} release @param {Table} table @param {Table} parent @param {boolean} isDirect whether other tables are no way
 * @returns {string[][]}
 */
export function findRoutes(release, table, parent, isDirect) {
  if (!parent.key.length) return [];
  const direct = table.foreignKeys.filter((key) => key.table === parent.name).flatMap(({ fields, columns }) => {
    const names = parent.key.map((name) => fields[columns.indexOf(name)]);
    return names.every((name) => name !== undefined) ? [names] : [];
  });
  if (direct.length || isDirect || table.name === parent.name) return direct;
  const way = findWay(release, table, parent, new Set([table.name]));
  const isAlike = table.group !== "codelists" && parent.key.every((name) => table.key.includes(name));
  return way ? [way] : isAlike ? [parent.key] : [];
}

/** @param {Release} release @param {Table} table @param {Table} parent @param {Set<string>} passed @returns {string[] | null} */
function findWay(release, table, parent, passed) {
  for (const { fields, table: name, columns } of table.foreignKeys) {
    const next = release.tables.get(name);
    if (!next || passed.has(name)) continue;
    passed.add(name);
    const there = findRoutes(release, next, parent, true)[0] ?? findWay(release, next, parent, passed);
    const names = there?.map((each) => fields[columns.indexOf(each)]);
    if (names?.every((each) => each !== undefined)) return names;
  }
  return null;
}

/**
 * The record that a finding speaks of, or the row that it does if that belongs to none; null if it names none.
 * @param {Release} release @param {import("./model.js").Rows} rows of the findings @param {number} row
 * @returns {{table: string, row: string[]} | null}
 */
export function findSubject(release, rows, row) {
  if (!["table", "key"].every((name) => rows.columns.has(name))) return null;
  const table = release.tables.get(rows.text("table", row) ?? "");
  const key = (rows.text("key", row) ?? "").split(", ");
  if (!table || key.length !== table.key.length) return null;
  const entity = release.table(release.about.entity);
  const [names = []] = table === entity ? [entity.key] : findRoutes(release, table, entity, false);
  const own = names.map((name) => key[table.key.indexOf(name)]);
  return own.length && own.every((text) => text !== undefined) ? { table: entity.name, row: own } : { table: table.name, row: key };
}
