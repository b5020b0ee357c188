/**
 * A project is resharded 1 → 3 → 2 while eight connections send events and ask, the operator's
 * command is killed and repeated, and the runtime is killed: at each question every acknowledged
 * event counts once, and at the end each is there exactly once.
 * `MM_KILLS=50` kills the runtime more often, `MM_SEED=2` at other moments.
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

const KILLS = Number(process.env.MM_KILLS ?? 6);
const random = new Random(Number(process.env.MM_SEED ?? 1));
const PROJECT = "prj_shop";
const LAYOUTS = [3, 2];
const SENDERS = 5;
const ASKERS = 3;
const MOST_EVENTS = 20;
const FIRST_EVENTS = 6000;
const LONGEST_ROUND_MS = 1500;
const DAY_MS = 86_400_000;

/** @typedef {import("./support/worker.js").RunningWorker} Worker */
/** @typedef {{ event: string, event_id: string, anonymous_id?: string, user_id?: string }} Event */
/** @typedef {{ over: boolean }} Round */

/** @type {string} */
let directory;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "millimetric-reshard-"));
});
after(() => rm(directory, { recursive: true }));

/** @type {Set<string>} ids of acknowledged events */
const acknowledged = new Set();
/** @type {Map<string, Event>} those sent whose answer has not come: each may be there or not */
const unanswered = new Map();
let made = 0;

/** @returns {Event} */
const newEvent = () => ({
  event: "probe",
  event_id: `id-${++made}`,
  ...(random.chance(0.8) ? { anonymous_id: `v${random.integer(0, 300)}` } : {}),
  ...(random.chance(0.3) ? { user_id: `u${random.integer(0, 50)}` } : {}),
});

/** @param {string} token */
const headersOf = (token) => ({
  authorization: `Bearer ${token}`,
  "content-type": "application/json",
});

/**
 * @param {Worker} worker
 * @param {string} path
 * @param {string} token
 * @param {object} body
 * @param {AbortSignal} [signal]
 */
const post = ({ url }, path, token, body, signal) =>
  fetch(`${url}${path}`, {
    method: "POST",
    headers: headersOf(token),
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });

/**
 * @param {Worker} worker
 * @param {Event[]} events
 */
async function send(worker, events) {
  for (const event of events) unanswered.set(event.event_id, event);
  const response =
    events.length === 1
      ? await post(worker, "/v1/track", worker.keys.shop.sk, events[0])
      : await post(worker, `/admin/import?project=${PROJECT}`, ADMIN_TOKEN, { events });
  const text = await response.text();
  // No token: nothing was stored.
  if (response.status === 429) return events.forEach(({ event_id: id }) => unanswered.delete(id));
  // Sealed for longer than a request waits: some of it may be stored, and sent again it is once.
  if (response.status === 502) return sleep(50);
  assert.ok(response.ok, `${response.status} ${text}`);
  for (const { event_id: id } of events) {
    unanswered.delete(id);
    acknowledged.add(id);
  }
}

/**
 * @param {Worker} worker
 * @returns {Promise<number>} how many events an answer counts
 */
async function counted(worker) {
  const from = new Date(Date.now() - DAY_MS).toISOString();
  const to = new Date(Date.now() + DAY_MS).toISOString();
  const by = random.chance(0.5) ? "" : "&group_by=source";
  const path = `/v1/stats?event=probe&from=${from}&to=${to}${by}`;
  const response = await fetch(`${worker.url}${path}`, {
    headers: headersOf(worker.keys.shop.rk),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const { rows } = /** @type {{ rows: { value: number }[] }} */ (JSON.parse(text));
  return rows.reduce((sum, { value }) => sum + value, 0);
}

/** @param {Worker} worker */
async function ask(worker) {
  const least = acknowledged.size;
  const count = await counted(worker);
  const most = acknowledged.size + unanswered.size;
  assert.ok(count >= least, `${least} events were acknowledged, the answer counts ${count}`);
  assert.ok(count <= most, `${most} events were sent, the answer counts ${count}`);
}

/**
 * Repeats something until the round is over.
 *
 * @param {Round} round
 * @param {() => Promise<unknown>} act
 */
async function keep(round, act) {
  while (!round.over) {
    try {
      await act();
    } catch (error) {
      await sleep(20);
      // A connection that was idle may be closed just as it is used again: nothing is known then of
      // the request. Other than that only a dying runtime may fail.
      if (!round.over && !(error instanceof TypeError)) throw error;
    }
  }
}

/**
 * The operator's command, killed now and then in the middle of a step and begun again.
 *
 * @param {Worker} worker
 * @param {number} to
 * @returns {Promise<boolean>} whether it is done
 */
async function step(worker, to) {
  const signal = random.chance(0.3) ? AbortSignal.timeout(random.integer(1, 200)) : undefined;
  const path = `/admin/shards?project=${PROJECT}`;
  /** @type {{ to?: number }} */
  const body = random.chance(0.5) ? { to } : {};
  try {
    const response = await post(worker, path, ADMIN_TOKEN, body, signal);
    const text = await response.text();
    // Two steps at once may get in each other's way.
    if (response.status === 502) return false;
    assert.equal(response.status, 200, text);
    const { done, shards } = JSON.parse(text);
    return done && shards === to;
  } catch (error) {
    if (signal?.aborted) return false;
    throw error;
  }
}

/**
 * How often each id is stored.
 *
 * @param {Worker} worker
 */
async function stored({ url }) {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (let cursor = ""; ;) {
    const path = `/admin/export?project=${PROJECT}&limit=1000${cursor}`;
    const response = await fetch(`${url}${path}`, { headers: headersOf(ADMIN_TOKEN) });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const { rows, next_cursor: next } = JSON.parse(text);
    for (const { event_id: id } of rows) found.set(id, (found.get(id) ?? 0) + 1);
    if (next === undefined) return found;
    cursor = `&cursor=${next}`;
  }
}

/** @param {Worker} worker */
async function check(worker) {
  const found = await stored(worker);
  const missing = [...acknowledged].filter((id) => !found.has(id));
  const doubled = [...found].filter(([, times]) => times > 1);
  const strangers = [...found.keys()].filter((id) => !acknowledged.has(id) && !unanswered.has(id));
  assert.deepEqual({ missing, doubled, strangers }, { missing: [], doubled: [], strangers: [] });
  return found.size;
}

/** @param {Worker} worker */
async function sendUnanswered(worker) {
  const lost = [...unanswered.values()];
  for (let at = 0; at < lost.length; at += 1000) await send(worker, lost.slice(at, at + 1000));
}

test(`resharding 1 → 3 → 2 under load, with ${KILLS} kills of the runtime`, async (t) => {
  let seed = true;
  let layout = 0;
  let rounds = 0;
  for (let kills = 0; layout < LAYOUTS.length; ++rounds) {
    const worker = await startWorker({ persist: directory, seed });
    /** @type {Round} */
    const round = { over: false };
    try {
      for (let n = 0; seed && n < FIRST_EVENTS; n += 1000) {
        await send(worker, Array.from({ length: 1000 }, newEvent));
      }
      seed = false;
      await sendUnanswered(worker);
      const acting = [
        ...Array.from({ length: SENDERS }, () =>
          keep(round, () => {
            const count = random.chance(0.5) ? 1 : random.integer(1, MOST_EVENTS);
            return send(worker, Array.from({ length: count }, newEvent));
          }),
        ),
        ...Array.from({ length: ASKERS }, () => keep(round, () => ask(worker))),
      ];
      const resharding = keep(round, async () => {
        if (!(await step(worker, LAYOUTS[layout]))) return;
        layout += 1;
        if (layout === LAYOUTS.length) round.over = true;
      });
      const end = kills < KILLS ? sleep(random.integer(50, LONGEST_ROUND_MS)) : resharding;
      await Promise.race([end, Promise.all(acting)]);
      if (!round.over) {
        round.over = true;
        kills += 1;
        await killRuntime();
      }
      await Promise.all([...acting, resharding]);
    } finally {
      round.over = true;
      await worker.dispose();
    }
  }
  const worker = await startWorker({ persist: directory, seed: false });
  try {
    await sendUnanswered(worker);
    const events = await check(worker);
    assert.equal(await counted(worker), events);
    t.diagnostic(`${events} events, ${rounds} rounds`);
  } finally {
    await worker.dispose();
  }
});
