/**
 * The Durable Object of a project: its own SQLite and an instance of the core's store.
 */
import { DurableObject } from "cloudflare:workers";
import { Core, SERVE, STORE } from "./core.js";
import { FrameWriter, writeMoment } from "./frames.js";
import { SqlEffects } from "./sql.js";

/**
 * @typedef {import("./frames.js").Statement} Statement
 * @typedef {import("@cloudflare/workers-types").DurableObjectStorage} DurableObjectStorage
 *
 * @typedef {(cursor: { rowsRead: number }) => void} Opened is shown each cursor; the rows that it
 *   has read grow as it is read
 */

const frames = new FrameWriter();
const noSeed = new Uint8Array();

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

    /**
     * Answers a record of core/store/protocol.h. What it stored is durable before the answer leaves:
     * the runtime holds answers back until the writes before them are confirmed.
     *
     * @param {Uint8Array} record
     * @returns {Uint8Array}
     */
    answer(record) {
      const sql = new SqlEffects(this.#database);
      const { frame } = writeMoment(frames.reset(), { now: now(), seed: noSeed }).bytes(record);
      return this.#core.runSync(
        SERVE,
        frame,
        (effect) => {
          if (effect.kind === "sql" || effect.kind === "fetch") return sql.perform(effect);
          throw new Error(`a store has no effect ${effect.kind}`);
        },
        (bytes) => bytes.slice(),
      );
    }
  };
}
