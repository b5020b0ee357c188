/** Events on their way into the queue: what the caller gave becomes text once, and has its id. */
import { randomUUID } from "node:crypto";
import { MillimetricError } from "./error.js";

/**
 * @typedef {object} Event
 * @property {string} event its name
 * @property {string} [event_id] default: a new UUID; the server stores an id once
 * @property {string | Date} [timestamp] default: now
 * @property {string} [anonymous_id]
 * @property {string} [user_id]
 * @property {string} [session_id]
 * @property {string} [url]
 * @property {string} [path]
 * @property {string} [referrer]
 * @property {object} [properties] what becomes a JSON object
 * @property {{ user_agent?: string, ip?: string, country?: string }} [context] of the visitor on
 *   whose behalf this server speaks
 *
 * @typedef {object} Identity
 * @property {string} anonymous_id
 * @property {string} user_id
 * @property {object} [traits]
 * @property {string} [event_id]
 * @property {string | Date} [timestamp]
 *
 * @typedef {object} Waiting
 * @property {number} number in the order of tracking
 * @property {string} id
 * @property {string} text JSON
 * @property {number} bytes of it, with a comma
 */

/** Most bytes of a batch, the frame around the events included; the server takes 1 MiB. */
export const MAX_BATCH_BYTES = 1024 * 1024 - 1;

const OPENING = '{"events":[';
const CLOSING = "]}";
export const FRAME_BYTES = OPENING.length + CLOSING.length;

/**
 * @param {Event} event
 * @param {number} number
 * @returns {Waiting}
 * @throws {MillimetricError} when there is no JSON of it, or too much
 */
export function toWaiting(event, number) {
  const id = event?.event_id ?? randomUUID();
  const timestamp = event?.timestamp ?? new Date();
  checkTime(timestamp);
  const text = toJson({ ...event, event_id: id, timestamp });
  const bytes = Buffer.byteLength(text) + 1;
  if (bytes + FRAME_BYTES > MAX_BATCH_BYTES) {
    throw new MillimetricError("invalid_event", `an event of ${bytes} bytes fits into no batch`);
  }
  return { number, id, text, bytes };
}

/**
 * What has no JSON of its own, as an invalid Date, would be no time to the server, which means now.
 * @param {unknown} timestamp
 */
function checkTime(timestamp) {
  const text = toJson(timestamp);
  if (text !== undefined && text !== "null") return;
  throw new MillimetricError(
    "invalid_event",
    `timestamp is not a valid time: ${String(timestamp)}`,
  );
}

/** @param {unknown} value */
function toJson(value) {
  try {
    return JSON.stringify(value);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new MillimetricError("invalid_event", `the event cannot be written as JSON: ${message}`);
  }
}

/**
 * Among other events this one keeps its place, and has an id, so that it can be sent again; the
 * server's route for it stores the same.
 *
 * @param {Identity} identity
 * @returns {Event}
 */
export function identifyEvent({ traits, ...identity }) {
  for (const name of /** @type {const} */ (["anonymous_id", "user_id"])) {
    if (!identity[name]) {
      throw new MillimetricError("invalid_event", `identify needs ${name}`);
    }
  }
  return { ...identity, event: "$identify", properties: traits };
}

/** @param {Waiting[]} batch */
export function batchBody(batch) {
  return OPENING + batch.map(({ text }) => text).join(",") + CLOSING;
}

/**
 * @param {Waiting[]} queue
 * @param {number} limit
 * @returns {number} how many events of its front fit into one batch
 */
export function batchLength(queue, limit) {
  let bytes = FRAME_BYTES;
  let count = 0;
  while (count < Math.min(limit, queue.length)) {
    bytes += queue[count].bytes;
    if (bytes > MAX_BATCH_BYTES) break;
    count++;
  }
  return count;
}
