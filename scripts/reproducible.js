/**
 * Builds the module twice, from clean copies of the tree in two folders, and compares the bytes: who
 * has the sources and the same compiler can check the module that others publish.
 *
 *   node scripts/reproducible.js
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { WASM_PATH, build } from "./build.js";
import { ROOT, UserError, capture, isMain, runMain } from "./process.js";

/** What a build of the module reads. */
const SOURCES = ["CMakeLists.txt", "CMakePresets.json", "build/snippet/a.js"];
const FOLDERS = ["cmake", "core", "wasm"];

/**
 * @param {string} folder
 * @returns {Promise<Uint8Array>} the module that a clean build there makes
 */
async function buildIn(folder) {
  for (const file of SOURCES) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  for (const name of FOLDERS) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const args of [
    ["--preset", "wasm-release", "-S", folder],
    ["--build", join(folder, "build/wasm-release")],
  ]) {
    const { status, output } = await capture("cmake", args);
    if (status !== 0) throw new UserError(`${output}\ncmake ${args.join(" ")} failed.`);
  }
  return readFileSync(join(folder, "build/wasm-release/millimetric.wasm"));
}

/**
 * @returns {Promise<boolean>} whether both gave the same bytes, and the working copy's own build too
 */
export async function reproducible() {
  if (!(await build("wasm-release"))) throw new UserError("The build failed.");
  const base = mkdtempSync(join(tmpdir(), "millimetric-"));
  try {
    // Names of different lengths: a path that gets into the module moves what is behind it.
    const folders = [join(base, "a"), join(base, "another/folder/with a space")];
    /** @type {Record<string, Uint8Array>} */
    const built = { "the working copy": readFileSync(WASM_PATH) };
    for (const folder of folders) built[folder.slice(base.length)] = await buildIn(folder);
    const digests = Object.entries(built).map(([where, bytes]) => {
      const digest = createHash("sha256").update(bytes).digest("hex");
      console.log(`${digest}  ${where}`);
      return digest;
    });
    return new Set(digests).size === 1;
  } finally {
    rmSync(base, { recursive: true });
  }
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    if (!(await reproducible())) throw new UserError("The builds differ.");
  });
}
