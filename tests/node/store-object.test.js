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

/** What a gateway asks of the store when events come in. */
async function appendRecords() {
  /** @type {Uint8Array[]} */
  const records = [];
  const server = startServer({
    wrapEffects: (perform) => (effect) => {
      if (effect.kind === "store") records.push(effect.request.slice());
      return perform(effect);
    },
  });
  for (let i = 0; i < REQUESTS; i++) await server.importEvents("prj_shop", [{ event: `e${i}` }]);
  server.dispose();
  return records;
}

/**
 * A store on a storage that fails as it is told.
 *
 * @param {import("node:test").TestContext} t
 * @param {{ setAlarm: () => Promise<void>, fails?: (sql: string) => boolean }} storage
 */
function openStore(t, { setAlarm, fails = () => false }) {
  const database = openDatabase();
  t.after(() => database.close());
  const storage = {
    sql: {
      exec(/** @type {string} */ sql, /** @type {any[]} */ ...params) {
        if (fails(sql)) throw new Error("the database refuses");
        const { width, rows } = database.open({ sql, params });
        return { columnNames: Array.from({ length: width }), raw: () => rows };
      },
    },
    transactionSync: (/** @type {() => any} */ run) => database.transaction(run),
    setAlarm,
  };
  const ProjectStore = createProjectStore(module, { now: () => NOW });
  return new ProjectStore(/** @type {any} */ ({ storage }), /** @type {any} */ ({}));
}

test("events that arrive together are stored in one go, which the platform commits in one write", async (t) => {
  const records = await appendRecords();
  let statements = 0;
  const store = openStore(t, {
    setAlarm: async () => {},
    fails() {
      statements++;
      return false;
    },
  });
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const answers = [];
  for (const record of records) {
    answers.push(store.answer(record));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(statements, 0);

  t.mock.timers.tick(1);
  for (const answer of await Promise.all(answers)) assert.ok(answer.length > 0);
  assert.ok(statements >= REQUESTS, `${statements}`);

  const next = store.answer(records[0]);
  t.mock.timers.tick(1);
  assert.ok((await next).length > 0, "what comes later is a group of its own");
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
