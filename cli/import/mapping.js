/** `--map` and `--set`: which of an event's fields are made from which of a row's. */
import { UsageError } from "../errors.js";
import { didYouMean, plain } from "../text.js";

export const FIELDS = [
  "event",
  "event_id",
  "timestamp",
  "anonymous_id",
  "user_id",
  "session_id",
  "url",
  "path",
  "referrer",
  "properties",
  "context",
];
/** What a log line says of the visitor; at the top of a row or in its context. */
export const CONTEXT_FIELDS = ["user_agent", "ip", "country"];

/**
 * @typedef {object} Mapping
 * @property {Map<string, string>} columns by field
 * @property {Map<string, string>} constants by field
 * @property {Set<string>} found fields whose columns a row had
 */

/**
 * @param {readonly string[]} maps such as "event=action,timestamp=time"
 * @param {readonly string[]} sets such as "event=$pageview"
 * @returns {Mapping}
 */
export function readMapping(maps, sets) {
  const columns = new Map();
  const constants = new Map();
  for (const pair of maps.flatMap((text) => text.split(","))) add(columns, "--map", pair, "COLUMN");
  for (const pair of sets) add(constants, "--set", pair, "VALUE");
  for (const field of columns.keys()) {
    if (constants.has(field)) throw new UsageError(`${field} is in --map and in --set.`);
  }
  return { columns, constants, found: new Set() };
}

/**
 * @param {Map<string, string>} into
 * @param {string} option
 * @param {string} pair
 * @param {string} value how the help calls it
 */
function add(into, option, pair, value) {
  const at = pair.indexOf("=");
  const field = pair.slice(0, at).trim();
  const given = pair.slice(at + 1);
  if (at < 1 || given === "") {
    throw new UsageError(`${option} takes FIELD=${value}; got "${plain(pair)}".`);
  }
  if (!isField(field)) {
    const known = [...FIELDS, ...CONTEXT_FIELDS];
    const hint = didYouMean(field, known) || ` There are: ${known.join(", ")}, properties.NAME.`;
    throw new UsageError(`${option}: an event has no field "${plain(field)}".${hint}`);
  }
  if (into.has(field)) throw new UsageError(`${option} names ${plain(field)} twice.`);
  into.set(field, given);
}

/** @param {string} name */
export function isField(name) {
  if (name.startsWith("properties.")) return name.length > "properties.".length;
  if (name.startsWith("context.")) return CONTEXT_FIELDS.includes(name.slice("context.".length));
  return FIELDS.includes(name) || CONTEXT_FIELDS.includes(name);
}
