// Large tables in a worker: what the page asks, and what the worker answers.
import { ServedFile, TooLargeError } from "./file.js";
import { LargeTable, StoppedError } from "./large.js";

/**
 * @typedef {{fields: import("./large.js").Field[], addresses: string[]}} About
 * @typedef {"measure" | "select" | "search" | "save" | "around" | "summarize"} Method
 * @typedef {(done: number, total: number) => void} Tell
 */

const FAULTS = new Map([["large", TooLargeError], ["stopped", StoppedError]]);

/** Answers what the page asks; this is what runs in the worker. @param {any} scope */
export function serve(scope) {
  /** @type {Map<string, LargeTable>} */
  const tables = new Map();
  /** @type {Map<number, {aborted: boolean}>} */
  const running = new Map();
  scope.addEventListener("message", async (/** @type {MessageEvent} */ { data }) => {
    const { id, name, about, method, wanted } = data;
    if (method === "stop") {
      const signal = running.get(id);
      if (signal) signal.aborted = true;
      return;
    }
    const table = tables.get(name) ?? openLarge(about);
    tables.set(name, table);
    const signal = { aborted: false };
    running.set(id, signal);
    try {
      const tell = (/** @type {number} */ done, /** @type {number} */ total) => scope.postMessage({ id, done, total });
      scope.postMessage({ id, result: await table[/** @type {Method} */ (method)](wanted, { signal, tell }) });
    } catch (error) {
      const fault = [...FAULTS].find(([, kind]) => error instanceof kind)?.[0] ?? "other";
      scope.postMessage({ id, fault, why: error instanceof Error ? error.message : String(error) });
    } finally {
      running.delete(id);
    }
  });
}

/** @param {About} about */
function openLarge({ fields, addresses }) {
  return new LargeTable(fields, addresses.map((address) => new ServedFile(address)));
}

/** The page's end of the worker, which is begun when something is asked first. */
export class Workshop {
  /** @param {string} program the text of this script */
  constructor(program) {
    this.program = program;
    this.last = 0;
    /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void, tell?: Tell}>} */
    this.asked = new Map();
    /** @type {Worker | null} */
    this.worker = null;
  }

  begin() {
    const address = URL.createObjectURL(new Blob([this.program], { type: "text/javascript" }));
    const worker = new Worker(address);
    worker.addEventListener("message", ({ data }) => this.take(data));
    worker.addEventListener("error", (event) => {
      for (const { reject } of this.asked.values()) reject(new Error(event.message || "the worker does not start"));
      this.asked.clear();
      this.worker = null;
    });
    return worker;
  }

  /** @param {any} answer */
  take({ id, result, done, total, fault, why }) {
    const asked = this.asked.get(id);
    if (!asked) return;
    if (total !== undefined) {
      asked.tell?.(done, total);
      return;
    }
    this.asked.delete(id);
    if (fault === undefined) asked.resolve(result);
    else asked.reject(new (FAULTS.get(fault) ?? Error)(why));
  }

  /**
   * Asks for what a method of LargeTable returns.
   * @param {string} name @param {About} about @param {Method} method @param {any} wanted
   * @param {{tell?: Tell, signal?: AbortSignal}} [watch]
   * @returns {Promise<any>}
   */
  ask(name, about, method, wanted, { tell, signal } = {}) {
    const id = ++this.last;
    const worker = (this.worker ??= this.begin());
    signal?.addEventListener("abort", () => worker.postMessage({ id, method: "stop" }));
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject, tell });
      worker.postMessage({ id, name, about, method, wanted });
    });
  }
}
