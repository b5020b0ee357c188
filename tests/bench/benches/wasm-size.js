import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { inTree } from "../../worker/support/root.js";
import { row } from "../report.js";

/** What the project allows itself: a Worker's script may have 3 MB, but a small one starts fast. */
const AIM_BYTES = 200 * 1024;

/** @type {import("./index.js").Bench} */
export const wasmSize = {
  rows: ["wasm.gzip_bytes"],
  async run({ note }) {
    const module = await readFile(inTree("build", "wasm-release", "millimetric.wasm"));
    if (!WebAssembly.validate(module)) throw new Error("millimetric.wasm is not a valid module");
    note(`millimetric.wasm: ${module.length} bytes`);
    const size = gzipSync(module, { level: 9 }).length;
    return [row(this.rows[0], size, "bytes", "the aim of 200 KB", AIM_BYTES)];
  },
};
