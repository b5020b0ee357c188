/** From a file's row to the event that is sent. */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { plain } from "../text.js";
import { NOT_UTF8 } from "./lines.js";
import { CONTEXT_FIELDS, FIELDS, isField, misspelt, noteLeftOut } from "./mapping.js";
import { timeOf } from "./time.js";

/**
 * @typedef {import("./lines.js").Source} Source
 * @typedef {import("./mapping.js").Mapping} Mapping
 * @typedef {Record<string, unknown>} Row
 */

/** A row that cannot be an event; the message follows "line 7 " or a field's name. */
export class BadRow extends Error {}

/** How JSON.stringify writes half a surrogate pair; it escapes no whole character so. */
const LONE_SURROGATE = /(?<!\\)((?:\\\\)*)\\ud[89a-f][\da-f]{2}/g;
/** The server's limit of an event: it reads 512 levels, and a batch is two around each. */
const MAX_DEPTH = 510;

/** As the server writes times; others it may read otherwise than JavaScript does. */
const SERVER_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** The session that the server gives an event without one is of its half hour. */
const SESSION_MS = 30 * 60_000;

/** Members of JSON may have any number of names. */
const MOST_LEFT_OUT = 50;

/** A double holds every number of so many digits, and not every one of more. */
const SAFE_DIGITS = 15;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
// Only such numbers may come out of JSON.parse and JSON.stringify with other digits.
const FRAGILE_NUMBER = /\d{16}|\d[.eE]|-0/;

/**
 * @typedef {object} Event
 * @property {string} json
 * @property {boolean} isTimed whether it says when it happened
 */

/**
 * @param {Source} source
 * @param {Mapping} mapping
 * @param {string} projectId
 * @param {boolean} typed whether cells that look like numbers and booleans become such properties
 * @returns {Event}
 * @throws {BadRow}
 */
export function eventOf(source, mapping, projectId, typed) {
  if (source.problem !== undefined) throw new BadRow(source.problem);
  const { cells } = source;
  const row = cells ?? checkedRow(source.bytes, mapping);
  const event = new EventBuilder();
  const typedCells = typed && cells !== undefined; // JSON has types of its own
  for (const [name, value] of Object.entries(row)) {
    if (isField(name)) event.put(name, value, typedCells);
  }
  // What `mm export` wrote calls it as queries do.
  if (!event.has("event")) event.put("event", row.event_name);
  for (const [field, column] of mapping.columns) {
    const value = lookUp(row, column);
    if (value !== undefined) mapping.found.add(field);
    event.put(field, value, typedCells);
  }
  for (const [field, value] of mapping.constants) event.put(field, value, typed);
  if (!event.has("event_id")) event.put("event_id", eventId(projectId, source));
  event.dropDerivedSession();
  return { json: event.json(), isTimed: event.has("timestamp") };
}

/**
 * The same for the same line of the same project, so that a second import stores nothing twice.
 * @param {string} projectId
 * @param {Source} source
 */
function eventId(projectId, { line, bytes }) {
  return createHash("sha256").update(`${projectId}\n${line}\n`).update(bytes).digest("hex");
}

/**
 * @param {Buffer} bytes of a line of JSONL
 * @param {Mapping} mapping
 */
function checkedRow(bytes, mapping) {
  const row = parseLine(bytes);
  const names = namesIn(row);
  noteLeftOut(names, mapping, MOST_LEFT_OUT);
  if (misspelt(names, mapping) === undefined) return row;
  const problem = misspelt([...names, ...fieldsWithin(row)], mapping);
  if (problem !== undefined) throw new BadRow(problem);
  return row;
}

/** @param {Row} row @returns {string[]} what has a value in it */
function namesIn(row) {
  return Object.keys(row).filter((name) => row[name] !== null);
}

/** @param {Row} row @returns {string[]} such as "context.ip" */
function fieldsWithin(row) {
  return ["properties", "context"].flatMap((group) => {
    const members = row[group];
    if (members === null || typeof members !== "object") return [];
    const names = namesIn(/** @type {Row} */ (members)).map((name) => `${group}.${name}`);
    return names.filter(isField);
  });
}

/** @param {Buffer} bytes @returns {Row} */
function parseLine(bytes) {
  if (!isUtf8(bytes)) throw new BadRow(NOT_UTF8);
  const row = parseExactly(bytes.toString());
  if (row === null || typeof row !== "object" || Array.isArray(row)) {
    throw new BadRow("must be one JSON object: one event per line");
  }
  return /** @type {Row} */ (row);
}

/**
 * @param {Source} source that could be read
 * @returns {string[]} its columns or members
 */
export function namesOf({ cells, bytes }) {
  return Object.keys(cells ?? parseLine(bytes));
}

/**
 * JSON.parse, but numbers keep their digits when they are written again.
 * @param {string} text
 * @returns {unknown}
 */
function parseExactly(text) {
  const parse = /** @type {(text: string, reviver?: Reviver) => unknown} */ (JSON.parse);
  try {
    return parse(text, FRAGILE_NUMBER.test(text) ? keepDigits : undefined);
  } catch (error) {
    if (error instanceof BadRow) throw error;
    throw new BadRow(`is not JSON: ${plain(String(/** @type {Error} */ (error).message))}`);
  }
}

/** @typedef {(key: string, value: unknown, context?: { source?: string }) => unknown} Reviver */

/** @type {Reviver} */
function keepDigits(_key, value, context) {
  const source = context?.source;
  if (value === Infinity || value === -Infinity) throw new BadRow("has a number beyond 1.7e308");
  if (typeof value !== "number" || source === undefined || String(value) === source) return value;
  const { rawJSON } = /** @type {{ rawJSON?: (text: string) => unknown }} */ (
    /** @type {unknown} */ (JSON)
  );
  return rawJSON === undefined ? value : rawJSON(source);
}

/**
 * @param {Row} row
 * @param {string} column a name, or in JSON a path such as "request.headers.referer"
 */
function lookUp(row, column) {
  if (Object.hasOwn(row, column)) return row[column];
  /** @type {unknown} */
  let at = row;
  for (const name of column.split(".")) {
    if (at === null || typeof at !== "object" || !Object.hasOwn(at, name)) return undefined;
    at = /** @type {Row} */ (at)[name];
  }
  return at;
}

/** An event as it comes together; later values replace earlier ones. */
class EventBuilder {
  #event = emptyRow();
  /** @type {Row} the row's own, if it is an object */
  #properties = emptyRow();
  #context = emptyRow();
  #contextOfRow = emptyRow();

  /** @param {string} field */
  has(field) {
    return field in this.#event;
  }

  /**
   * @param {string} field
   * @param {unknown} value absent when null; when empty, too, unless it is a property: databases write
   * so what they do not have, and no id may be empty
   * @param {boolean} [typed] whether text that looks like a number or boolean becomes one
   */
  put(field, value, typed = false) {
    if (value === null || value === undefined) return;
    if (value === "" && !field.startsWith("properties.")) return;
    const [group, ...rest] = field.split(".");
    const name = rest.join(".");
    if (field === "properties") Object.assign(this.#properties, objectOf(field, value));
    else if (field === "context") Object.assign(this.#contextOfRow, objectOf(field, value));
    else if (group === "properties") this.#properties[name] = typed ? typedOf(value) : value;
    else if (group === "context") this.#contextOfRow[name] = value;
    else if (CONTEXT_FIELDS.includes(field)) this.#context[field] = value;
    else if (field === "timestamp") this.#event[field] = timeOf(value);
    else this.#event[field] = value;
  }

  /**
   * What the server makes anew is not sent: of a long anonymous_id it is longer than what it takes.
   */
  dropDerivedSession() {
    const { session_id: session, anonymous_id: visitor, timestamp } = this.#event;
    if (typeof visitor !== "string" || typeof timestamp !== "string") return;
    if (!SERVER_TIME.test(timestamp)) return;
    const slot = Math.floor(Date.parse(timestamp) / SESSION_MS);
    if (session === `${visitor}-${slot}`) delete this.#event.session_id;
  }

  json() {
    const context = Object.assign(this.#context, this.#contextOfRow);
    for (const [name, value] of Object.entries(context)) if (value === null) delete context[name];
    /** @type {Row} */
    const event = emptyRow();
    for (const name of FIELDS) if (this.has(name)) event[name] = this.#event[name];
    if (Object.keys(this.#properties).length > 0) event.properties = this.#properties;
    if (Object.keys(context).length > 0) event.context = context;
    // As the server does with half of a character, such as \ud83d.
    const json = JSON.stringify(event).replace(LONE_SURROGATE, "$1\ufffd");
    // What the server cannot read makes a whole batch unreadable, and it cannot say which row it was.
    if (isTooDeep(json)) throw new BadRow(`is nested deeper than ${MAX_DEPTH} levels`);
    return json;
  }
}

/** @param {string} json */
function isTooDeep(json) {
  const opened = json.match(/[[{]/g) ?? []; // nearly always few, and quickly counted
  if (opened.length <= MAX_DEPTH) return false;
  let depth = 0;
  let deepest = 0;
  // What is empty is no level to the server.
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|\[\]|\{\}|[[{\]}]/g)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++depth);
    else if (token === "]" || token === "}") depth--;
  }
  return deepest > MAX_DEPTH;
}

/** @returns {Row} one in which "__proto__" is a name like any other */
function emptyRow() {
  return Object.create(null);
}

/**
 * @param {string} field
 * @param {unknown} value an object, or its JSON; the JSON null is as none
 * @returns {object}
 */
function objectOf(field, value) {
  const object = typeof value === "string" ? parseObject(field, value) : value;
  if (object === null) return {};
  if (typeof object !== "object" || Array.isArray(object)) {
    throw new BadRow(`${field} must be a JSON object`);
  }
  return object;
}

/** @param {string} field @param {string} text */
function parseObject(field, text) {
  try {
    return parseExactly(text);
  } catch {
    throw new BadRow(`${field} must be a JSON object`);
  }
}

/** @param {unknown} value a cell, or a constant */
function typedOf(value) {
  if (typeof value !== "string") return value;
  const lower = value.toLowerCase(); // spreadsheets write TRUE
  if (lower === "true" || lower === "false") return lower === "true";
  if (!NUMBER.test(value)) return value;
  if (value.replace(/\D/g, "").length > SAFE_DIGITS) return value;
  const number = Number(value);
  return Object.is(number, -0) ? value : number; // JSON has no such zero
}
