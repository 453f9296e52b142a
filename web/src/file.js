// Files that are read in parts: the bytes of one in the page, or of one on a server.

/**
 * @typedef {object} File
 * @property {number} byteLength known once the file is open
 * @property {() => Promise<unknown>} open reads its end, and so its length
 * @property {(start: number, end?: number) => ArrayBuffer | Promise<ArrayBuffer>} slice
 */

/** A file that cannot be read here: it has too many bytes. */
export class TooLargeError extends Error {}

const END = 64 * 1024;
export const MOST_WHOLE = 64 * 1024 * 1024;
// A file of a few reads is read at once: a table of many columns would ask for each of them.
const MOST_AT_ONCE = 4 * END;
const MOST_KEPT = 24 * 1024 * 1024;

/** @param {ArrayBuffer} buffer @returns {File} */
export function wrapBuffer(buffer) {
  return {
    byteLength: buffer.byteLength,
    open: () => Promise.resolve(),
    slice: (start, end) => buffer.slice(start, end),
  };
}

/**
 * A file on a server, of which the parts in need are asked for; those read last are kept. A server that answers with
 * the whole file is asked once.
 * @implements {File}
 */
export class ServedFile {
  /** @param {string} address @param {typeof fetch} ask */
  constructor(address, ask = (...request) => fetch(...request)) {
    this.address = address;
    this.ask = ask;
    this.byteLength = 0;
    /** @type {ArrayBuffer | null} */
    this.whole = null;
    /** @type {Map<number, {end: number, bytes: Promise<ArrayBuffer>}>} by where they begin */
    this.parts = new Map();
    /** @type {Promise<void> | null} */
    this.opened = null;
    this.end = new ArrayBuffer(0);
    /** @type {Promise<ArrayBuffer> | null} */
    this.rest = null;
  }

  /** Reads the end of the file, once. */
  open() {
    this.opened ??= this.readEnd().catch((error) => {
      this.opened = null;
      throw error;
    });
    return this.opened;
  }

  async readEnd() {
    const answer = await this.request(`bytes=-${END}`);
    if (answer.status === 200) {
      this.whole = await readWhole(answer, this.address);
      this.byteLength = this.whole.byteLength;
      return;
    }
    const size = /\/(\d+)$/.exec(answer.headers.get("Content-Range") ?? "");
    this.end = await answer.arrayBuffer();
    if (!size) throw new Error(`${this.address}: the server does not say how long the file is`);
    this.byteLength = Number(size[1]);
  }

  /** @param {number} start @param {number} end @returns {ArrayBuffer | Promise<ArrayBuffer>} */
  slice(start, end = this.byteLength) {
    const from = this.byteLength - this.end.byteLength;
    if (this.whole) return this.whole.slice(start, end);
    if (start >= from) return this.end.slice(start - from, end - from);
    if (this.byteLength <= MOST_AT_ONCE) return this.readRest(from).then((whole) => whole.slice(start, end));
    for (const [first, part] of this.parts) {
      if (first <= start && end <= part.end) return part.bytes.then((bytes) => bytes.slice(start - first, end - first));
    }
    return this.read(start, end);
  }

  /** Reads what stands before the end of a small file, once. @param {number} from */
  readRest(from) {
    this.rest ??= this.read(0, from).then(
      (part) => (this.whole = join([part, this.end])),
      (error) => {
        this.rest = null;
        throw error;
      },
    );
    return this.rest;
  }

  /** @param {number} start @param {number} end @returns {Promise<ArrayBuffer>} */
  read(start, end) {
    const bytes = this.request(`bytes=${start}-${end - 1}`).then(async (answer) => {
      const size = /\/(\d+)$/.exec(answer.headers.get("Content-Range") ?? "");
      if (answer.status !== 206 || (size && Number(size[1]) !== this.byteLength)) {
        throw new Error(`${this.address}: the file is another one now; load the page again`);
      }
      return answer.arrayBuffer();
    });
    const part = { end, bytes };
    this.parts.delete(start);
    this.parts.set(start, part);
    bytes.catch(() => this.parts.get(start) === part && this.parts.delete(start));
    this.forget();
    return bytes;
  }

  /** Lets go of the parts that were read first, but for the last one. */
  forget() {
    let kept = 0;
    for (const [start, { end }] of this.parts) kept += end - start;
    for (const [start, { end }] of [...this.parts].slice(0, -1)) {
      if (kept <= MOST_KEPT) return;
      this.parts.delete(start);
      kept -= end - start;
    }
  }

  /** @param {string} range */
  async request(range) {
    const answer = await this.ask(this.address, { headers: { Range: range } });
    if (!answer.ok) throw new Error(`${this.address}: the server answers ${answer.status}`);
    return answer;
  }
}

/** The body of an answer, if it is not too large. @param {Response} answer @param {string} address */
async function readWhole(answer, address) {
  if (Number(answer.headers.get("Content-Length") ?? 0) > MOST_WHOLE) {
    await answer.body?.cancel();
    throw new TooLargeError(address);
  }
  /** @type {Uint8Array[]} */
  const pieces = [];
  let length = 0;
  const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.byteLength;
    if (length > MOST_WHOLE) {
      await reader.cancel();
      throw new TooLargeError(address);
    }
    pieces.push(next.value);
  }
  return join(pieces);
}

/** @param {(Uint8Array | ArrayBuffer)[]} pieces */
function join(pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece instanceof Uint8Array ? piece : new Uint8Array(piece), at);
    at += piece.byteLength;
  }
  return whole.buffer;
}
