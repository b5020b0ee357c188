/**
 * Builds one CMake preset into build/<preset>/:
 *
 *   node scripts/build.js wasm-release | native-debug | native-asan | native-release
 *
 * Only what changed is built again. For the WebAssembly preset the module's size is printed.
 */
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSnippet } from "./build-snippet.js";
import { ROOT, UserError, capture, isMain, run, runMain } from "./process.js";

const PRESETS = ["wasm-release", "native-debug", "native-asan", "native-release"];

/** The module that the Worker imports. */
export const WASM_PATH = join(ROOT, "build/wasm-release/millimetric.wasm");

/**
 * @param {string} preset
 * @param {string[]} [targets] only these
 * @returns {Promise<boolean>} whether it was built
 */
export async function build(preset, targets = []) {
  buildSnippet(); // the core embeds it
  if (!(await configure(preset))) return false;
  // No --preset here: `cmake --build` on the folder starts faster and does the same.
  const only = targets.length === 0 ? [] : ["--target", ...targets];
  const env = preset === "wasm-release" ? await pythonOfEmscripten() : {};
  if ((await run("cmake", ["--build", `build/${preset}`, ...only], env)) !== 0) return false;
  if (preset === "wasm-release") printSize();
  return true;
}

/**
 * CMake notices changes of its own files during the build; this handles what it does not see: a
 * folder that was never configured, changed presets, and a working copy that was moved or copied.
 * @param {string} preset
 */
async function configure(preset) {
  const folder = join(ROOT, "build", preset);
  const cache = join(folder, "CMakeCache.txt");
  if (existsSync(cache)) {
    const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(readFileSync(cache, "utf8"))?.[1];
    if (home !== ROOT) rmSync(folder, { recursive: true });
  }
  const ninja = join(folder, "build.ninja");
  const presets = join(ROOT, "CMakePresets.json");
  if (existsSync(ninja) && statSync(ninja).mtimeMs > statSync(presets).mtimeMs) return true;
  const { status, output } = await capture("cmake", ["--preset", preset]);
  if (status !== 0) console.error(output);
  return status === 0;
}

/**
 * em++ is a Python program that runs once per file, and `python3` may be a version manager's script,
 * which takes as long again: it is asked only once which Python it starts.
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
async function pythonOfEmscripten() {
  if (process.env.EMSDK_PYTHON) return {};
  const { output } = await capture("python3", ["-c", "import sys; print(sys.executable)"]);
  const path = output.trim();
  return existsSync(path) ? { EMSDK_PYTHON: path } : {};
}

function printSize() {
  const bytes = readFileSync(WASM_PATH);
  const format = (/** @type {number} */ count) => count.toLocaleString("en-US");
  const gzipped = gzipSync(bytes, { level: 9 }).length;
  console.log(`millimetric.wasm: ${format(bytes.length)} bytes, ${format(gzipped)} gzipped`);
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    const preset = process.argv[2] ?? "";
    if (!PRESETS.includes(preset)) {
      throw new UserError(`"${preset}" is none of the presets: ${PRESETS.join(", ")}.`);
    }
    if (!(await build(preset))) throw new UserError(`Building ${preset} failed.`);
  });
}
