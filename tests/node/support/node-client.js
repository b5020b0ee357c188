/**
 * The Node client against a server with faults. Time is mocked and moves on whenever nothing else
 * happens, so that no test waits for it and none depends on it.
 */
import { spawn } from "node:child_process";
import { Client } from "../../../packages/node-client/index.js";
import { startIngestRecorder } from "./ingest-recorder.js";

export const KEY = "sk_live_12345678_local-development-only-secret";
const STEP_MS = 100;
/** Time that is mocked may pass while a request is on its way: none is late by that. */
export const PATIENCE_MS = 2 ** 31 - 1;

/**
 * @param {import("node:test").TestContext} t
 * @param {Partial<import("../../../packages/node-client/index.js").Options>} [options]
 */
export async function setUp(t, options = {}) {
  const recorder = await startIngestRecorder();
  t.after(() => recorder.close());
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: Date.now() });
  /** @type {{ code: string, status?: number, details?: any, events: any[] }[]} */
  const errors = [];
  const client = new Client({
    key: KEY,
    host: `${recorder.url}/`,
    timeoutMs: PATIENCE_MS,
    onError: ({ code, status, details }, events) => errors.push({ code, status, details, events }),
    ...options,
  });
  /** @template T @param {Promise<T>} promise @returns {Promise<T>} while time goes on */
  const meanwhile = async (promise) => {
    let settled = false;
    const note = () => void (settled = true);
    promise.then(note, note);
    while (!settled) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!settled) t.mock.timers.tick(STEP_MS);
    }
    return promise;
  };
  return { recorder, client, errors, meanwhile, flush: () => meanwhile(client.flush()) };
}

/** @param {{ events: any[] }[]} batches */
export const names = (batches) => batches.map(({ events }) => events.map(({ event }) => event));
/** @param {number} count */
export const numbered = (count) => Array.from({ length: count }, (_, i) => `n${i}`);
/** @param {import("./ingest-recorder.js").Reply[]} replies */
export const inTurn = (replies) => () => replies.shift();
/** @type {typeof fetch} one that nobody answers */
export const hanging = (_, init) =>
  new Promise((_resolve, reject) => {
    init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
  });
export const fault = (/** @type {number} */ status, headers = {}) => ({
  status,
  headers,
  body: { error: "a_fault", error_description: "A fault." },
});

/**
 * A process of its own that tracks an event.
 * @param {{ url: string }} recorder
 * @param {string} lastLine
 */
export function spawnClient({ url }, lastLine) {
  const client = new URL("../../../packages/node-client/index.js", import.meta.url);
  const script = `
    import { init, track, flush, shutdown } from ${JSON.stringify(client.href)};
    init({ key: "k", host: ${JSON.stringify(url)}, flushIntervalMs: 3_600_000 });
    track({ event: "a" });
    ${lastLine}`;
  const args = ["--input-type=module", "--eval", script];
  return spawn(process.execPath, args, { stdio: "inherit" });
}
