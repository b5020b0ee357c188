/**
 * Sends events to a Millimetric server. See README.md.
 *
 *   import { init, track, flush } from "@millimetric/node";
 *
 *   init({ key: process.env.MILLIMETRIC_KEY, host: "https://analytics.example.com" });
 *   track({ event: "order_paid", user_id: "u_17", properties: { total: 99.5 } });
 *   await flush();
 */
import { Client } from "./client.js";

export { Client } from "./client.js";
export { MillimetricError } from "./error.js";

/**
 * @typedef {import("./events.js").Event} Event
 * @typedef {import("./events.js").Identity} Identity
 * @typedef {import("./options.js").Options} Options
 * @typedef {import("./options.js").FlushOptions} FlushOptions
 */

/** @type {Client | undefined} what the functions of this module use: the last one made here */
let client;

/**
 * Makes a client, and has `track`, `identify` and the other functions of this module use it.
 *
 * @param {Options} options
 * @returns {Client}
 */
export function init(options) {
  client = new Client(options);
  return client;
}

/**
 * @param {Event} event
 * @returns {string | undefined} its `event_id`; nothing when the event could not be taken
 */
export function track(event) {
  return initialised().track(event);
}

/**
 * Tells who the visitor with an `anonymous_id` is.
 *
 * @param {Identity} identity
 * @returns {string | undefined} the `event_id` of the event that says so
 */
export function identify(identity) {
  return initialised().identify(identity);
}

/**
 * Sends what was tracked until now; to be awaited at the end of a serverless handler.
 *
 * @param {FlushOptions} [options]
 * @returns {Promise<boolean>} whether all of it is settled; never rejects
 */
export function flush(options) {
  return initialised().flush(options);
}

/**
 * Flushes, and takes no events any more; to be awaited before the process ends.
 *
 * @param {FlushOptions} [options]
 * @returns {Promise<boolean>} as of `flush`
 */
export function shutdown(options) {
  return initialised().shutdown(options);
}

function initialised() {
  if (client === undefined) throw new Error("millimetric: call init({ key, host }) first");
  return client;
}
