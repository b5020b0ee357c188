/** The rows that are sent together. */
import { BadRow, eventOf } from "./event.js";

export const BATCH_ROWS = 500;
/** Below the server's limit of a request body, 1 MiB. */
export const BATCH_BYTES = 900 * 1024;
/** As many wrong rows as are named in one report. */
export const MOST_REPORTED = 50;

const OPENING = '{"events":[';
const CLOSING = "]}";

/**
 * @typedef {object} WrongRow
 * @property {number} line
 * @property {string} message
 *
 * @typedef {object} Sent
 * @property {number} line
 * @property {string} json
 * @property {boolean} isTimed
 */

export class Batch {
  /** @type {Sent[]} */
  events = [];
  /** @type {WrongRow[]} */
  wrong = [];
  /** @type {import("./lines.js").Source | undefined} of the first row */
  first;
  rows = 0;
  rowsWithoutEvent = 0;
  firstLine = 0;
  lastLine = 0;
  #bytes = OPENING.length + CLOSING.length;

  /** @param {number} bytes of an event's JSON */
  hasRoomFor(bytes) {
    return this.#bytes + bytes + 1 <= BATCH_BYTES;
  }

  /** Also when every row is wrong, so that a report comes before the file's end. */
  get isFull() {
    return this.rows >= BATCH_ROWS || this.wrong.length >= MOST_REPORTED;
  }

  /** @param {Prepared} row */
  add({ line, json, isTimed, bytes, problem }) {
    this.rows++;
    this.firstLine ||= line;
    this.lastLine = line;
    if (problem !== undefined) {
      this.wrong.push({ line, message: problem });
    } else {
      if (!json.startsWith('{"event":')) this.rowsWithoutEvent++;
      this.events.push({ line, json, isTimed });
      this.#bytes += bytes + 1;
    }
  }

  /** How many of the events the server gives the time at which they come. */
  get untimed() {
    return this.events.filter(({ isTimed }) => !isTimed).length;
  }

  get body() {
    return OPENING + this.events.map(({ json }) => json).join(",") + CLOSING;
  }

  /** A body that is refused in any case, and all that is wrong with the events by that. */
  get bodyToJudge() {
    return OPENING + [...this.events.map(({ json }) => json), "null"].join(",") + CLOSING;
  }

  /**
   * Takes out what the server will not have.
   * @param {readonly import("../errors.js").RefusedEvent[]} refused
   * @returns {WrongRow[]}
   */
  remove(refused) {
    /** @type {WrongRow[]} */
    const rows = [];
    const indices = new Set();
    for (const { index, fieldErrors } of refused) {
      const event = this.events[index];
      if (event === undefined) continue;
      indices.add(index);
      const messages = Object.entries(fieldErrors ?? {}).flatMap(([field, list]) =>
        list.map((message) => `${field} ${message}`.trim()),
      );
      rows.push({ line: event.line, message: messages.join("; ") || "was refused" });
    }
    this.events = this.events.filter((_, index) => !indices.has(index));
    this.wrong = [...this.wrong, ...rows].sort((a, b) => a.line - b.line);
    return rows;
  }
}

/**
 * @typedef {object} Prepared a row of the file: an event, or why it is none
 * @property {number} line
 * @property {string} json
 * @property {boolean} isTimed
 * @property {number} bytes of the JSON
 * @property {string} [problem]
 */

/**
 * @param {import("./lines.js").Source} source
 * @param {Parameters<typeof eventOf>[1]} mapping
 * @param {string} projectId
 * @param {boolean} typed
 * @returns {Prepared}
 */
export function prepare(source, mapping, projectId, typed) {
  const { line } = source;
  try {
    const event = eventOf(source, mapping, projectId, typed);
    const bytes = Buffer.byteLength(event.json);
    if (new Batch().hasRoomFor(bytes)) return { line, ...event, bytes };
    return wrong(line, `is larger than ${BATCH_BYTES} bytes`);
  } catch (error) {
    if (!(error instanceof BadRow)) throw error;
    return wrong(line, error.message);
  }
}

/**
 * @param {number} line
 * @param {string} problem
 * @returns {Prepared}
 */
function wrong(line, problem) {
  return { line, json: "", isTimed: false, bytes: 0, problem };
}
