/**
 * Our Worker for the cases: each request brings its own clock and randomness in a header, which the
 * Worker itself does not see, and the name of its case file, to which the projects' stores belong.
 *
 * `x-test-case: NAME NOW SEED`, with NOW in milliseconds since 1970 and SEED in hex.
 */
import { createWorker } from "../../../../host-js/create-worker.js";
import { createProjectStore } from "../../../../host-js/store-object.js";
import module from "../../../../build/wasm-release/millimetric.wasm";

/** @typedef {import("../../../../host-js/gateway-effects.js").Bindings} Bindings */

const HEADER = "x-test-case";

let now = 0;
let seed = new Uint8Array();
const world = { now: () => now, seed: () => seed };

// The objects live in the same isolate, so they see the same clock.
export const ProjectStore = createProjectStore(module, world);

/** @type {Map<string, { worker: ReturnType<typeof createWorker>, env: Bindings }>} */
const opened = new Map();

/**
 * @param {string} name of the case file
 * @param {Bindings} env
 */
function open(name, env) {
  const found = opened.get(name);
  if (found !== undefined) return found;
  const stores = /** @type {any} */ ({
    idFromName: (/** @type {string} */ id) => env.PROJECT_STORE.idFromName(`${name}/${id}`),
    get: (/** @type {any} */ id) => env.PROJECT_STORE.get(id),
  });
  const made = { worker: createWorker(module, world), env: { ...env, PROJECT_STORE: stores } };
  opened.set(name, made);
  return made;
}

export default {
  /**
   * @param {Request} request
   * @param {Bindings} env
   */
  fetch(request, env) {
    const [name, time, bytes] = (request.headers.get(HEADER) ?? "").split(" ");
    now = Number(time);
    seed = new Uint8Array(bytes.match(/../g)?.map((byte) => parseInt(byte, 16)) ?? []);
    const headers = new Headers(request.headers);
    headers.delete(HEADER);
    const { worker, env: own } = open(name, env);
    return worker.fetch(new Request(request, { headers }), own);
  },
};
