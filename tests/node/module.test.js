/** The built module: what it needs, what it offers, how large it is. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

/** A Worker loads the module with each cold start. */
const MOST_GZIPPED_BYTES = 410 * 1024;

const bytes = readFileSync(new URL("../../build/wasm-release/millimetric.wasm", import.meta.url));
const module = new WebAssembly.Module(bytes);

/** @param {string} file of wasm/ */
const listed = (file) =>
  readFileSync(new URL(`../../wasm/${file}`, import.meta.url), "utf8")
    .trim()
    .split("\n");

test("it imports what wasm/imports.txt lists", () => {
  const imports = WebAssembly.Module.imports(module).map((item) => `${item.module}.${item.name}`);
  assert.deepEqual(imports.sort(), listed("imports.txt").sort());
});

test("it exports what wasm/exports.txt lists", () => {
  const exports = WebAssembly.Module.exports(module).map((item) => item.name);
  assert.deepEqual(exports.sort(), listed("exports.txt").sort());
});

test("it is small", (context) => {
  const gzipped = gzipSync(bytes, { level: 9 }).length;
  context.diagnostic(`millimetric.wasm: ${bytes.length} bytes, ${gzipped} gzipped`);
  assert.ok(gzipped <= MOST_GZIPPED_BYTES, `${gzipped} bytes gzipped`);
});
