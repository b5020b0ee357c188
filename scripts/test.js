/**
 * `pnpm test`: everything, from the system's tools to the Worker on its real runtime. Stops at the
 * first phase that fails, and ends with a summary.
 *
 *   pnpm test                the whole
 *   pnpm test node worker    only these phases, with what they need assumed built
 *   pnpm test reproducible   one that takes minutes and runs only when it is named
 */
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { build } from "./build.js";
import { check } from "./check.js";
import { fuzzAll } from "./fuzz.js";
import { ROOT, UserError, run, runMain } from "./process.js";
import { reproducible } from "./reproducible.js";
import { setup } from "./setup.js";

/**
 * @typedef {object} Phase
 * @property {string} name as given on the command line
 * @property {string} title
 * @property {() => Promise<boolean>} run whether it passed
 * @property {boolean} [onRequest] runs only when it is named
 */

/** For each fuzz target. */
const FUZZ_SECONDS = 30;
/** Always the same inputs, as far as the time goes: whether a commit passes is not left to chance. */
const FUZZ_SEED = 1;

/** @type {Phase[]} */
const PHASES = [
  {
    name: "setup",
    title: "System tools",
    run: async () => {
      setup("test");
      return true;
    },
  },
  {
    name: "native",
    title: "Native tests, with AddressSanitizer and UndefinedBehaviorSanitizer",
    run: async () => (await build("native-asan")) && (await ctest("native-asan")),
  },
  {
    name: "fuzz",
    title: "Fuzz targets, half a minute each",
    run: () => fuzzAll([], FUZZ_SECONDS, FUZZ_SEED),
  },
  { name: "wasm", title: "WebAssembly build", run: () => build("wasm-release") },
  { name: "node", title: "Node tests", run: () => nodeTests("tests/node/**/*.test.js") },
  {
    name: "worker",
    title: "Worker tests, on workerd",
    run: () => nodeTests("tests/worker/**/*.test.js"),
  },
  {
    name: "browser",
    title: "Browser tests, in Chromium",
    run: () => nodeTests("tests/browser/**/*.test.js"),
  },
  { name: "lint", title: "Formatters, linters, types", run: () => check("check") },
  {
    name: "reproducible",
    title: "Two clean builds of the module, byte for byte",
    run: reproducible,
    onRequest: true,
  },
];

/** @param {string} preset */
async function ctest(preset) {
  const jobs = String(availableParallelism());
  const args = ["--test-dir", `build/${preset}`, "--output-on-failure", "--no-tests=error"];
  args.push("--parallel", jobs);
  return (await run("ctest", args)) === 0;
}

/** @param {string} pattern of the test files; the runner itself takes no files for a success */
async function nodeTests(pattern) {
  const files = globSync(pattern, { cwd: ROOT }).sort();
  if (files.length === 0) throw new UserError(`There are no tests in ${pattern}.`);
  const concurrency = `--test-concurrency=${availableParallelism()}`; // the default leaves one idle
  return (await run(process.execPath, ["--test", concurrency, ...files])) === 0;
}

/**
 * @param {Phase} phase
 * @returns {Promise<boolean>}
 */
async function passes(phase) {
  try {
    return await phase.run();
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error);
    return false;
  }
}

await runMain(async () => {
  const { positionals: wanted } = parseArgs({ allowPositionals: true });
  const unknown = wanted.filter((name) => !PHASES.some((phase) => phase.name === name));
  if (unknown.length > 0) {
    const names = PHASES.map((phase) => phase.name).join(", ");
    throw new UserError(`No such phase: ${unknown.join(", ")}. There are: ${names}.`);
  }
  const phases = PHASES.filter(({ name, onRequest = false }) =>
    wanted.length === 0 ? !onRequest : wanted.includes(name),
  );

  /** @type {string[]} */
  const summary = [];
  let failed = false;
  for (const { title, ...phase } of phases) {
    if (failed) {
      summary.push(`  not run         ${title}`);
      continue;
    }
    console.log(`\n== ${title}\n`);
    const start = performance.now();
    failed = !(await passes({ title, ...phase }));
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
    summary.push(`  ${failed ? "FAILED" : "passed"} ${seconds} s ${title}`);
  }
  console.log(`\n== Summary\n\n${summary.join("\n")}\n`);
  if (failed) process.exit(1);
});
