/** The Durable Object's own part, with a storage that fails as the platform's may. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { test } from "node:test";
import { openDatabase } from "../../host-js/node-sqlite.js";
import { NOW, startServer } from "./support/server.js";

const PLATFORM = "export class DurableObject { constructor(ctx) { this.ctx = ctx; } }";
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "cloudflare:workers"
      ? { url: `data:text/javascript,${encodeURIComponent(PLATFORM)}`, shortCircuit: true }
      : next(specifier, context),
});
const { createProjectStore } = await import("../../host-js/store-object.js");
const file = new URL("../../build/wasm-release/millimetric.wasm", import.meta.url);
const module = new WebAssembly.Module(readFileSync(file));

const REQUESTS = 32; // with so many small segments there is something to merge

/**
 * What a gateway asks of the store when events come in.
 *
 * @param {object[][]} [requests] by default an event each
 */
async function appendRecords(
  requests = Array.from({ length: REQUESTS }, (_, i) => [{ event: `e${i}` }]),
) {
  /** @type {Uint8Array[]} */
  const records = [];
  const server = startServer({
    wrapEffects: (perform) => (effect) => {
      if (effect.kind === "store") records.push(effect.request.slice());
      return perform(effect);
    },
  });
  for (const events of requests) await server.importEvents("prj_shop", events);
  server.dispose();
  return records;
}

/**
 * A store on a storage that fails as it is told.
 *
 * @param {import("node:test").TestContext} t
 * @param {{
 *   setAlarm: () => Promise<void>,
 *   fails?: (sql: string, params: unknown[]) => boolean,
 * }} storage
 */
function openStore(t, { setAlarm, fails = () => false }) {
  const database = openDatabase();
  t.after(() => database.close());
  const storage = {
    sql: {
      exec(/** @type {string} */ sql, /** @type {any[]} */ ...params) {
        if (fails(sql, params)) throw new Error("the database refuses");
        const { width, rows } = database.open({ sql, params });
        if (width === 0) rows.next(); // as the platform does, which runs a statement at once
        return { columnNames: Array.from({ length: width }), raw: () => rows };
      },
    },
    transactionSync: (/** @type {() => any} */ run) => database.transaction(run),
    setAlarm,
  };
  const ProjectStore = createProjectStore(module, { now: () => NOW });
  return new ProjectStore(/** @type {any} */ ({ storage }), /** @type {any} */ ({}));
}

/**
 * A store that counts the segments that it makes of events, on a clock that stands still.
 *
 * @param {import("node:test").TestContext} t
 */
function openWaitingStore(t) {
  const made = { segments: 0 };
  const store = openStore(t, {
    setAlarm: async () => {},
    fails(sql) {
      if (sql.startsWith("INSERT INTO segments")) made.segments++;
      return false;
    },
  });
  t.mock.timers.enable({ apis: ["setTimeout"] });
  return { store, made };
}

test("events that arrive together are stored in one go, as one segment", async (t) => {
  const records = await appendRecords();
  const { store, made } = openWaitingStore(t);
  const answers = [];
  for (const record of records) {
    answers.push(store.answer(record));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(made.segments, 0);

  t.mock.timers.tick(1);
  const STORED_ONE = new Uint8Array([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  for (const answer of await Promise.all(answers)) assert.deepEqual(answer, STORED_ONE);
  assert.equal(made.segments, 1);

  const next = store.answer(records[0]);
  t.mock.timers.tick(1);
  assert.deepEqual(await next, STORED_ONE, "what comes later is a group of its own");
  assert.equal(made.segments, 2);
});

test("of much that arrives together a megabyte is stored at a time", async (t) => {
  const events = Array.from({ length: 60 }, (_, i) => ({
    event: "e",
    properties: { a: String(i).padEnd(8000) },
  }));
  const [large] = await appendRecords([events]);
  assert.ok(large.length < 1024 * 1024 && 3 * large.length > 1024 * 1024);
  const { store, made } = openWaitingStore(t);
  const answers = [large, large, large, large, large].map((record) => store.answer(record));
  t.mock.timers.tick(3);
  await Promise.all(answers);
  assert.equal(made.segments, 3);
});

test("when the core fails, all requests that came together are told", async (t) => {
  const records = await appendRecords();
  const { store } = openWaitingStore(t);
  store.answerNow = () => {
    throw new Error("trapped");
  };
  const answers = records.map((record) => store.answer(record));
  t.mock.timers.tick(1);
  for (const answer of answers) await assert.rejects(async () => answer, /trapped/);
});

test("an alarm that cannot be set is told, and the events are stored", async (t) => {
  const records = await appendRecords();
  const failure = new Error("no alarm");
  let asked = 0;
  const store = openStore(t, {
    async setAlarm() {
      asked++;
      throw failure;
    },
  });
  const told = t.mock.method(console, "error", () => {});
  const unhandled = t.mock.fn();
  process.on("unhandledRejection", unhandled);
  t.after(() => void process.off("unhandledRejection", unhandled));

  for (const record of records) assert.ok((await store.answer(record)).length > 0);
  await new Promise((resolve) => setImmediate(resolve));

  assert.ok(asked > 0);
  assert.deepEqual(
    told.mock.calls.map(({ arguments: given }) => given),
    Array.from({ length: asked }, () => ["an alarm could not be set:", failure]),
  );
  assert.equal(unhandled.mock.callCount(), 0);
});

test("a step of upkeep whose database fails is the platform's to try again, at whatever statement", async (t) => {
  t.mock.method(console, "error", () => {}); // the host logs each failure
  const records = await appendRecords();
  let failures = 0;
  for (let at = 1; failures === at - 1; at++) {
    let left = Infinity;
    const store = openStore(t, { setAlarm: async () => {}, fails: () => --left === 0 });
    for (const record of records) await store.answer(record);
    left = at;
    try {
      store.alarm();
    } catch {
      failures++;
    }
    assert.equal(failures === at, left <= 0, `at statement ${at}`);
    left = Infinity;
    store.alarm();
  }
  assert.ok(failures > 2, `${failures}`);
});

test("a merge that the database never takes is left aside, and others go on", async (t) => {
  const told = t.mock.method(console, "error", () => {});
  const records = await appendRecords();
  const [FIRST_SEGMENT, MOST_INPUTS, TRIES] = [1, 128, 3];
  let merged = 0; // segments
  let refused = 0;
  const store = openStore(t, {
    setAlarm: async () => {},
    fails(sql) {
      if (!sql.startsWith("DELETE FROM segments")) return false;
      const inputs = (sql.match(/\d+/g) ?? []).map(Number);
      const refuses = inputs.includes(FIRST_SEGMENT);
      if (refuses) refused++;
      else merged += inputs.length;
      return refuses;
    },
  });
  for (let stored = 0; stored < MOST_INPUTS + REQUESTS; stored += REQUESTS) {
    for (const record of records) store.answerNow(record);
  }
  let thrown = 0;
  for (let steps = 0; steps < 200; steps++) {
    try {
      store.alarm();
    } catch {
      thrown++; // and the platform tries again
    }
  }
  assert.deepEqual(
    { refused, thrown, merged },
    { refused: TRIES, thrown: TRIES - 1, merged: REQUESTS },
  );
  const lines = told.mock.calls.map(({ arguments: given }) => given.join(" "));
  assert.deepEqual(
    lines.filter((line) => line.includes("left as they are")),
    [
      "a step of upkeep failed, and the next one comes: The database refuses to merge segments from " +
        "1 on; they are left as they are.",
    ],
  );
});
