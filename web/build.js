// Builds src/main.js into one file of the Python package; with --check, compares it with the one that is there.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const TARGET = join(HERE, "../src/release/package/templates/explorer.js");
// Of the specification of the page: the script before and after compression.
const MOST = 110 * 1024;
const MOST_COMPRESSED = 40 * 1024;
const LIBRARIES = ["fzstd", "hyparquet"];
// Modules of hyparquet for what no file of a release has. A release is written by this program: zstd, no filters of
// Bloom, no geometry, no variants, and none of the encodings that are left out here.
const LEFT_OUT = /hyparquet\/src\/(?:alp|bloom|delta|geoparquet|snappy|variant|wkb|xxhash)\.js$/;

/** Puts a function that fails in the place of each that is left out. @type {import("esbuild").Plugin} */
const leaveOut = {
  name: "leave-out",
  setup(own) {
    own.onLoad({ filter: LEFT_OUT }, ({ path }) => {
      const names = [...readFileSync(path, "utf8").matchAll(/^export function (\w+)/gm)].map(([, name]) => name);
      const lines = names.map((name) => `export function ${name}() { throw new Error("${name} is left out"); }`);
      return { contents: lines.join("\n") };
    });
  },
};

/** The SHA-256 of a list of digests and paths: what tests/package/test_explorer.py makes without Node. */
function digestSources() {
  const sources = readdirSync(join(HERE, "src")).map((name) => `src/${name}`);
  const paths = ["build.js", "package-lock.json", "package.json", ...sources].sort();
  const lines = paths.map((path) => `${sha256(readFileSync(join(HERE, path)))}  ${path}\n`);
  return sha256(lines.join(""));
}

/** @param {string | Buffer} content */
function sha256(content) {
  return createHash("sha256").update(content).digest("hex");
}

function licences() {
  return LIBRARIES.map((name) => {
    const folder = join(HERE, "node_modules", name);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return `${name} ${version}\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}`;
  });
}

const banner = ["/*", `Sources: ${digestSources()}`, "Made by `make web` from web/; change it there.", ""]
  .concat(licences().join("\n\n"), "*/")
  .join("\n");
const result = await build({
  absWorkingDir: HERE,
  entryPoints: ["src/main.js"],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  plugins: [leaveOut],
  banner: { js: banner },
  write: false,
});
const built = Buffer.from(result.outputFiles[0].contents);
const sizes = [built.length, gzipSync(built, { level: 9 }).length];
console.log(`explorer.js: ${sizes[0]} bytes, ${sizes[1]} with gzip`);
if (sizes[0] > MOST || sizes[1] > MOST_COMPRESSED) {
  console.error(`explorer.js is too large: at most ${MOST} bytes, ${MOST_COMPRESSED} with gzip`);
  process.exitCode = 1;
} else if (!process.argv.includes("--check")) {
  writeFileSync(TARGET, built);
} else if (!built.equals(readFileSync(TARGET))) {
  console.error("explorer.js is not what web/ makes: run `make web` and commit it");
  process.exitCode = 1;
}
