// The titles of rows: in the chosen language if there is one, else in that of another edition.
import { findRoutes } from "./relations.js";

/** @typedef {import("./main.js").Context} Context @typedef {[string | null, string | null]} Title a text and its language */

/** @param {Context} context @param {import("./model.js").Rows} rows @param {number} row @returns {Promise<Title>} */
export async function findTitle(context, rows, row) {
  const { release, language } = context;
  const { titles, entity } = release.about;
  const { table } = rows;
  const label = new Map(Object.entries(table.labels)).get(language);
  if (label && rows.text(label, row)) return [rows.text(label, row), language];
  if (titles && table.name === entity) {
    return titles.table === entity ? [rows.text(titles.column, row), null] : readEditions(context, rows.key(row));
  }
  const column = ["title", "name"].find((name) => table.columns.some((each) => each.name === name));
  return [column && !table.key.includes(column) ? rows.text(column, row) : null, null];
}

/** The title of the record with a key, if it is in the page. @param {Context} context @param {string[]} key @returns {Promise<Title>} */
export async function readTitle(context, key) {
  const { release } = context;
  const { titles, entity } = release.about;
  if (!titles || release.isLarge(titles.table)) return [null, null];
  if (titles.table !== entity) return readEditions(context, key);
  const { rows, order } = await release.find(entity, release.table(entity).key, key, 1);
  return order.length ? findTitle(context, rows, order[0]) : [null, null];
}

/** @param {Context} context @param {string[]} key of a record @returns {Promise<Title>} */
async function readEditions({ release, language }, key) {
  const { titles, entity } = release.about;
  const table = release.table(titles.table);
  if (!release.isReadable(table.name)) return [null, null];
  const names = findRoutes(release, table, release.table(entity), false)[0] ?? release.table(entity).key;
  const { rows, order } = await release.find(table.name, names, key, MOST_EDITIONS);
  const able = order.filter((at) => rows.text(titles.column, at) !== null);
  const spoken = (/** @type {number} */ at) => (titles.language ? rows.text(titles.language, at) : null);
  const own = able.find((at) => spoken(at) === language) ?? able[0];
  return own === undefined ? [null, null] : [rows.text(titles.column, own), spoken(own)];
}

const MOST_EDITIONS = 200;
