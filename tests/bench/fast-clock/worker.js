/**
 * Our Worker with a clock that runs four hundred times as fast, so that a project's bucket of 5
 * batches a second is never what a load waits for: a million events a second would have to come.
 */
import { createWorker, realWorld } from "../../../host-js/create-worker.js";
import { createProjectStore } from "../../../host-js/store-object.js";
import module from "../../../build/wasm-release/millimetric.wasm";

const TIMES = 400;

/** @type {number | undefined} the clock of a Worker stands still until its first request */
let started;

const world = {
  ...realWorld,
  now() {
    const now = Date.now();
    started ??= now;
    return now + (now - started) * (TIMES - 1);
  },
};

export const ProjectStore = createProjectStore(module, world);
export default createWorker(module, world);
