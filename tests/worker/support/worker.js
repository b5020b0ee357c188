/**
 * Starts our Worker on workerd for a test: D1 with its migrations, Durable Objects, the demo's
 * accounts, projects and keys, and, if asked for, the demo's events.
 *
 * The address is a direct socket of the Worker: requests do not pass miniflare's entry Worker, which
 * adds headers of its own and answers a third of the requests per second.
 */
import { dirname } from "node:path";
import { Log, LogLevel, Miniflare } from "miniflare";
import { LOCAL_ORIGINS } from "../../../scripts/dev/local-vars.js";
import { applyMigrations, compatibilityDate } from "./migrations.js";
import { inTree, root } from "./root.js";
import { demoKeys, importDemoEvents, seedControl } from "./seed.js";

/** What the running Worker is configured with; no deployment uses these. */
export const PEPPER = "pepper-of-the-tests";
export const ADMIN_TOKEN = "admin-token-of-the-tests";
/** What the runtime calls it. */
export const NAME = "millimetric";
const WORKER = inTree("host-js", "worker.js");
const WORKER_WITH_CLOCK = inTree("tests", "worker", "support", "entries", "clock.js");

/**
 * @typedef {object} StartOptions
 * @property {string} [entry] the module to run, an absolute path; default `host-js/worker.js`
 * @property {number} [now] where the clock stands until `setNow`; the randomness then repeats itself
 * @property {string} [persist] a directory that keeps D1 and the Durable Objects over a restart
 * @property {boolean} [seed] whether to write the demo's accounts, projects and keys; default true
 * @property {boolean} [events] whether to import the demo's events as well; default false
 * @property {Record<string, string | undefined>} [bindings] more variables, or other values
 * @property {boolean} [localOrigins] whether pages of this machine may call, as under `dev:api`
 * @property {number} [port] default: a free one
 * @property {boolean} [inspector] whether its isolate can be inspected
 *
 * @typedef {object} RunningWorker
 * @property {string} url such as `http://127.0.0.1:40123`, without a trailing slash
 * @property {typeof demoKeys} keys the demo's keys by short name
 * @property {Miniflare} miniflare for reaching into D1 or the objects
 * @property {import("@cloudflare/workers-types").D1Database} control the control plane's database
 * @property {(now: number) => Promise<void>} setNow sets the clock of a Worker started with `now`
 * @property {() => string} output what the Worker and the runtime have logged until now
 * @property {() => Promise<void>} dispose
 */

/**
 * The runtime has been seen not to come up on a busy machine: it is started once more, and what failed
 * is printed. What a Worker of ours does wrong, it does the second time too.
 *
 * @param {StartOptions} [options]
 * @returns {Promise<RunningWorker>}
 */
export async function startWorker(options = {}) {
  try {
    return await startOnce(options);
  } catch (error) {
    console.error(error);
    return startOnce(options);
  }
}

/**
 * @param {StartOptions} options
 * @returns {Promise<RunningWorker>}
 */
async function startOnce(options) {
  const { persist, seed = true, events = false, now } = options;
  const entry = options.entry ?? (now === undefined ? WORKER : WORKER_WITH_CLOCK);
  const runtime = quiet();
  const miniflare = new Miniflare({
    ...(await moduleOptions(entry)),
    bindings: {
      PEPPER,
      ADMIN_TOKEN,
      MCP_ALLOWED_ORIGINS: options.localOrigins === true ? LOCAL_ORIGINS : "",
      ...(now === undefined ? {} : { TEST_NOW: String(now) }),
      ...options.bindings,
    },
    d1Databases: { CONTROL: "control" },
    durableObjects: { PROJECT_STORE: { className: "ProjectStore", useSQLite: true } },
    ...(persist === undefined ? {} : { defaultPersistRoot: persist }),
    ...(options.inspector === true ? { inspectorPort: 0 } : {}),
    host: "127.0.0.1",
    port: 0,
    unsafeDirectSockets: [{ host: "127.0.0.1", port: options.port ?? 0 }],
    ...runtime.options,
  });
  try {
    await miniflare.ready;
    const url = (await miniflare.unsafeGetDirectURL()).origin;
    const control = await miniflare.getD1Database("CONTROL");
    await applyMigrations(control);
    if (seed) await seedControl(control, PEPPER, now);
    if (events) await importDemoEvents(url, ADMIN_TOKEN, now);
    return {
      url,
      keys: demoKeys,
      miniflare,
      control,
      setNow: (moment) => setNow(url, moment),
      output: runtime.output,
      dispose: () => miniflare.dispose(),
    };
  } catch (error) {
    await miniflare.dispose();
    console.error(runtime.output());
    throw error;
  }
}

/**
 * @param {string} url
 * @param {number} now
 */
async function setNow(url, now) {
  const response = await fetch(`${url}/__test/now`, { method: "PUT", body: String(now) });
  if (response.status !== 204) throw new Error("the Worker was not started with a clock");
}

/**
 * Options that keep the runtime from writing to the terminal (it reports every client that hangs up)
 * and from asking the internet for `request.cf`.
 *
 * @returns {{ options: Partial<import("miniflare").MiniflareOptions>, output: () => string }}
 */
export function quiet() {
  let text = "";
  const keep = (/** @type {Buffer} */ data) => (text += data);
  return {
    options: {
      cf: false,
      log: new Log(LogLevel.NONE),
      handleRuntimeStdio(
        /** @type {import("node:stream").Readable} */ stdout,
        /** @type {import("node:stream").Readable} */ stderr,
      ) {
        stdout.on("data", keep);
        stderr.on("data", keep);
      },
    },
    output: () => text,
  };
}

/**
 * @param {string} entry an absolute path below the tree's root
 */
async function moduleOptions(entry) {
  return {
    name: NAME,
    modules: true,
    modulesRoot: entry.startsWith(root) ? root : dirname(entry),
    modulesRules: [
      { type: /** @type {const} */ ("ESModule"), include: ["**/*.js"] },
      { type: /** @type {const} */ ("CompiledWasm"), include: ["**/*.wasm"] },
    ],
    scriptPath: entry,
    compatibilityDate: await compatibilityDate(),
  };
}
