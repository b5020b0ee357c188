/**
 * `pnpm lint`: the formatters and linters of everything, `pnpm format` to mend what they can.
 * All checks run, so that one run shows everything there is to do.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, UserError, capture, isMain, runMain } from "./process.js";
import { setup } from "./setup.js";

/** The clang-format whose output is the rule; others differ in places. */
const CLANG_FORMAT_MAJOR = "14";

/** @typedef {{ name: string, run: () => Promise<string> }} Check `run` gives the complaints */

/**
 * @param {string} name of a tool in node_modules
 * @param {string[]} args
 * @returns {Check}
 */
function tool(name, args) {
  return { name, run: () => complaints(join(ROOT, "node_modules/.bin", name), args) };
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<string>} what it printed, if it failed
 */
async function complaints(command, args) {
  const { status, output } = await capture(command, args);
  return status === 0 ? "" : output.trim() || `${command} failed.`;
}

/** @returns {string[]} relative to the root */
function cppFiles() {
  return globSync("{core,wasm,tests}/**/*.{h,cpp}", { cwd: ROOT }).sort();
}

/** @param {string[]} files */
async function checkCppFormat(files) {
  if (files.length === 0) return "";
  const found = await complaints("clang-format", ["--dry-run", "-Werror", ...files]);
  if (found === "") return "";
  const { output } = await capture("clang-format", ["--version"]);
  const major = /version (\d+)/.exec(output)?.[1];
  if (major === CLANG_FORMAT_MAJOR) return found;
  console.log(
    `clang-format: not judged. Version ${major} differs in places from ${CLANG_FORMAT_MAJOR}, which is the rule.`,
  );
  return "";
}

/**
 * Sources are ASCII, so that nothing in them looks like what it is not; data is in escapes.
 * @param {string[]} files
 */
function checkAscii(files) {
  /** @type {string[]} */
  const found = [];
  for (const file of files) {
    const lines = readFileSync(join(ROOT, file), "latin1").split("\n");
    lines.forEach((line, index) => {
      // eslint-disable-next-line no-control-regex
      if (/[^\x00-\x7f]/.test(line)) found.push(`${file}:${index + 1}: ${line.trim()}`);
    });
  }
  return found.join("\n");
}

/**
 * @param {"check" | "fix"} mode
 * @returns {Promise<boolean>} whether everything is in order
 */
export async function check(mode) {
  setup("lint");
  const files = cppFiles();
  const fix = mode === "fix";
  /** @type {Check[]} */
  const checks = [
    {
      name: "clang-format",
      run: () => (fix ? complaints("clang-format", ["-i", ...files]) : checkCppFormat(files)),
    },
    tool("prettier", ["--log-level", "warn", fix ? "--write" : "--check", "."]),
    tool("eslint", fix ? ["--fix", "."] : ["."]),
  ];
  if (!fix) {
    checks.push(tool("tsc", ["--noEmit"]));
    checks.push(tool("tsc", ["--noEmit", "-p", "snippet"])); // its globals are a page's
    checks.push({ name: "ASCII-only C++", run: async () => checkAscii(files) });
  }
  let clean = true;
  for (const { name, run } of checks) {
    const found = await run();
    console.log(`${name}: ${found === "" ? "ok" : `failed\n\n${found}\n`}`);
    clean &&= found === "";
  }
  return clean;
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    const mode = process.argv.includes("--fix") ? "fix" : "check";
    if (!(await check(mode))) {
      throw new UserError(mode === "fix" ? "Some of it needs a hand." : "Try: pnpm format");
    }
  });
}
