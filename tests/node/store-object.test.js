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

test("an alarm that cannot be set is told, and the events are stored", async (t) => {
  const records = await appendRecords();
  const database = openDatabase();
  t.after(() => database.close());
  const failure = new Error("no alarm");
  let asked = 0;
  const storage = {
    sql: {
      exec(/** @type {string} */ sql, /** @type {any[]} */ ...params) {
        const { width, rows } = database.open({ sql, params });
        return { columnNames: Array.from({ length: width }), raw: () => rows };
      },
    },
    transactionSync: (/** @type {() => any} */ run) => database.transaction(run),
    async setAlarm() {
      asked++;
      throw failure;
    },
  };
  const told = t.mock.method(console, "error", () => {});
  const unhandled = t.mock.fn();
  process.on("unhandledRejection", unhandled);
  t.after(() => void process.off("unhandledRejection", unhandled));

  const ProjectStore = createProjectStore(module, { now: () => NOW });
  const store = new ProjectStore(/** @type {any} */ ({ storage }), /** @type {any} */ ({}));
  for (const record of records) assert.ok(store.answer(record).length > 0);
  await new Promise((resolve) => setImmediate(resolve));

  assert.ok(asked > 0);
  assert.deepEqual(
    told.mock.calls.map(({ arguments: given }) => given),
    Array.from({ length: asked }, () => ["an alarm could not be set:", failure]),
  );
  assert.equal(unhandled.mock.callCount(), 0);
});
