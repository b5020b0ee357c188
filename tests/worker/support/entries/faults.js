/**
 * Our Worker with a clock (see clock.js), and with a fault where a request's header `x-test-fault`
 * wants one: `control` and `store` do not answer, and `trap` traps the module as it begins the call.
 */
import worker, { ProjectStore } from "./clock.js";

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

/** What does not answer now. The bindings stay the same ones, as a deployment's do. */
let fault = "";

/**
 * @template {object} T
 * @param {string} name of the fault in which it does not answer
 * @param {T} binding
 * @returns {T}
 */
const breakable = (name, binding) =>
  new Proxy(binding, {
    get(target, key) {
      if (fault === name) throw new Error(INTERNALS);
      const member = Reflect.get(target, key, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });

/** @type {any} */
let bindings;

export default {
  /**
   * @param {Request} request
   * @param {any} env
   */
  fetch(request, env) {
    fault = request.headers.get("x-test-fault") ?? "";
    if (fault === "trap") traps = 1;
    bindings ??= {
      ...env,
      CONTROL: breakable("control", env.CONTROL),
      PROJECT_STORE: breakable("store", env.PROJECT_STORE),
    };
    return worker.fetch(request, bindings);
  },
};
