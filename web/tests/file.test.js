// Files on a server: what is asked for, and what is at hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ServedFile } from "../src/file.js";

const SIZE = 40_000_000;

/** A file of the numbers of its bytes, at a server that remembers what it was asked for. */
async function openFile(size = SIZE) {
  /** @type {string[]} */
  const asked = [];
  const file = new ServedFile("https://example.org/a.parquet", async (_, options) => {
    const range = String(/** @type {any} */ (options).headers.Range);
    asked.push(range);
    const [, first, last] = /** @type {RegExpExecArray} */ (/^bytes=(\d*)-(\d+)$/.exec(range));
    const start = first ? Number(first) : Math.max(0, size - Number(last));
    const end = first ? Number(last) + 1 : size;
    const bytes = new Uint8Array(end - start);
    for (let at = start; at < end; at++) bytes[at - start] = at % 251;
    return new Response(bytes, { status: 206, headers: { "Content-Range": `bytes ${start}-${end - 1}/${size}` } });
  });
  await file.open();
  return { file, asked };
}

/** @param {ServedFile} file @param {number} start @param {number} end */
async function check(file, start, end) {
  const bytes = new Uint8Array(await file.slice(start, end));
  assert.deepEqual([bytes.length, bytes[0], bytes.at(-1)], [end - start, start % 251, (end - 1) % 251]);
}

test("a part of what was read is not asked for again", async () => {
  const { file, asked } = await openFile();
  await Promise.all([check(file, 1000, 9000), check(file, 1000, 2000), check(file, 5000, 9000), check(file, 1000, 9000)]);
  assert.deepEqual(asked, ["bytes=-65536", "bytes=1000-8999"]);
  await check(file, 1000, 9001);
  await check(file, 999, 2000);
  assert.equal(asked.length, 4);
});

test("what was read first is let go of, however often its beginning was read", async () => {
  const { file, asked } = await openFile();
  for (const end of [5_000_000, 11_000_000, 17_000_000]) await check(file, 0, end);
  await check(file, 20_000_000, 21_000_000);
  const before = asked.length;
  await check(file, 0, 17_000_000);
  await check(file, 20_000_000, 21_000_000);
  assert.equal(asked.length, before);
  await check(file, 21_000_000, 29_000_000);
  await check(file, 20_000_000, 21_000_000);
  assert.equal(asked.length, before + 1);
  await check(file, 0, 10);
  assert.equal(asked.length, before + 2);
});

test("a small file is asked for twice", async () => {
  const { file, asked } = await openFile(200_000);
  await Promise.all([check(file, 10, 20), check(file, 100_000, 150_000), check(file, 190_000, 200_000)]);
  assert.deepEqual(asked, ["bytes=-65536", "bytes=0-134463"]);
});
