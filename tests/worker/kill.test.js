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
import { killRuntime } from "./support/processes.js";
import { ADMIN_TOKEN, startWorker } from "./support/worker.js";

const KILLS = Number(process.env.MM_KILLS ?? 10);
const random = new Random(Number(process.env.MM_SEED ?? 1));
const PROJECT = "prj_shop";
const CONNECTIONS = 4;
const MOST_EVENTS = 12;
const LONGEST_ROUND_MS = 600;
const SPREAD_MS = 20 * 86_400_000;

/** @typedef {{ event: string, event_id: string, timestamp: string }} Event */
/** @typedef {import("./support/worker.js").RunningWorker} Worker */

/** @type {string} */
let directory;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "millimetric-kill-"));
});
after(() => rm(directory, { recursive: true }));

/** @type {Set<string>} ids of acknowledged events */
const acknowledged = new Set();
/** @type {Map<string, Event>} those sent whose answer has not come: each may be there or not */
const unanswered = new Map();
let made = 0;

/** @returns {Event} */
const newEvent = () => ({
  event: `e${random.integer(0, 4)}`,
  event_id: `id-${++made}`,
  timestamp: new Date(Date.now() - random.integer(0, SPREAD_MS)).toISOString(),
});

/**
 * @param {Worker} worker
 * @param {string} path
 * @param {string} token
 * @param {object} body
 */
const post = ({ url }, path, token, body) =>
  fetch(`${url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/**
 * Sends events and notes which of them the server has promised to keep.
 *
 * @param {Worker} worker
 * @param {Event[]} events
 * @param {"track" | "import"} how tracked is a single new event
 */
async function send(worker, events, how) {
  for (const event of events) unanswered.set(event.event_id, event);
  const response =
    how === "track"
      ? await post(worker, "/v1/track", worker.keys.shop.sk, events[0])
      : await post(worker, `/admin/import?project=${PROJECT}`, ADMIN_TOKEN, { events });
  const text = await response.text();
  // Tracking is limited to 50 a second: nothing is stored then.
  if (response.status === 429) return events.forEach((event) => unanswered.delete(event.event_id));
  assert.ok(response.ok, `${response.status} ${text}`);
  for (const { event_id: id } of events) {
    unanswered.delete(id);
    acknowledged.add(id);
  }
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
      await send(worker, events, events.length === 1 ? "track" : "import");
    } catch (error) {
      // What the dying runtime answers is no promise; before, nothing may fail.
      await sleep(20);
      if (!round.killed) throw error;
    }
  }
}

/**
 * All that is stored: how often each id is there.
 *
 * @param {Worker} worker
 */
async function stored({ url }) {
  /** @type {Map<string, number>} */
  const found = new Map();
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  for (let cursor = ""; ;) {
    const path = `/admin/export?project=${PROJECT}&limit=1000${cursor}`;
    const response = await fetch(`${url}${path}`, { headers });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const { rows, next_cursor: next } = JSON.parse(text);
    for (const { event_id: id } of rows) found.set(id, (found.get(id) ?? 0) + 1);
    if (next === undefined) break;
    cursor = `&cursor=${next}`;
  }
  const response = await fetch(`${url}/admin/storage?project=${PROJECT}`, { headers });
  return { found, storage: await response.json() };
}

/** @param {Worker} worker */
async function check(worker) {
  const { found, storage } = await stored(worker);
  const missing = [...acknowledged].filter((id) => !found.has(id));
  const doubled = [...found].filter(([, times]) => times > 1);
  const strangers = [...found.keys()].filter((id) => !acknowledged.has(id) && !unanswered.has(id));
  assert.deepEqual({ missing, doubled, strangers }, { missing: [], doubled: [], strangers: [] });
  assert.equal(storage.damaged_segments, 0);
  assert.equal(storage.events, found.size);
  return storage;
}

/**
 * Sends again what had no answer, and some of what had one: a client that does not know.
 *
 * @param {Worker} worker
 */
async function sendAgain(worker) {
  const lost = [...unanswered.values()];
  const known = [...acknowledged]
    .slice(-MOST_EVENTS)
    .map((id) => ({ ...newEvent(), event_id: id }));
  const events = [...lost, ...known].slice(0, 1000);
  if (events.length > 0) await send(worker, events, "import");
}

test(`nothing acknowledged is lost or doubled by ${KILLS} kills`, async (t) => {
  let seed = true;
  for (let kill = 0; kill < KILLS; ++kill) {
    const worker = await startWorker({ persist: directory, seed });
    seed = false;
    const round = { killed: false };
    try {
      await check(worker);
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
    const { events, segments, large_segments: large } = await check(worker);
    t.diagnostic(`${events} events in ${segments} segments, ${large} of them large`);
  } finally {
    await worker.dispose();
  }
});
