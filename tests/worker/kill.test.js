/**
 * The runtime is killed in the middle of taking events in and merging them, again and again over the
 * same state: what was acknowledged is there exactly once, what was not at most once.
 * `MM_KILLS=50` kills it more often, `MM_SEED=2` at other moments.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../scripts/demo/random.js";
import { Ledger, send } from "./support/ledger.js";
import { killRuntime } from "./support/processes.js";
import { startWorker } from "./support/worker.js";

const KILLS = Number(process.env.MM_KILLS ?? 10);
const random = new Random(Number(process.env.MM_SEED ?? 1));
const PROJECT = "prj_shop";
const CONNECTIONS = 4;
const MOST_EVENTS = 12;
/** Long enough for as many requests as a store merges at once. */
const LONGEST_ROUND_MS = 1600;
const SPREAD_MS = 20 * 86_400_000;

/** @typedef {import("./support/ledger.js").Event} Event */
/** @typedef {import("./support/worker.js").RunningWorker} Worker */

/** @type {string} */
let directory;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "millimetric-kill-"));
});
after(() => rm(directory, { recursive: true }));

const ledger = new Ledger(PROJECT);
let made = 0;

/** @returns {Event} */
const newEvent = () => ({
  event: `e${random.integer(0, 4)}`,
  event_id: `id-${++made}`,
  timestamp: new Date(Date.now() - random.integer(0, SPREAD_MS)).toISOString(),
});

/**
 * Sends events and notes which of them the server has promised to keep.
 *
 * @param {Worker} worker
 * @param {Event[]} events
 * @param {"track" | "import"} how tracked is a single new event
 */
async function sendOff(worker, events, how) {
  if (how === "import") {
    const { status, text } = await ledger.import(worker, events);
    assert.equal(status, 200, text);
    return;
  }
  const [event] = events;
  ledger.unsure.set(event.event_id, event);
  const { status, text } = await send(worker, "/v1/track", worker.keys.shop.sk, event);
  // Tracking is limited to 50 a second: nothing is stored then.
  if (status === 429) return void ledger.unsure.delete(event.event_id);
  assert.equal(status, 202, text);
  ledger.acknowledged(events);
}

/**
 * Goes on sending until the runtime is gone.
 *
 * @param {Worker} worker
 * @param {{ killed: boolean }} round
 */
async function keepSending(worker, round) {
  while (!round.killed) {
    const count = random.chance(0.3) ? 1 : random.integer(1, MOST_EVENTS);
    const events = Array.from({ length: count }, newEvent);
    try {
      await sendOff(worker, events, events.length === 1 ? "track" : "import");
    } catch (error) {
      // What the dying runtime answers is no promise; before, nothing may fail.
      await sleep(20);
      if (!round.killed) throw error;
    }
  }
}

/**
 * Sends again what had no answer, and some of what had one: a client that does not know.
 *
 * @param {Worker} worker
 */
async function sendAgain(worker) {
  const lost = [...ledger.unsure.values()];
  const known = [...ledger.kept.keys()]
    .slice(-MOST_EVENTS)
    .map((id) => ({ ...newEvent(), event_id: id }));
  const events = [...lost, ...known].slice(0, 1000);
  if (events.length > 0) await sendOff(worker, events, "import");
}

test(`nothing acknowledged is lost or doubled by ${KILLS} kills`, async (t) => {
  let seed = true;
  for (let kill = 0; kill < KILLS; ++kill) {
    const worker = await startWorker({ persist: directory, seed });
    seed = false;
    const round = { killed: false };
    try {
      await ledger.check(worker);
      await sendAgain(worker);
      const sending = Array.from({ length: CONNECTIONS }, () => keepSending(worker, round));
      await Promise.race([sleep(random.integer(0, LONGEST_ROUND_MS)), Promise.all(sending)]);
      round.killed = true;
      await killRuntime();
      await Promise.all(sending);
    } finally {
      round.killed = true;
      await worker.dispose();
    }
  }
  const worker = await startWorker({ persist: directory, seed });
  try {
    await sendAgain(worker);
    const { events, segments, large_segments: large } = await ledger.check(worker);
    t.diagnostic(`${events} events in ${segments} segments, ${large} of them large`);
  } finally {
    await worker.dispose();
  }
});
