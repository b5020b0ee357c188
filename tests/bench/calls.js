/**
 * The requests that are measured, as a client of the newest protocol revision sends them.
 */
import { modernRequest } from "../worker/support/requests.js";

/**
 * @typedef {import("../worker/support/requests.js").Call} Call
 * @typedef {import("./contenders.js").Contender} Contender
 * @typedef {import("./load.js").Shot} Shot
 */

/** @type {Call} */
export const toolsListCall = { method: "tools/list" };

/**
 * @param {string} name
 * @param {Record<string, unknown>} [args]
 * @returns {Call}
 */
export const toolCall = (name, args = {}) => ({
  method: "tools/call",
  params: { name, arguments: args },
});

/**
 * @param {Contender} contender
 * @param {Call} call
 * @returns {Shot}
 */
export const shot = ({ url, key }, call) => ({ url, ...modernRequest(key, call) });

/**
 * Sends the call once and returns its result.
 *
 * @param {Contender} contender
 * @param {Call} call
 * @returns {Promise<any>}
 * @throws when the answer is not a JSON-RPC result of the modern era
 */
export async function rpc(contender, call) {
  const { url, ...init } = shot(contender, call);
  const response = await fetch(url, init);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`);
  const { result } = JSON.parse(text);
  if (result?.resultType !== "complete" || result.isError === true) {
    throw new Error(`${url} answered ${text}`);
  }
  return result;
}
