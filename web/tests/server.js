// A server of a folder, which knows ranges or not, and remembers what it was asked for.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

/**
 * @param {string} folder @param {boolean} knowsRanges
 * @returns {Promise<{address: string, asked: {status: number, bytes: number}[], close: () => void}>}
 */
export async function serveFolder(folder, knowsRanges) {
  /** @type {{status: number, bytes: number}[]} */
  const asked = [];
  const server = createServer((request, response) => {
    const file = readFileSync(join(folder, decodeURIComponent(new URL(request.url ?? "", "http://host").pathname)));
    const range = knowsRanges ? /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "") : null;
    const start = range ? (range[1] ? Number(range[1]) : Math.max(0, file.length - Number(range[2]))) : 0;
    const end = range?.[1] && range[2] ? Math.min(Number(range[2]) + 1, file.length) : file.length;
    asked.push({ status: range ? 206 : 200, bytes: end - start });
    response.writeHead(range ? 206 : 200, {
      "Content-Length": end - start,
      ...(range ? { "Content-Range": `bytes ${start}-${end - 1}/${file.length}` } : {}),
    });
    response.end(file.subarray(start, end));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { address: `http://127.0.0.1:${port}/`, asked, close: () => server.close() };
}
