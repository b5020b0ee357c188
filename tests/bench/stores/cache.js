/**
 * Loaded databases are kept outside the tree, so that a second run of the same benchmark does not
 * load tens of millions of events again: for as long as neither the traffic nor whatever wrote them
 * has changed.
 */
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inTree } from "../../worker/support/root.js";

/** Some ten GB for the large sizes; MM_BENCH_DATA puts them elsewhere. */
const base = process.env.MM_BENCH_DATA ?? join(tmpdir(), "millimetric-bench");

/**
 * @typedef {object} Loaded
 * @property {string} folder
 * @property {Record<string, number>} found what was measured while it was loaded
 * @property {boolean} now whether it was loaded by this run
 */

/**
 * @param {string} store
 * @param {string} size
 * @param {string[]} sources patterns of the files that what is loaded depends on, besides the traffic
 * @param {(folder: string) => Promise<Record<string, number>>} load
 * @returns {Promise<Loaded>}
 */
export async function loaded(store, size, sources, load) {
  const prefix = `${store}-${size}-`;
  const name = `${prefix}${digest(["tests/bench/traffic/*.js", ...sources])}`;
  const folder = join(base, name);
  const done = join(folder, "done.json");
  const known = await readFile(done, "utf8").catch(() => undefined);
  if (known !== undefined) return { folder, found: JSON.parse(known), now: false };
  await mkdir(base, { recursive: true });
  for (const other of await readdir(base)) {
    if (other.startsWith(prefix)) await rm(join(base, other), { recursive: true });
  }
  await mkdir(folder);
  const found = await load(folder);
  await writeFile(done, JSON.stringify(found));
  return { folder, found, now: true };
}

/** @param {string[]} patterns of files in the tree */
function digest(patterns) {
  const hash = createHash("sha256");
  for (const file of patterns.flatMap((pattern) => globSync(inTree(pattern)).sort())) {
    hash.update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 12);
}
