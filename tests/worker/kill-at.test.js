/**
 * The runtime is killed, or a store evicted, or its database fails, at a chosen statement of merging
 * large segments, of forgetting, of retention and of the upgrade of a store of version 0.1.0. Whatever
 * the statement: nothing acknowledged is lost or doubled, and what was begun comes to its end.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Ledger, send } from "./support/ledger.js";
import { killRuntime } from "./support/processes.js";
import { inTree } from "./support/root.js";
import { ADMIN_TOKEN, startWorker } from "./support/worker.js";

/**
 * @typedef {import("./support/worker.js").RunningWorker} Worker
 * @typedef {import("./support/ledger.js").Event} Event
 * @typedef {"answer" | "alarm"} Call
 * @typedef {"hang" | "abort" | "fail"} Action
 */

const DAY = 86_400_000;
const SHOP = "prj_shop";
const BATCH = 1000;
/** Segments of one size that are merged; together they have more events than a small segment may. */
const BATCHES = 8;
const VISITORS = 50;
const RETENTION_DAYS = 30;
/** At which statements: each of the first ones, ever fewer of the later ones. */
const STATEMENTS = [1, 2, 3, 5, 8, 21, 55];
const MARKER = "something happened at the gate";

/** @type {string} */
let directory;
let made = 0;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "millimetric-kill-at-"));
});
after(() => rm(directory, { recursive: true }));

/** @param {number} count */
const newEvents = (count) =>
  Array.from({ length: count }, () => ({
    event: `e${made % 5}`,
    event_id: `id-${++made}`,
    anonymous_id: `visitor-${made % VISITORS}`,
    timestamp: new Date(Date.now() - (made % 60) * DAY).toISOString(),
  }));

/**
 * @param {string} name of the directory, one for each theme
 * @param {{ seed?: boolean, gate?: object }} options
 */
const start = (name, { seed = false, gate }) =>
  startWorker({
    entry: inTree("tests", "worker", "support", "entries", "gates.js"),
    persist: join(directory, name),
    seed,
    bindings: gate === undefined ? {} : { TEST_GATE: JSON.stringify(gate) },
  });

/**
 * @param {Worker} worker
 * @param {{ call: Call, at: number, action?: Action }} [gate] none: it is removed
 */
const setGate = (worker, gate) =>
  fetch(`${worker.url}/__test/gate`, {
    method: "PUT",
    body: gate === undefined ? "" : JSON.stringify({ action: "hang", ...gate }),
  });

/** @param {Worker} worker */
const stopped = ({ output }) => output().includes(MARKER);

/** @param {() => Promise<boolean>} condition */
async function waitUntil(condition) {
  for (let i = 0; i < 12_000; i++) {
    if (await condition()) return;
    await sleep(5);
  }
  assert.fail("what was waited for a minute for did not come");
}

/**
 * The promise, or undefined as soon as the runtime stands still.
 *
 * @template T
 * @param {Worker} worker
 * @param {Promise<T>} promise
 * @returns {Promise<T | undefined>}
 */
async function unlessStopped(worker, promise) {
  let done = false;
  promise.catch(() => {}).finally(() => (done = true));
  await waitUntil(async () => done || stopped(worker));
  return stopped(worker) ? undefined : promise;
}

/**
 * Repeats a call that ends at the n-th statement, for ever later ones, over the same state, until it
 * comes to its end before the gate.
 *
 * @param {string} name
 * @param {Ledger} ledger
 * @param {(worker: Worker) => Promise<boolean>} call whether it was acknowledged
 * @returns {Promise<number>} how often it was killed
 */
async function killAtEach(name, ledger, call) {
  let kills = 0;
  for (const at of STATEMENTS) {
    const worker = await start(name, {});
    try {
      await ledger.check(worker);
      await setGate(worker, { call: "answer", at });
      const acknowledged = await unlessStopped(worker, call(worker));
      if (acknowledged === true) break;
      assert.equal(acknowledged, undefined, "the call failed by itself");
      kills += 1;
      await killRuntime();
    } finally {
      await worker.dispose();
    }
  }
  return kills;
}

/**
 * Repeats a call in which an object is evicted or the database fails at the n-th statement, until it
 * comes to its end before the gate.
 *
 * @param {Worker} worker
 * @param {Ledger} ledger
 * @param {Action} action
 * @param {() => Promise<boolean>} call whether it was acknowledged
 */
async function failAtEach(worker, ledger, action, call) {
  let failures = 0;
  for (const at of STATEMENTS) {
    await setGate(worker, { call: "answer", at, action });
    const acknowledged = await call();
    await setGate(worker);
    await ledger.check(worker);
    if (acknowledged) break;
    failures += 1;
  }
  return failures;
}

/**
 * A store with a large segment and some small ones.
 *
 * @param {string} name
 */
async function largeStore(name) {
  const ledger = new Ledger(SHOP);
  const worker = await start(name, { seed: true });
  try {
    for (let i = 0; i < BATCHES; ++i) await ledger.import(worker, newEvents(BATCH));
    await waitUntil(async () => (await ledger.storage(worker)).large_segments === 1);
    await ledger.import(worker, newEvents(100));
    await ledger.import(worker, newEvents(1));
    await ledger.check(worker);
  } finally {
    await worker.dispose();
  }
  return ledger;
}

test("merging into a large segment, killed at every so many statements, comes to its end", async (t) => {
  const ledger = new Ledger(SHOP);
  const held = { call: "alarm", at: 0, action: "hang" };
  let worker = await start("merge", { seed: true, gate: held });
  let kills = 0;
  try {
    for (let i = 0; i < BATCHES; ++i) await ledger.import(worker, newEvents(BATCH));
    for (const at of STATEMENTS) {
      const storage = await ledger.check(worker);
      if (storage.merge_debt === 0) break;
      await setGate(worker, { call: "alarm", at });
      // Without a request: what was interrupted goes on by itself.
      const merged = async () => (await ledger.storage(worker)).merge_debt === 0;
      const done = waitUntil(merged);
      await unlessStopped(worker, done);
      if (!stopped(worker)) break;
      kills += 1;
      await killRuntime();
      await worker.dispose();
      worker = await start("merge", { gate: held });
    }
    await setGate(worker);
    await waitUntil(async () => (await ledger.storage(worker)).large_segments === 1);
    const { segments, small_segments: small } = await ledger.check(worker);
    assert.equal(small, 0);
    t.diagnostic(`${kills} kills, ${ledger.kept.size} events in ${segments} segment`);
    assert.ok(kills >= 5);
  } finally {
    await worker.dispose();
  }
});

test("merging whose database has failed goes on by itself, without another event", async () => {
  const ledger = new Ledger(SHOP);
  const held = { call: "alarm", at: 0, action: "hang" };
  const worker = await start("merge-fails", { seed: true, gate: held });
  try {
    for (let i = 0; i < BATCHES; ++i) await ledger.import(worker, newEvents(BATCH));
    await setGate(worker, { call: "alarm", at: 21, action: "fail" });
    await waitUntil(async () => stopped(worker));
    await waitUntil(async () => (await ledger.storage(worker)).large_segments === 1);
    assert.equal((await ledger.check(worker)).merge_debt, 0);
  } finally {
    await worker.dispose();
  }
});

/**
 * @param {Ledger} ledger
 * @param {string} visitor
 */
function forgetting(ledger, visitor) {
  const theirs = (/** @type {Event} */ { anonymous_id: id }) => id === visitor;
  return async (/** @type {Worker} */ worker) => {
    ledger.mayGo(theirs);
    const body = { anonymous_id: visitor };
    const { status } = await send(worker, "/v1/forget", worker.keys.shop.sk, body);
    if (status !== 200) return false;
    ledger.gone(theirs);
    return true;
  };
}

/** @param {Ledger} ledger */
function retaining(ledger) {
  const before = Date.now() - RETENTION_DAYS * DAY;
  const old = (/** @type {Event} */ { timestamp }) => Date.parse(timestamp) < before;
  return async (/** @type {Worker} */ worker) => {
    ledger.mayGo(old);
    const path = `/admin/projects/${SHOP}`;
    const set = { retention_days: RETENTION_DAYS };
    assert.equal((await send(worker, path, ADMIN_TOKEN, set, "PATCH")).status, 200);
    const { text } = await send(worker, "/admin/retention", ADMIN_TOKEN, {});
    if (JSON.parse(text).ok !== true) return false;
    ledger.gone(old);
    return true;
  };
}

describe("over a large segment and small ones", () => {
  for (const [what, calling] of /** @type {const} */ ([
    ["forgetting", (/** @type {Ledger} */ ledger) => forgetting(ledger, "visitor-7")],
    ["retention", retaining],
  ])) {
    test(`${what}, killed at every so many statements, comes to its end`, async (t) => {
      const ledger = await largeStore(what);
      const call = calling(ledger);
      const kills = await killAtEach(what, ledger, call);
      const worker = await start(what, {});
      try {
        assert.ok(await call(worker));
        assert.equal(ledger.unsure.size, 0);
        const { events } = await ledger.check(worker);
        t.diagnostic(`${kills} kills, ${events} events are left`);
        assert.ok(kills >= 5);
      } finally {
        await worker.dispose();
      }
    });
  }

  for (const action of /** @type {const} */ (["abort", "fail"])) {
    test(`forgetting, retention and ingest, with ${action} at every so many statements`, async () => {
      const ledger = await largeStore(action);
      const worker = await start(action, {});
      try {
        const imported = async () => {
          const { status } = await ledger.import(worker, [
            ...ledger.unsure.values(),
            ...newEvents(3),
          ]);
          return status === 200;
        };
        assert.ok((await failAtEach(worker, ledger, action, imported)) >= 1);
        const forgotten = forgetting(ledger, "visitor-8");
        assert.ok((await failAtEach(worker, ledger, action, () => forgotten(worker))) >= 5);
        assert.ok(await forgotten(worker));
        const retained = retaining(ledger);
        assert.ok((await failAtEach(worker, ledger, action, () => retained(worker))) >= 5);
        assert.ok(await retained(worker));
        assert.equal(ledger.unsure.size, 0);
        await ledger.check(worker);
      } finally {
        await worker.dispose();
      }
    });
  }
});

describe("a store of version 0.1.0", () => {
  const run = async (/** @type {Worker} */ { url }, /** @type {string} */ script) => {
    const path = `${url}/__test/sql?project=${SHOP}`;
    const response = await fetch(path, { method: "PUT", body: script });
    assert.equal(response.status, 200);
    return response.json();
  };

  test("killed at every so many statements of its upgrade, is upgraded", async (t) => {
    const ledger = new Ledger(SHOP);
    let worker = await start("upgrade", { seed: true });
    try {
      await run(
        worker,
        await readFile(inTree("tests", "data", "stores", "rows-0.1.0.sql"), "utf8"),
      );
      const old = await run(
        worker,
        "SELECT event_id, event_name AS event, '' AS timestamp FROM events",
      );
      assert.ok(old.length > 200);
      ledger.acknowledged(old);
    } finally {
      await worker.dispose();
    }
    let kills = 0;
    for (const at of STATEMENTS) {
      worker = await start("upgrade", {});
      try {
        await setGate(worker, { call: "answer", at });
        const checked = await unlessStopped(worker, ledger.check(worker));
        if (checked !== undefined) break;
        kills += 1;
        await killRuntime();
      } finally {
        await worker.dispose();
      }
    }
    worker = await start("upgrade", {});
    try {
      await ledger.check(worker);
      const tables = await run(worker, "SELECT name FROM sqlite_master WHERE name = 'event_ids'");
      assert.deepEqual(tables, []);
      t.diagnostic(`${kills} kills`);
      assert.ok(kills >= 5);
    } finally {
      await worker.dispose();
    }
  });
});
