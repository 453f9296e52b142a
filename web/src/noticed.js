// The findings on a record: each is shown at the value that it speaks of, or else before all values.
import { make, show } from "./dom.js";
import { say } from "./words.js";

/**
 * @typedef {import("./main.js").Context} Context
 * @typedef {{table: string, key: string, field: string, rule: string, message: string, place: string, isShown: boolean}} Finding
 */

const MOST = 500;
const FIELDS = ["table", "key", "field", "rule", "message", "path", "line"];

/** The findings of the rows of a record, by their tables and keys. */
export class Findings {
  /** @param {Context} context @param {Finding[]} all */
  constructor(context, all) {
    this.context = context;
    this.all = all;
  }

  /**
   * What was noticed of one value, or of a whole row without a column.
   * @param {string} table @param {string[]} key of the row @param {string | null} column @param {boolean} isRest whether those of
   *   this row that name no column of the table belong here too
   */
  take(table, key, column, isRest = false) {
    const own = key.join(", ");
    const found = this.all.filter((each) => !each.isShown && each.table === table && each.key === own && (each.field === column || isRest));
    for (const each of found) each.isShown = true;
    return found.length ? this.list(found) : null;
  }

  /** Those that no value of the view has taken. */
  takeRest() {
    return this.list(this.all.filter(({ isShown }) => !isShown));
  }

  /** @param {Finding[]} findings */
  list(findings) {
    const items = findings.map(({ rule, message, place }) =>
      make("li", {}, make("code", {}, show(rule)), " ", make("bdi", {}, show(message)), place ? make("span", { class: "quiet" }, ` ${show(place)}`) : null),
    );
    return make("ul", { class: "noticed", "aria-label": say(this.context.language, "findings") }, ...items);
  }
}

/** Reads the findings whose key is that of a row, or begins with it. @param {Context} context @param {string} table @param {string[]} key */
export async function readFindings(context, table, key) {
  const { release, watch } = context;
  const name = release.about.findings;
  const about = name && release.tables.get(name);
  const known = new Set(about ? about.columns.map((/** @type {{name: string}} */ column) => column.name) : []);
  if (!about?.rows || !known.has("key") || !known.has("table") || !key.length) return new Findings(context, []);
  if (!release.isReadable(name)) return new Findings(context, []);
  const own = key.join(", ");
  const part = /** @type {import("./address.js").Filter} */ ({ kind: "part", text: own });
  const { rows, order } = await release.select(name, new Map([["key", part]]), null, MOST, watch);
  const isEntity = table === release.about.entity;
  const found = order.map((row) => {
    const [of, id, field, rule, message, path, line] = FIELDS.map((each) => (known.has(each) ? (rows.text(each, row) ?? "") : ""));
    return { table: of, key: id, field, rule, message, place: [path, line].filter((text) => text && text !== "0").join(":"), isShown: false };
  });
  return new Findings(context, found.filter((each) => (each.table === table && each.key === own) || (isEntity && belongs(each.key, own))));
}

/** Whether a key is that of a record, or begins with it. @param {string} key @param {string} own */
const belongs = (key, own) => key === own || key.startsWith(`${own}, `);
