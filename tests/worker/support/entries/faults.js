/**
 * Our Worker, with a fault where a request's header `x-test-fault` wants one: `control` and `store`
 * do not answer, and `trap` traps the module as it begins the call.
 */
import worker, { ProjectStore } from "../../../../host-js/worker.js";

export { ProjectStore };

/** What must never reach a caller. */
const INTERNALS = "table sqlite_secret is on fire";

const { Instance } = WebAssembly;
let traps = 0;

// Instances are made with the first request, after this.
WebAssembly.Instance = /** @type {any} */ (
  class {
    /** @param {ConstructorParameters<typeof Instance>} args */
    constructor(...args) {
      const { exports } = new Instance(...args);
      const begin = /** @type {(...args: number[]) => number} */ (exports.mm_begin);
      return {
        exports: {
          ...exports,
          mm_begin(/** @type {number[]} */ ...given) {
            if (traps > 0 && traps-- > 0) throw new WebAssembly.RuntimeError(INTERNALS);
            return begin(...given);
          },
        },
      };
    }
  }
);

const fails = () => {
  throw new Error(INTERNALS);
};
const noControl = { prepare: fails, batch: fails };
const noStore = { idFromName: fails, get: fails };

export default {
  /**
   * @param {Request} request
   * @param {any} env
   */
  fetch(request, env) {
    const fault = request.headers.get("x-test-fault");
    if (fault === "trap") traps = 1;
    const bindings = {
      ...env,
      ...(fault === "control" ? { CONTROL: noControl } : {}),
      ...(fault === "store" ? { PROJECT_STORE: noStore } : {}),
    };
    return worker.fetch(request, bindings);
  },
};
