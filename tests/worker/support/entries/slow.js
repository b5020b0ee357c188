/**
 * Our Worker, with every answer of D1 and of the project stores late by a random time, so that the
 * answers to concurrent requests come back in no order at all.
 *
 * `GET /__test/memory` lists the sizes of the WebAssembly memories.
 */
import { memorySizes } from "./instances.js";
import worker, { ProjectStore } from "../../../../host-js/worker.js";

export { ProjectStore };

const LONGEST_DELAY_MS = 20;

/** @type {WeakMap<object, object>} what a wrapper stands for, for handing it back to its maker */
const wrapped = new WeakMap();

/**
 * @template T
 * @param {T} value
 * @returns {T} the same, except that whatever its methods promise comes late
 */
function slow(value) {
  if (typeof value !== "object" || value === null) return value;
  const wrapper = new Proxy(value, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (/** @type {any[]} */ ...args) => {
        const answer = Reflect.apply(member, target, args.map(unwrap));
        if (typeof answer?.then === "function") return late(answer);
        // A statement, or an object's handle: what it is asked for comes late as well. An id is only passed on.
        return typeof answer?.equals === "function" ? answer : slow(answer);
      };
    },
  });
  wrapped.set(wrapper, value);
  return wrapper;
}

/**
 * @param {any} value
 * @returns {any}
 */
function unwrap(value) {
  if (Array.isArray(value)) return value.map(unwrap);
  return (typeof value === "object" && value !== null && wrapped.get(value)) || value;
}

/** @param {PromiseLike<unknown>} answer */
async function late(answer) {
  const value = await answer;
  await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_DELAY_MS));
  return value;
}

/** @type {any} one for all requests, as the real bindings are */
let slowed;

export default {
  /**
   * @param {Request} request
   * @param {any} env
   */
  fetch(request, env) {
    if (new URL(request.url).pathname === "/__test/memory") return Response.json(memorySizes());
    slowed ??= { ...env, CONTROL: slow(env.CONTROL), PROJECT_STORE: slow(env.PROJECT_STORE) };
    return worker.fetch(request, slowed);
  },
};
