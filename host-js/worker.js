import module from "../build/wasm-release/millimetric.wasm";
import { createWorker, realWorld } from "./create-worker.js";
import { createProjectStore } from "./store-object.js";

export const ProjectStore = createProjectStore(module, realWorld);
export default createWorker(module);
