/**
 * The Workers that are compared. Each runs on workerd itself, on a direct socket: the
 * development proxy and miniflare's entry Worker are not in the path.
 */
import { Miniflare } from "miniflare";
import { fileURLToPath } from "node:url";
import { compatibilityDate } from "../worker/support/migrations.js";
import { quiet, startWorker } from "../worker/support/worker.js";
import { bundle } from "./bundle.js";
import { rpc, toolsListCall } from "./calls.js";

/**
 * @typedef {object} Contender
 * @property {string} url the MCP endpoint
 * @property {string} key what lets a request in
 * @property {() => Promise<void>} dispose
 *
 * @typedef {"ours" | "sdk" | "sdk-json" | "hello" | "js" | "insert"} ContenderName
 */

/** @param {string} name */
export const source = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Starts each contender when it is first asked for, and keeps it. */
export class Contenders {
  /** @type {Map<ContenderName, Promise<Contender>>} */
  #running = new Map();

  /**
   * @param {ContenderName} name
   * @returns {Promise<Contender>}
   */
  get(name) {
    let running = this.#running.get(name);
    if (running === undefined) {
      running = this.#start(name);
      this.#running.set(name, running);
    }
    return running;
  }

  async dispose() {
    const started = await Promise.allSettled(this.#running.values());
    await Promise.all(
      started.map((start) => (start.status === "fulfilled" ? start.value.dispose() : undefined)),
    );
  }

  /**
   * @param {ContenderName} name
   * @returns {Promise<Contender>}
   */
  async #start(name) {
    if (name === "ours") return startOurs();
    if (name === "hello") return startHello();
    if (name === "js" || name === "insert") return startStoring(name);
    const tools = await catalogue(await this.get("ours"));
    return startSdk(tools, name === "sdk" ? "zod" : "json");
  }
}

/** @returns {Promise<Contender>} our Worker with the demo's data, asked with Shop's secret key */
async function startOurs() {
  const worker = await startWorker({ events: true, bindings: { REQUEST_LOG: "off" } });
  return {
    url: `${worker.url}/mcp`,
    key: worker.keys.shop.sk,
    dispose: worker.dispose,
  };
}

/**
 * @param {Contender} ours
 * @returns {Promise<object[]>} the tools that our server lists
 */
export async function catalogue(ours) {
  return (await rpc(ours, toolsListCall)).tools;
}

/**
 * @param {object[]} tools
 * @param {"zod" | "json"} schemas how they are registered
 * @returns {Promise<Contender>}
 */
async function startSdk(tools, schemas) {
  // As long as ours, so that the requests are of one size.
  const apiKey = "sk_live_baseline_local-development-only-secret";
  const { script } = await bundle(source("baseline-sdk/worker.js"));
  const bare = await startBare(script, {
    CATALOGUE: tools,
    API_KEY: apiKey,
    SCHEMAS: schemas,
  });
  return { ...bare, key: apiKey };
}

async function startHello() {
  const { script } = await bundle(source("baseline-hello/worker.js"));
  return startBare(script);
}

/** @param {"js" | "insert"} name */
async function startStoring(name) {
  const { script } = await bundle(source(`baseline-${name}/worker.js`));
  return startBare(script, {}, { EVENTS: { className: "Events", useSQLite: true } });
}

/**
 * @param {string} script
 * @param {Record<string, any>} [bindings]
 * @param {Record<string, { className: string, useSQLite: boolean }>} [durableObjects]
 * @returns {Promise<Contender>}
 */
async function startBare(script, bindings = {}, durableObjects = {}) {
  const miniflare = new Miniflare({
    modules: true,
    script,
    bindings,
    durableObjects,
    compatibilityDate: await compatibilityDate(),
    host: "127.0.0.1",
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    ...quiet().options,
  });
  await miniflare.ready;
  const { origin } = await miniflare.unsafeGetDirectURL();
  return { url: `${origin}/mcp`, key: "none", dispose: () => miniflare.dispose() };
}
