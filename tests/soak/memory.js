/** The memory of the runtime's process and of our instances in it, over the time of a run. */
import { readFileSync, readdirSync } from "node:fs";

const MIB = 2 ** 20;

/** @returns {number | undefined} the workerd that this process has started */
function workerdPid() {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .find((pid) => isOurWorkerd(pid));
  } catch {
    return undefined; // no /proc on this system
  }
}

/** @param {number} pid */
function isOurWorkerd(pid) {
  try {
    // "pid (name) state ppid ...": the name may hold anything, even parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    return parent === process.pid && stat.includes("(workerd");
  } catch {
    return false; // it has ended meanwhile
  }
}

/**
 * @typedef {object} Sample
 * @property {number} second
 * @property {number} [rss] of workerd, MiB
 * @property {number} wasm all instances' memory, MiB
 * @property {number} instances
 *
 * @param {string} url
 * @param {number} second
 * @returns {Promise<Sample>}
 */
export async function sample(url, second) {
  const sizes = /** @type {number[]} */ (await (await fetch(`${url}/__soak/memory`)).json());
  const wasm = sizes.reduce((all, one) => all + one, 0) / MIB;
  const pid = workerdPid();
  const status = pid === undefined ? "" : readFileSync(`/proc/${pid}/status`, "utf8");
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  const rss = kib === undefined ? undefined : Number(kib) / 1024;
  return { second, rss, wasm, instances: sizes.length };
}

/**
 * How much more there may be at the end than after the warm-up. The process fills the page caches of 22
 * databases, 2 MiB each, within some two minutes, and its collector leaves some things lying; after
 * that it stands still, as longer runs show. An instance's memory has steps of a fifth: each may take
 * one more, when the largest of its pieces of work so far comes, as merging and forgetting bring it by
 * chance. That none takes ever more is what tests/node/level-memory.test.js shows of one.
 */
const ALLOWED = {
  rss: (/** @type {number} */ settled) => settled * 1.1 + 44,
  wasm: (/** @type {number} */ settled) => settled * 1.25,
};

/**
 * @param {Sample[]} samples of the whole run
 * @param {"rss" | "wasm"} what
 * @returns {{ settled: number, end: number, grew: boolean } | undefined} medians of a fifth each: the
 *   one after the warm-up of three fifths, and the last
 */
export function growth(samples, what) {
  const fifth = Math.floor(samples.length / 5);
  const values = samples.map((one) => one[what]).filter((value) => value !== undefined);
  if (fifth === 0 || values.length < samples.length) return undefined;
  const median = (/** @type {number[]} */ of) => of.toSorted((a, b) => a - b)[of.length >> 1];
  const settled = median(values.slice(3 * fifth, 4 * fifth));
  const end = median(values.slice(-fifth));
  return { settled, end, grew: end > ALLOWED[what](settled) };
}
