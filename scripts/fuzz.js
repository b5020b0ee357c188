/**
 * `pnpm fuzz`: the fuzz targets of tests/fuzz under libFuzzer, AddressSanitizer and
 * UndefinedBehaviorSanitizer.
 *
 *   pnpm fuzz                        every target, a minute each
 *   pnpm fuzz url request            only these
 *   pnpm fuzz --seconds 600 segment  for ten minutes
 *   pnpm fuzz --seed 1               with the random numbers of `pnpm test`; default: others each time
 *
 * They begin with seeds made of tests/data/cases, with what was once found (tests/fuzz/found), and
 * with what earlier runs have kept in build/fuzz/corpus. Twice as many run as there are cores.
 */
import { existsSync, globSync, mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.js";
import { writeSeeds } from "./fuzz-seeds.js";
import { ROOT, UserError, capture, isMain, runMain } from "./process.js";
import { setup } from "./setup.js";

const PRESET = "native-asan";
const FOLDER = "build/fuzz";
const DEFAULT_SECONDS = 60;

/** Sources of tests/fuzz that are no targets. */
const SHARED = ["fuzz", "replay"];

/** How long one input may take, and how much memory: more is a finding. */
const LIMITS = ["-timeout=60", "-rss_limit_mb=2048", "-malloc_limit_mb=300", "-max_len=4096"];
/** Choosing inputs by how rare what they reach is takes four times as long as running them. */
const CHOICE = ["-entropic=0"];

/** @returns {string[]} */
function allTargets() {
  return globSync("tests/fuzz/*.cpp", { cwd: ROOT })
    .map((file) => basename(file, ".cpp"))
    .filter((name) => !SHARED.includes(name))
    .sort();
}

/** @param {string} target */
const program = (target) => `build/${PRESET}/tests/fuzz/fuzz_${target}`;

/**
 * @param {string} target
 * @param {number} seconds
 * @param {number} seed of its random numbers; 0: others each time
 * @returns {Promise<boolean>} whether it found nothing
 */
async function fuzz(target, seconds, seed) {
  const folders = [`corpus/${target}`, `seeds/${target}`].map((name) => `${FOLDER}/${name}`);
  const earlier = `tests/fuzz/found/${target}`;
  if (existsSync(join(ROOT, earlier))) folders.push(earlier);
  for (const name of [folders[0], `${FOLDER}/found`, `${FOLDER}/log`]) {
    mkdirSync(join(ROOT, name), { recursive: true });
  }
  const dictionary = `tests/fuzz/${target}.dict`;
  const args = [
    ...folders,
    `-max_total_time=${seconds}`,
    `-seed=${seed}`,
    `-artifact_prefix=${FOLDER}/found/${target}-`,
    "-print_final_stats=1",
    ...LIMITS,
    ...CHOICE,
    ...(existsSync(join(ROOT, dictionary)) ? [`-dict=${dictionary}`] : []),
  ];
  const { status, output } = await capture(program(target), args);
  const log = `${FOLDER}/log/${target}.txt`;
  writeFileSync(join(ROOT, log), output);
  const stat = (/** @type {string} */ name) =>
    new RegExp(`^stat::${name}: +(\\d+)`, "m").exec(output)?.[1] ?? "?";
  if (status === 0) {
    const executions = Number(stat("number_of_executed_units")).toLocaleString("en-US");
    const kept = /cov: (\d+) ft: (\d+) corp: (\d+)/.exec(output.slice(output.lastIndexOf("cov: ")));
    console.log(`${target}: ${executions} inputs, ${kept?.[1] ?? "?"} edges, nothing found`);
    return true;
  }
  const input = /Test unit written to (\S+)/.exec(output)?.[1];
  console.log(`\n${target}: FOUND\n\n${excerpt(output)}\n`);
  console.log(`The whole of it: ${log}`);
  if (input) {
    console.log(`Again:           ${program(target)} ${input}`);
    console.log(`Smaller:         ${program(target)} -minimize_crash=1 -runs=100000 ${input}`);
    console.log(`When mended:     mv ${input} tests/fuzz/found/${target}/<what it was>\n`);
  }
  return false;
}

/**
 * The part of libFuzzer's output that says what happened.
 * @param {string} output
 */
function excerpt(output) {
  const lines = output.split("\n");
  const at = lines.findIndex((line) => /^Expected: |ERROR: |runtime error: |^terminate/.test(line));
  return lines.slice(Math.max(at, 0), Math.max(at, 0) + 30).join("\n");
}

/**
 * @param {readonly string[]} targets all when empty
 * @param {number} seconds for each
 * @param {number} seed of their random numbers; 0: others each time
 * @returns {Promise<boolean>} whether nothing was found
 */
export async function fuzzAll(targets, seconds, seed) {
  const all = allTargets();
  const unknown = targets.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    throw new UserError(`No such target: ${unknown.join(", ")}. There are: ${all.join(", ")}.`);
  }
  const wanted = targets.length === 0 ? all : [...targets];
  setup("fuzz");
  const programs = wanted.map((name) => `fuzz_${name}`);
  if (!(await build(PRESET, programs))) return false;
  writeSeeds(join(ROOT, FOLDER, "seeds"));
  let clean = true;
  const work = async () => {
    for (let target = wanted.shift(); target !== undefined; target = wanted.shift()) {
      clean = (await fuzz(target, seconds, seed)) && clean;
    }
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, work));
  return clean;
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        seconds: { type: "string", default: String(DEFAULT_SECONDS) },
        seed: { type: "string", default: "0" },
      },
    });
    const seconds = Number(values.seconds);
    const seed = Number(values.seed);
    if (!Number.isInteger(seconds) || seconds < 1) {
      throw new UserError(`--seconds takes a whole number above 0; got "${values.seconds}".`);
    }
    if (!Number.isInteger(seed) || seed < 0) {
      throw new UserError(`--seed takes a whole number; got "${values.seed}".`);
    }
    if (!(await fuzzAll(positionals, seconds, seed))) process.exit(1);
  });
}
