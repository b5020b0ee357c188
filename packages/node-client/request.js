/** One batch, sent once: was it stored, is it to be sent again, or was it refused? */
import { batchBody } from "./events.js";
import { MillimetricError } from "./error.js";

/**
 * @typedef {{ is: "stored" }} Stored
 * @typedef {{ is: "failed", waitMs: number }} Failed `waitMs`: as the server asked; 0 if it did not
 * @typedef {object} Refused
 * @property {"refused"} is
 * @property {MillimetricError} error
 * @property {Map<number, { fieldErrors?: Record<string, unknown> }>} wrong details of the wrong events by index; empty when the server
 *   does not say, or when it is not the events
 * @property {boolean} divisible whether a part of the batch might be taken
 */

/** The statuses after which sending the same again may help. */
const passing = (/** @type {number} */ status) =>
  status === 408 || status === 429 || (status >= 500 && status <= 599);

/**
 * @param {{ key: string, endpoint: string, timeoutMs: number, fetch: typeof globalThis.fetch }} options
 * @param {import("./events.js").Waiting[]} batch
 * @param {AbortController} abort of this request, which then has failed
 * @returns {Promise<Stored | Failed | Refused>}
 */
export async function sendOnce({ key, endpoint, timeoutMs, fetch }, batch, abort) {
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  let response;
  let text;
  try {
    response = await fetch(endpoint, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: batchBody(batch),
      // After a redirect a POST is a GET: better told than followed.
      redirect: "manual",
      signal: abort.signal,
    });
    text = await response.text();
  } catch {
    return { is: "failed", waitMs: 0 };
  } finally {
    clearTimeout(timer);
  }
  // Whatever else a website or a proxy says with such a status, nobody took the events.
  if (response.ok && parsed(text).ok !== true) return { is: "failed", waitMs: 0 };
  if (response.ok) return { is: "stored" };
  if (passing(response.status)) return { is: "failed", waitMs: retryAfter(response) };
  return refusal(response.status, text);
}

/**
 * @param {Response} response
 * @returns {number} milliseconds; 0 when the server does not say
 */
function retryAfter(response) {
  const value = response.headers.get("retry-after") ?? "";
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return ms > 0 ? ms : 0;
}

/**
 * @param {number} status
 * @param {string} text
 * @returns {Refused}
 */
function refusal(status, text) {
  const { error, error_description: description, details } = parsed(text);
  const wrong = new Map();
  for (const item of Array.isArray(details?.events) ? details.events : []) {
    if (Number.isInteger(item?.index)) wrong.set(item.index, { fieldErrors: item.fieldErrors });
  }
  const code = typeof error === "string" ? error : `http_${status}`;
  const message = typeof description === "string" ? description : `the server answered ${status}`;
  return {
    is: "refused",
    error: new MillimetricError(code, message, { status, details }),
    wrong,
    divisible: status === 400 || status === 413,
  };
}

/**
 * @param {string} text
 * @returns {any} an object, whatever a proxy on the way may have answered
 */
function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
