/**
 * Our Worker with a clock that a test sets and randomness that repeats itself: same requests, same
 * bytes.
 *
 * `PUT /__test/now` with milliseconds since 1970 sets the clock; until then it stands at TEST_NOW.
 */
import { createWorker } from "../../../../host-js/create-worker.js";
import { createProjectStore } from "../../../../host-js/store-object.js";
import module from "../../../../build/wasm-release/millimetric.wasm";
import { env as variables } from "cloudflare:workers";

let now = Number(variables.TEST_NOW);
let seeds = 0;

const world = {
  now: () => now,
  /** A different one for each request, but the same ones in each run. */
  seed() {
    const bytes = new Uint8Array(32);
    new DataView(bytes.buffer).setUint32(0, ++seeds);
    return bytes;
  },
};

const worker = createWorker(module, world);

// The objects live in the same isolate, so they see the same clock.
export const ProjectStore = createProjectStore(module, world);

export default {
  /**
   * @param {Request} request
   * @param {import("../../../../host-js/gateway-effects.js").Bindings} env
   */
  async fetch(request, env) {
    if (new URL(request.url).pathname !== "/__test/now") return worker.fetch(request, env);
    now = Number(await request.text());
    return new Response(null, { status: 204 });
  },
  scheduled: worker.scheduled,
};
