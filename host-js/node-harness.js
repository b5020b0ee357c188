/**
 * The whole server in one Node process, for tests: the same module as the Worker's, the control
 * plane and each project's store in SQLite in memory, no network, no clock, no randomness of its own.
 * It passes bytes and performs effects; no behaviour lives here.
 */
import { readFileSync, readdirSync } from "node:fs";
import { Core, UPKEEP, GATEWAY, SERVE, STORE } from "./core.js";
import { FrameWriter, readHttpResponse, writeHttpRequest, writeMoment } from "./frames.js";
import { Hmac } from "./hmac.js";
import { openDatabase } from "./node-sqlite.js";
import { performSql } from "./sql.js";

/**
 * @typedef {import("./frames.js").Answer} Answer
 * @typedef {import("./frames.js").Effect} Effect
 *
 * @typedef {{ now: number, seed: Uint8Array }} Moment the clock and 32 random bytes of a request
 *
 * @typedef {(effect: Effect) => Promise<Answer>} Perform
 * @typedef {(effect: Effect) => Answer} PerformSync
 *
 * @typedef {object} HarnessOptions
 * @property {string} pepper
 * @property {string} [adminToken]
 * @property {string} [mcpAllowedOrigins]
 * @property {(perform: Perform) => Perform} [wrapEffects] of the gateway: to delay or fail them
 * @property {(perform: PerformSync) => PerformSync} [wrapStoreEffects] of the projects' stores
 *
 * @typedef {object} HarnessResponse
 * @property {number} status
 * @property {Headers} headers
 * @property {Uint8Array} body
 */

const moduleFile = new URL("../build/wasm-release/millimetric.wasm", import.meta.url);
const migrations = new URL("../migrations/", import.meta.url);
const encoder = new TextEncoder();

/** @type {WebAssembly.Module | undefined} compiled once for all harnesses of a process */
let compiled;

function openControlPlane() {
  const database = openDatabase();
  const names = readdirSync(migrations).filter((name) => name.endsWith(".sql"));
  for (const name of names.sort()) database.exec(readFileSync(new URL(name, migrations), "utf8"));
  return database;
}

/** A project's store: what the Durable Object is on Cloudflare. */
class Store {
  #frames = new FrameWriter();
  #database = openDatabase();
  #core;
  #open;
  #wrap;
  #wantsUpkeep = false;

  /**
   * @param {WebAssembly.Module} module
   * @param {(perform: PerformSync) => PerformSync} wrap
   */
  constructor(module, wrap) {
    this.#wrap = wrap;
    this.#open = () => new Core(module, STORE);
    this.#core = this.#open();
  }

  /** A new instance over the same data. */
  evict() {
    this.#core = this.#open();
  }

  /**
   * @param {Moment} moment
   * @param {Uint8Array} record
   */
  answer(moment, record) {
    const frame = writeMoment(this.#frames.reset(), moment).bytes(record);
    const answer = this.#run(SERVE, frame);
    // What an alarm does on Cloudflare is done at once.
    while (this.#wantsUpkeep) {
      this.#wantsUpkeep = false;
      this.#run(UPKEEP, writeMoment(this.#frames.reset(), moment));
    }
    return answer;
  }

  /**
   * @param {number} call
   * @param {FrameWriter} frame
   */
  #run(call, frame) {
    const perform = this.#wrap((effect) => {
      if (effect.kind === "sql") return performSql(this.#database, effect);
      if (effect.kind === "wake") {
        this.#wantsUpkeep = true;
        return new Uint8Array();
      }
      throw new Error(`a store has no effect ${effect.kind}`);
    });
    return this.#core.runSync(call, frame, perform, (from) => from.rest());
  }

  get memoryBytes() {
    return this.#core.memoryBytes;
  }

  close() {
    this.#database.close();
  }
}

/** @param {HarnessOptions} options */
export function createHarness(options) {
  const { pepper, adminToken = "", mcpAllowedOrigins = "" } = options;
  const { wrapEffects = (perform) => perform, wrapStoreEffects = (perform) => perform } = options;
  const module = (compiled ??= new WebAssembly.Module(readFileSync(moduleFile)));
  const configuration = new FrameWriter().text(mcpAllowedOrigins).text(adminToken);
  const core = new Core(module, GATEWAY, configuration);
  const control = openControlPlane();
  const hmac = new Hmac(pepper);
  const frames = new FrameWriter();
  /** @type {Map<string, Store>} */
  const stores = new Map();

  /** @param {string} name */
  const storeOf = (name) => {
    const store = stores.get(name) ?? new Store(module, wrapStoreEffects);
    stores.set(name, store);
    return store;
  };

  /**
   * @param {Moment} moment
   * @returns {Perform}
   */
  const effectsAt = (moment) => {
    return wrapEffects(async (effect) => {
      switch (effect.kind) {
        case "sql":
          return performSql(control, effect);
        case "store":
          return storeOf(effect.store).answer(moment, effect.request);
        case "hmac":
          return hmac.digest(effect);
        case "random":
          return crypto.getRandomValues(new Uint8Array(effect.size));
        case "wake":
          return new Uint8Array(); // time stands still here
      }
    });
  };

  return {
    /**
     * Rejects where a Worker would answer `internal_error`: when the module traps.
     *
     * @param {string} method
     * @param {string} path with the query
     * @param {Record<string, string>} headers
     * @param {string | Uint8Array | undefined} body
     * @param {Moment} moment
     * @returns {Promise<HarnessResponse>}
     */
    async fetch(method, path, headers, body, moment) {
      const whole = typeof body === "string" ? encoder.encode(body) : (body ?? new Uint8Array());
      const cut = whole.length > core.bodyLimit;
      const request = { method, url: `http://harness${path}`, headers: new Headers(headers) };
      const frame = writeHttpRequest(frames.reset(), moment, /** @type {any} */ (request), {
        bytes: cut ? new Uint8Array() : whole,
        cut,
      });
      const response = await core.run(SERVE, frame, effectsAt(moment), readHttpResponse);
      return { ...response, headers: new Headers(response.headers) };
    },

    /**
     * Runs the daily job.
     *
     * @param {Moment} moment
     * @returns {Promise<string>} its summary
     */
    async runDaily(moment) {
      const frame = writeMoment(frames.reset(), moment);
      return core.run(UPKEEP, frame, effectsAt(moment), (from) =>
        new TextDecoder().decode(from.rest()),
      );
    },

    /**
     * Executes SQL on the control plane.
     *
     * @param {string} script
     */
    control(script) {
      control.exec(script);
    },

    /** As when Cloudflare evicts the projects' objects. */
    evictStores() {
      for (const store of stores.values()) store.evict();
    },

    /** The projects have no events, and never had any. */
    dropStores() {
      for (const store of stores.values()) store.close();
      stores.clear();
    },

    /** The memories of the gateway's and of all stores' instances. */
    get memoryBytes() {
      return [...stores.values()].reduce((sum, store) => sum + store.memoryBytes, core.memoryBytes);
    },

    dispose() {
      for (const store of stores.values()) store.close();
      control.close();
    },
  };
}

/** @typedef {ReturnType<typeof createHarness>} Harness */
