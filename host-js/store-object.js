/**
 * The Durable Object of a project: its own SQLite and an instance of the core's store.
 */
import { DurableObject } from "cloudflare:workers";
import { Core, SERVE, STORE, UPKEEP } from "./core.js";
import { FrameReader, FrameWriter, readList, writeMoment } from "./frames.js";
import { performSql } from "./sql.js";

/**
 * @typedef {import("./frames.js").Statement} Statement
 * @typedef {import("@cloudflare/workers-types").DurableObjectStorage} DurableObjectStorage
 *
 * @typedef {object} Append a request that brings events
 * @property {Uint8Array} record
 * @property {(answer: Uint8Array) => void} resolve
 * @property {(reason: unknown) => void} reject
 *
 * @typedef {(cursor: { rowsRead: number }) => void} Opened is shown each cursor; the rows that it
 *   has read grow as it is read
 */

const frames = new FrameWriter();
/** The first bytes of records that bring events, as in `operation` of core/store/protocol.h. */
const APPEND = 16;
const APPEND_ALL = 17;
/**
 * Bytes of records that are given to the core in one call, if they are several: some thousand events.
 * They are in its memory some times over.
 */
const MOST_TOGETHER = 1024 * 1024;
/** Of a length or a number of things in a record. */
const LENGTH_BYTES = 4;
/** The first byte of an answer that is no error, as encode_answer of core/store/protocol.h writes it. */
const ANSWERED = 0;
/** In one that is an error the text begins here, behind its code and the text's length. */
const TEXT_OF_ERROR = 6;
const nothing = new Uint8Array();
/** For all statements that give none: an iterator that is at its end. */
const noRows = /** @type {any[]} */ ([]).values();

/**
 * Takes off the first of the requests that wait, as many as are stored together.
 *
 * @param {Append[]} waiting
 */
function takeSome(waiting) {
  let bytes = 0;
  const end = waiting.findIndex(({ record }, i) => {
    bytes += record.length;
    return i > 0 && bytes > MOST_TOGETHER;
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}

/**
 * Writes requests as one record where it belongs: to make it first would copy all of them once more.
 *
 * @param {FrameWriter} frame
 * @param {Uint8Array[]} requests
 */
function writeAppends(frame, requests) {
  const length = requests.reduce((sum, r) => sum + LENGTH_BYTES + r.length, 1 + LENGTH_BYTES);
  frame.u32(length).u8(APPEND_ALL).u32(requests.length);
  for (const request of requests) frame.bytes(request);
}

/**
 * @param {DurableObjectStorage} storage
 * @param {Opened} [opened]
 * @returns {import("./sql.js").Database}
 */
function database(storage, opened) {
  return {
    open({ sql, params }) {
      const cursor = storage.sql.exec(sql, .../** @type {any[]} */ (params));
      opened?.(cursor);
      const width = cursor.columnNames.length;
      // Each object of the runtime's own is one more for its garbage collector to take down, which
      // stops everything else: at 1,500 events a second for 30 ms.
      return { width, rows: width === 0 ? noRows : /** @type {any} */ (cursor.raw()) };
    },
    transaction: (run) => storage.transactionSync(run),
  };
}

/**
 * @param {WebAssembly.Module} module
 * @param {{ now: () => number, opened?: Opened }} world
 */
export function createProjectStore(module, { now, opened }) {
  return class ProjectStore extends DurableObject {
    #core = new Core(module, STORE);
    #database = database(this.ctx.storage, opened);
    #wakes = false;
    /** @type {Append[]} */
    #gathered = [];

    /**
     * Answers a record of core/store/protocol.h. What it stored is durable before the answer leaves:
     * the runtime holds answers back until the writes before them are confirmed.
     *
     * @param {Uint8Array} record
     * @returns {Uint8Array | Promise<Uint8Array>}
     */
    answer(record) {
      if (record[0] !== APPEND) return this.answerNow(record);
      return new Promise((resolve, reject) => {
        if (this.#gathered.push({ record, resolve, reject }) === 1) this.#appendInTurn();
      });
    }

    /** @param {Uint8Array[]} records one, or several that bring events, whose answers are a list */
    answerNow(...records) {
      const frame = writeMoment(frames.reset(), this.#moment());
      if (records.length === 1) frame.bytes(records[0]);
      else writeAppends(frame, records);
      return this.#run(SERVE, frame);
    }

    /**
     * Stores the events of all requests that have arrived when it is their turn. They become one
     * segment, and durable by one write to disk, which takes as long for several requests as for one.
     */
    #appendInTurn() {
      setTimeout(() => {
        const some = takeSome(this.#gathered);
        if (this.#gathered.length > 0) this.#appendInTurn();
        try {
          const answers = this.#append(some.map(({ record }) => record));
          some.forEach(({ resolve }, i) => resolve(answers[i]));
        } catch (error) {
          for (const { reject } of some) reject(error);
        }
      }, 0);
    }

    /**
     * @param {Uint8Array[]} requests
     * @returns {Uint8Array[]} the answer to each
     */
    #append(requests) {
      if (requests.length === 1) return [this.answerNow(requests[0])];
      const answer = this.answerNow(...requests);
      const from = FrameReader.of(answer);
      return from.u8() === ANSWERED ? readList(from) : requests.map(() => answer);
    }

    /**
     * A step of what the store does by itself; it asks for the next one where there is more to do.
     *
     * @throws when the step failed and did not, as where the database fails: the platform tries again
     *   some times, each after a longer while. Otherwise only the next event would bring it back.
     */
    alarm() {
      this.#wakes = false;
      const answer = this.#run(UPKEEP, writeMoment(frames.reset(), this.#moment()));
      if (answer[0] === ANSWERED) return;
      const why = new TextDecoder().decode(answer.subarray(TEXT_OF_ERROR));
      if (!this.#wakes) throw new Error(`A step of upkeep failed. ${why}`);
      console.error("a step of upkeep failed, and the next one comes:", why);
    }

    #moment() {
      return { now: now(), seed: nothing };
    }

    /**
     * @param {number} call
     * @param {FrameWriter} frame
     */
    #run(call, frame) {
      return this.#core.runSync(
        call,
        frame,
        (effect) => {
          if (effect.kind === "sql") return performSql(this.#database, effect);
          if (effect.kind === "wake") {
            this.#wakes = true;
            // With the writes of this call: the runtime commits both or neither. By the real clock,
            // which alarms go by.
            this.ctx.storage
              .setAlarm(Date.now() + effect.afterMs)
              .catch((error) => console.error("an alarm could not be set:", error));
            return nothing;
          }
          throw new Error(`a store has no effect ${effect.kind}`);
        },
        (from) => from.rest(),
      );
    }
  };
}
