/**
 * Our Worker, with each call to a project's store held back for a while.
 *
 * `PUT /__test/hold` with milliseconds sets how long; at first they are not held.
 */
import module from "../../../../build/wasm-release/millimetric.wasm";
import { createWorker } from "../../../../host-js/create-worker.js";

export { ProjectStore } from "../../../../host-js/worker.js";

let holdMs = 0;
const worker = createWorker(module);

/**
 * @param {any} stores
 * @returns {any}
 */
const held = (stores) => ({
  idFromName: (/** @type {string} */ name) => stores.idFromName(name),
  get: (/** @type {any} */ id) => ({
    async answer(/** @type {Uint8Array} */ record) {
      if (holdMs > 0) await new Promise((go) => setTimeout(go, holdMs));
      return stores.get(id).answer(record);
    },
  }),
});

/** @type {any} one for all requests, as the real bindings are */
let bindings;

export default {
  /**
   * @param {Request} request
   * @param {any} env
   * @param {any} context
   */
  async fetch(request, env, context) {
    if (new URL(request.url).pathname === "/__test/hold") {
      holdMs = Number(await request.text());
      return new Response(null, { status: 204 });
    }
    bindings ??= { ...env, PROJECT_STORE: held(env.PROJECT_STORE) };
    return worker.fetch(request, bindings, context);
  },
};
