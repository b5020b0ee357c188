/**
 * The system tools that building and testing need: how to see that one is there, and how to get it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/**
 * @typedef {object} Tool
 * @property {string} name
 * @property {('wasm' | 'native' | 'lint' | 'tidy' | 'fuzz' | 'bench' | 'browser')[]} uses the tasks that need it
 * @property {string} why
 * @property {string} get how to get it on systems other than Debian and Ubuntu
 * @property {() => string[]} packages its Debian packages
 * @property {() => boolean} found
 */

const HEADER_FOLDERS = [
  "/usr/include",
  "/usr/local/include",
  "/opt/homebrew/include",
  "/opt/local/include",
  ...(process.env.CPATH ?? "").split(delimiter).filter(Boolean),
];

/** @param {string} name */
function binary(name) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name);
    if (folder && existsSync(path)) return path;
  }
  return null;
}

/** What the browser that the tests drive is called, from one system to the next. */
const CHROMIUMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** @returns {string | null} the path of a Chromium on this machine */
export function chromiumPath() {
  for (const name of CHROMIUMS) {
    const path = binary(name);
    if (path !== null) return path;
  }
  const app = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
  return existsSync(app) ? app : null;
}

/** @param {...string} names alternatives, relative to an include folder */
function header(...names) {
  return HEADER_FOLDERS.some((folder) => names.some((name) => existsSync(join(folder, name))));
}

/**
 * The run-time libraries of the sanitizers and of libFuzzer come in a package of their own, one per
 * version of clang.
 * @param {"asan" | "fuzzer"} name
 */
function runtimeFound(name) {
  const clang = binary("clang++");
  if (!clang) return false;
  if (process.platform !== "linux") return true; // They come with clang.
  const installation = dirname(dirname(realpathSync(clang)));
  const pattern = join(installation, `lib/clang/*/lib/*/libclang_rt.${name}*.a`);
  if (globSync(pattern).length > 0) return true;
  const library = `libclang_rt.${name}-${process.arch === "arm64" ? "aarch64" : "x86_64"}.a`;
  const answer = spawnSync(clang, [`-print-file-name=${library}`], { encoding: "utf8" });
  return answer.status === 0 && existsSync(answer.stdout.trim());
}

function runtimePackages() {
  const clang = binary("clang++");
  const installed = clang && /llvm-(\d+)/.exec(realpathSync(clang));
  if (installed) return [`libclang-rt-${installed[1]}-dev`];
  // clang itself is to be installed as well: take the version that its package brings.
  const depends = spawnSync("apt-cache", ["depends", "clang"], { encoding: "utf8" });
  const version = /Depends: clang-(\d+)/.exec(depends.stdout ?? "")?.[1];
  return [version ? `libclang-rt-${version}-dev` : "libclang-rt-dev"];
}

/** @type {Tool[]} */
export const TOOLS = [
  {
    name: "Emscripten",
    uses: ["wasm"],
    why: "compiles the core to WebAssembly",
    get: "https://emscripten.org/docs/getting_started/downloads.html, or: brew install emscripten",
    packages: () => ["emscripten"],
    found: () => binary("em++") !== null,
  },
  {
    name: "CMake",
    uses: ["wasm", "native"],
    why: "describes the builds; 3.25 or newer",
    get: "https://cmake.org/download, or: brew install cmake",
    packages: () => ["cmake"],
    found: () => binary("cmake") !== null && binary("ctest") !== null,
  },
  {
    name: "Ninja",
    uses: ["wasm", "native"],
    why: "runs the builds",
    get: "https://ninja-build.org, or: brew install ninja",
    packages: () => ["ninja-build"],
    found: () => binary("ninja") !== null,
  },
  {
    name: "tl::expected",
    uses: ["wasm", "native"],
    why: "header-only library of the core",
    get: "https://github.com/TartanLlama/expected, or: brew install tl-expected",
    packages: () => ["libexpected-dev"],
    found: () => header("tl/expected.hpp"),
  },
  {
    name: "xxHash",
    uses: ["wasm", "native"],
    why: "header-only library of the core",
    get: "https://xxhash.com, or: brew install xxhash",
    packages: () => ["libxxhash-dev"],
    found: () => header("xxhash.h"),
  },
  {
    name: "clang",
    uses: ["native"],
    why: "compiles the core natively, version 14 or newer",
    get: "https://releases.llvm.org, or: brew install llvm",
    packages: () => ["clang"],
    found: () => binary("clang") !== null && binary("clang++") !== null,
  },
  {
    name: "clang's sanitizers",
    uses: ["native"],
    why: "find memory errors in the native tests",
    get: "the compiler-rt package of your clang's version",
    packages: runtimePackages,
    found: () => runtimeFound("asan"),
  },
  {
    name: "libFuzzer",
    uses: ["fuzz"],
    why: "finds the inputs of the fuzz targets",
    get: "comes with clang, in its compiler-rt package",
    packages: runtimePackages,
    found: () => runtimeFound("fuzzer"),
  },
  {
    name: "Catch2",
    uses: ["native"],
    why: "the native tests, version 2 or 3",
    get: "https://github.com/catchorg/Catch2, or: brew install catch2",
    packages: () => ["catch2"],
    found: () => header("catch2/catch.hpp", "catch2/catch_all.hpp"),
  },
  {
    name: "OpenSSL",
    uses: ["native"],
    why: "digests of the native test host",
    get: "https://openssl-library.org, or: brew install openssl",
    packages: () => ["libssl-dev"],
    found: () => header("openssl/evp.h"),
  },
  {
    name: "clang-format",
    uses: ["lint"],
    why: "formats the C++ sources",
    get: "https://releases.llvm.org, or: brew install clang-format",
    packages: () => ["clang-format"],
    found: () => binary("clang-format") !== null,
  },
  {
    name: "Chromium",
    uses: ["browser"],
    why: "the browser in which the snippet's tests run",
    get: "Chrome or Chromium, as one of these in the PATH: " + CHROMIUMS.join(", "),
    packages: () => ["chromium"],
    found: () => chromiumPath() !== null,
  },
  {
    name: "clang-tidy",
    uses: ["tidy"],
    why: "looks for bugs in the C++ sources",
    get: "https://releases.llvm.org, or: brew install llvm",
    packages: () => ["clang-tidy"],
    found: () => binary("clang-tidy") !== null,
  },
  {
    name: "wrk",
    uses: ["bench"],
    why: "loads the server in the benchmarks",
    get: "https://github.com/wg/wrk, or: brew install wrk",
    packages: () => ["wrk"],
    found: () => binary("wrk") !== null,
  },
];
