/**
 * The Durable Object of a project: its own SQLite and an instance of the core's store.
 */
import { DurableObject } from "cloudflare:workers";
import { Core, SERVE, STORE, UPKEEP } from "./core.js";
import { FrameWriter, writeMoment } from "./frames.js";
import { performSql } from "./sql.js";

/**
 * @typedef {import("./frames.js").Statement} Statement
 * @typedef {import("@cloudflare/workers-types").DurableObjectStorage} DurableObjectStorage
 *
 * @typedef {(cursor: { rowsRead: number }) => void} Opened is shown each cursor; the rows that it
 *   has read grow as it is read
 */

const frames = new FrameWriter();
/** The first byte of a record that brings events, as `operation::append` of core/store/protocol.h. */
const APPEND = 16;
/** The first byte of an answer that is no error, as encode_answer of core/store/protocol.h writes it. */
const ANSWERED = 0;
const nothing = new Uint8Array();

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
      return { width: cursor.columnNames.length, rows: /** @type {any} */ (cursor.raw()) };
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
    /** @type {Promise<void> | undefined} */
    #gathering;

    /**
     * Answers a record of core/store/protocol.h. What it stored is durable before the answer leaves:
     * the runtime holds answers back until the writes before them are confirmed.
     *
     * @param {Uint8Array} record
     * @returns {Promise<Uint8Array>}
     */
    async answer(record) {
      if (record[0] === APPEND) await this.#gathered();
      return this.answerNow(record);
    }

    /** @param {Uint8Array} record */
    answerNow(record) {
      const frame = writeMoment(frames.reset(), this.#moment()).bytes(record);
      return this.#run(SERVE, frame);
    }

    /**
     * Until whatever else has arrived by now is waiting as well: what the runtime then does in one go
     * it commits in one write, and a write takes as long for several requests as for one.
     */
    #gathered() {
      this.#gathering ??= new Promise((resolve) => {
        setTimeout(() => {
          this.#gathering = undefined;
          resolve();
        }, 0);
      });
      return this.#gathering;
    }

    /**
     * A step of what the store does by itself; it asks for the next one where there is more to do.
     *
     * @throws when the step failed and did not, as where the database fails: the platform tries again
     *   some times, each after a longer while. Otherwise only the next event would bring it back.
     */
    alarm() {
      this.#wakes = false;
      const frame = writeMoment(frames.reset(), this.#moment());
      const [outcome] = this.#run(UPKEEP, frame);
      if (outcome !== ANSWERED && !this.#wakes) throw new Error("A step of upkeep failed.");
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
        (bytes) => bytes.slice(),
      );
    }
  };
}
