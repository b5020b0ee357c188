/**
 * Our Worker, with a gate in the stores: at the n-th statement that a store runs, counted from when
 * the gate was set, something happens.
 *
 * - `hang`: the runtime stands still, in the middle of the call, until it is killed;
 * - `abort`: the object is evicted in the middle of the call;
 * - `fail`: the database refuses the statement.
 *
 * `PUT /__test/gate` with `{ "call": "answer" | "alarm", "at": n, "action": ... }` sets the gate, with
 * nothing removes it. Upkeep waits while a gate for it is at 0. What has happened at the gate is
 * logged as `MARKER`. `PUT /__test/sql?project=ID` runs SQL in a store, past the core.
 */
import module from "../../../../build/wasm-release/millimetric.wasm";
import { createWorker, realWorld } from "../../../../host-js/create-worker.js";
import { createProjectStore } from "../../../../host-js/store-object.js";
import { env as variables } from "cloudflare:workers";

/** @typedef {{ call: "answer" | "alarm", at: number, action: "hang" | "abort" | "fail" }} Gate */

const MARKER = "something happened at the gate";

/** @type {Gate | undefined} */
let gate = variables.TEST_GATE === undefined ? undefined : JSON.parse(variables.TEST_GATE);
let statements = 0;
/** @type {Gate["call"] | undefined} what a store does now: they do one thing at a time */
let doing;
/** @type {{ abort: (reason: string) => void } | undefined} */
let store;

function atTheGate() {
  const { action } = /** @type {Gate} */ (gate);
  gate = undefined;
  console.log(`${MARKER}: ${action}`);
  if (action === "fail") throw new Error("the database refuses");
  if (action === "abort") store?.abort("evicted by the test");
  while (action === "hang");
}

/** A statement has run, unless its call came to its end with the one before. */
function opened() {
  if (gate === undefined || gate.call !== doing) return;
  if (++statements === gate.at) atTheGate();
}

class GatedStore extends createProjectStore(module, { now: realWorld.now, opened }) {
  /** @param {Uint8Array[]} records */
  answerNow(...records) {
    [doing, store] = ["answer", this.ctx];
    return super.answerNow(...records);
  }

  async alarm() {
    while (gate?.call === "alarm" && gate.at === 0) await new Promise((go) => setTimeout(go, 5));
    [doing, store] = ["alarm", this.ctx];
    super.alarm();
  }

  /** @param {string} script */
  run(script) {
    return this.ctx.storage.sql.exec(script).toArray();
  }
}
export { GatedStore as ProjectStore };

const worker = createWorker(module);

export default {
  /**
   * @param {Request} request
   * @param {any} env
   */
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/__test/gate") {
      const text = await request.text();
      gate = text === "" ? undefined : JSON.parse(text);
      statements = 0;
      return new Response(null, { status: 204 });
    }
    if (pathname === "/__test/sql") {
      const id = env.PROJECT_STORE.idFromName(searchParams.get("project"));
      return Response.json(await env.PROJECT_STORE.get(id).run(await request.text()));
    }
    return worker.fetch(request, env);
  },
};
