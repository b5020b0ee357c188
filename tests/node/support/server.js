/**
 * The harness with the cases' keys, for tests that need more than requests and answers.
 */
import { ADMIN_TOKEN } from "../../data/cases.js";
import { caseHarness } from "../../data/harness.js";

/** @typedef {import("../../../host-js/node-harness.js").HarnessOptions} HarnessOptions */

/** When the tests happen. */
export const NOW = Date.parse("2026-11-20T12:00:00.000Z");

/** @param {string} prefix of a key in control.sql; its kind is in the prefix */
export const keyOf = (prefix) =>
  `${prefix.slice(4, 6)}_live_${prefix}_local-development-only-secret`;

/** @param {number} n */
function seedOf(n) {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, n, true);
  return seed;
}

/** @param {Partial<HarnessOptions>} [options] */
export function startServer(options) {
  const harness = caseHarness(options);
  let requests = 0;
  const moment = (/** @type {number} */ now) => ({ now, seed: seedOf(++requests) });

  /**
   * @param {string} path
   * @param {string} token
   * @param {unknown} body text as it is, anything else as JSON
   * @param {number} [now]
   */
  async function post(path, token, body, now = NOW) {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const sent = typeof body === "string" ? body : JSON.stringify(body);
    const response = await harness.fetch("POST", path, headers, sent, moment(now));
    const text = new TextDecoder().decode(response.body);
    return { ...response, text, json: text === "" ? undefined : JSON.parse(text) };
  }

  return {
    harness,
    post,
    runDaily: (/** @type {number} */ now) => harness.runDaily(moment(now)),

    /**
     * @param {string} prefix of the key
     * @param {string} method
     * @param {object} [params]
     * @param {number} [now]
     */
    rpc(prefix, method, params, now) {
      const path = prefix.slice(4, 6) === "ak" ? "/mcp/account" : "/mcp";
      return post(path, keyOf(prefix), { jsonrpc: "2.0", id: 1, method, params }, now);
    },

    /**
     * @param {string} prefix of the key
     * @param {string} name
     * @param {object} [args]
     * @param {number} [now]
     */
    tool(prefix, name, args = {}, now) {
      return this.rpc(prefix, "tools/call", { name, arguments: args }, now);
    },

    /**
     * @param {string} project
     * @param {object[]} events
     * @param {number} [now]
     */
    async importEvents(project, events, now) {
      const path = `/admin/import?project=${project}`;
      const { status, text } = await post(path, ADMIN_TOKEN, { events }, now);
      if (status !== 200) throw new Error(`import: ${status} ${text}`);
    },

    dispose: () => harness.dispose(),
  };
}

/** @typedef {ReturnType<typeof startServer>} Server */
