/**
 * Batches into our store, merging as it goes, and into the one that it replaced: the same bodies,
 * on workerd, with the state on disk.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMIN_TOKEN, startWorker } from "../../worker/support/worker.js";
import { previousWorker } from "../previous.js";
import { addProjects } from "../projects.js";
import { median, row } from "../report.js";
import { SIZES } from "../sizes.js";
import { storageOf, untilMerged } from "../stores/merging.js";
import { checkStored, request } from "../stores/request.js";
import { encoded } from "../traffic/stream.js";

const PROJECT = "ingest";
const STORE = `prj_${PROJECT}`;
const BATCH = 500;
/** Requests that are under way at a time, as a few servers would send them. */
const CONNECTIONS = 4;
/** Bodies that are there before anything is timed, so that there is something to merge with. */
const FIRST = 200;
/** Bodies of a round. */
const EACH = 80;
const ROUNDS = 5;

/**
 * @typedef {{ url: string, rates: number[] }} Contender
 * @typedef {Uint8Array<ArrayBuffer>} Body
 */

/** @type {import("./index.js").Bench} */
export const engine = {
  rows: ["ingest.engine.events_per_s.vs_sql_store"],
  async run({ note }) {
    const before = await previousWorker();
    if (before === undefined) {
      note("ingest.engine: left out, as this clone does not have the previous store's commit");
      return [];
    }
    const folder = await mkdtemp(join(tmpdir(), "millimetric-ingest-"));
    const ours = await start(join(folder, "ours"));
    const previous = await start(join(folder, "previous"), before);
    const bodies = encoded(SIZES["10m"], BATCH, "import");
    try {
      await race(bodies, ours, previous, note);
      const sent = (FIRST + ROUNDS * EACH) * BATCH;
      for (const { url, key } of [ours, previous]) await checkStored(url, key, sent);
      const [value, other] = [ours, previous].map(({ rates }) => median(rates));
      return [row(this.rows[0], value, "events/s", "the store of rows", other)];
    } finally {
      await bodies.return();
      await Promise.all([ours.dispose(), previous.dispose()]);
      await rm(folder, { recursive: true });
    }
  },
};

/**
 * @param {string} persist
 * @param {string} [entry]
 */
async function start(persist, entry) {
  const worker = await startWorker({ entry, persist, bindings: { REQUEST_LOG: "off" } });
  const [key] = await addProjects(worker.control, [PROJECT]);
  return { url: worker.url, key, rates: /** @type {number[]} */ ([]), dispose: worker.dispose };
}

/**
 * @param {AsyncGenerator<Body, void>} bodies
 * @param {Contender} ours
 * @param {Contender} previous
 * @param {(line: string) => void} note
 */
async function race(bodies, ours, previous, note) {
  const first = await take(bodies, FIRST);
  for (const { url } of [ours, previous]) await sendAll(url, first);
  /** @type {number[]} */
  const debts = [];
  for (let round = 0; round < ROUNDS; round++) {
    const each = await take(bodies, EACH);
    const contenders = round % 2 === 0 ? [ours, previous] : [previous, ours];
    for (const { url, rates } of contenders) {
      const started = performance.now();
      await sendAll(url, each);
      rates.push((EACH * BATCH) / ((performance.now() - started) / 1000));
      if (url === previous.url) continue;
      debts.push((await storageOf(url, STORE))?.merge_debt ?? 0);
      // What is left to merge must not slow down the other one.
      await untilMerged(url, STORE);
    }
  }
  const debt = debts.join(", ");
  note(`ingest.engine: ${EACH} batches of ${BATCH} a round; merge debt behind each: ${debt}`);
}

/**
 * @param {AsyncGenerator<Body, void>} bodies
 * @param {number} count
 */
async function take(bodies, count) {
  /** @type {Body[]} */
  const taken = [];
  while (taken.length < count) {
    const { value } = await bodies.next();
    if (value === undefined) throw new Error("there are no more events");
    taken.push(value);
  }
  return taken;
}

/**
 * @param {string} url
 * @param {Body[]} bodies
 */
async function sendAll(url, bodies) {
  const left = [...bodies].reverse();
  const connection = async () => {
    for (let body = left.pop(); body !== undefined; body = left.pop()) {
      await request(`${url}/admin/import?project=${STORE}`, {
        method: "POST",
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
        body,
      });
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
}
