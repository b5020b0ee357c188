/**
 * Our Worker, which also tells how much memory its WebAssembly instances have: `GET /__soak/memory`
 * lists them. Instances that are gone, with the objects that they served, are not held back by it.
 */
import { memorySizes } from "./instances.js";
import worker, { ProjectStore } from "../../host-js/worker.js";

export { ProjectStore };

export default {
  /**
   * @param {Request} request
   * @param {any} env
   */
  fetch(request, env) {
    if (new URL(request.url).pathname === "/__soak/memory") return Response.json(memorySizes());
    return worker.fetch(request, env);
  },
};
