// Asks a large table what the file QUESTIONS has, one question after the other, and prints the answers as JSON: of each
// the result, and the requests and bytes that it took.
// node web/tests/large.js FOLDER QUESTIONS
import { readFileSync } from "node:fs";
import { ServedFile } from "../src/file.js";
import { LargeTable } from "../src/large.js";
import { serveFolder } from "./server.js";

const { fields, paths, questions, ranges } = JSON.parse(readFileSync(process.argv[3], "utf8"));
const server = await serveFolder(process.argv[2], ranges);
const table = new LargeTable(fields, paths.map((/** @type {string} */ path) => new ServedFile(server.address + path)));
const answers = [];
for (const [method, wanted] of questions) {
  const before = server.asked.length;
  const result = await /** @type {any} */ (table)[method](wanted);
  const asked = server.asked.slice(before);
  const answer = method === "save" ? { file: await result.file.text(), formula: result.formula } : result;
  if (answer.rows?.length) answer.rows = [...answer.rows];
  answers.push({ answer, requests: asked.length, bytes: asked.reduce((sum, { bytes }) => sum + bytes, 0) });
}
server.close();
console.log(JSON.stringify(answers));
