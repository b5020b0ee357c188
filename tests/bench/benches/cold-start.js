/**
 * From nothing to the first tools/list answer: a new isolate, the script parsed, the module
 * compiled, the key looked up, the answer read. The runtime's process is there already, as it is on
 * the edge: a loader Worker makes a fresh isolate in it for every address that it has not seen.
 */
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { Miniflare } from "miniflare";
import { applyMigrations, compatibilityDate } from "../../worker/support/migrations.js";
import { demoKeys, seedControl } from "../../worker/support/seed.js";
import { PEPPER, quiet } from "../../worker/support/worker.js";
import { bundle } from "../bundle.js";
import { shot, toolsListCall } from "../calls.js";
import { catalogue, source } from "../contenders.js";
import { median, row } from "../report.js";

const STARTS = 15;
const WARM_UP = 3;

/** @type {import("./index.js").Bench} */
export const coldStart = {
  rows: ["cold_start.first_answer_ms.vs_sdk"],
  async run({ contenders, note }) {
    const tools = await catalogue(await contenders.get("ours"));
    const key = demoKeys.shop.sk;
    const miniflare = await startLoader(tools, key);
    try {
      const { origin } = await miniflare.unsafeGetDirectURL();
      /** @type {Record<"ours" | "sdk", number[]>} */
      const times = { ours: [], sdk: [] };
      for (let i = -WARM_UP; i < STARTS; i++) {
        for (const name of /** @type {const} */ (["ours", "sdk"])) {
          const fresh = {
            url: `${origin}/${name}/${i + WARM_UP}/mcp`,
            key,
            dispose: async () => {},
          };
          const took = await firstAnswer(fresh, tools);
          if (i >= 0) times[name].push(took);
        }
      }
      note(`cold start: ${STARTS} fresh isolates of each in one process`);
      const [ours, sdk] = [median(times.ours), median(times.sdk)];
      return [row(this.rows[0], ours, "ms", "@modelcontextprotocol/server", sdk)];
    } finally {
      await miniflare.dispose();
    }
  },
};

/**
 * @param {import("../contenders.js").Contender} fresh
 * @param {any[]} tools what it must list
 * @returns {Promise<number>} milliseconds until the whole answer was there
 */
async function firstAnswer(fresh, tools) {
  const { url, ...init } = shot(fresh, toolsListCall);
  const started = performance.now();
  const response = await fetch(url, init);
  const text = await response.text();
  const took = performance.now() - started;

  const listed = JSON.parse(text).result?.tools ?? [];
  const names = (/** @type {any[]} */ list) => list.map((tool) => tool.name).sort();
  if (!isDeepStrictEqual(names(listed), names(tools))) throw new Error(`${url} answered ${text}`);
  // Each isolate numbers its answers.
  if (response.headers.get("x-isolate-request") !== "1") throw new Error(`${url} was not fresh`);
  return took;
}

/**
 * @param {object[]} tools
 * @param {string} apiKey
 * @returns {Promise<Miniflare>}
 */
async function startLoader(tools, apiKey) {
  const [ours, sdk] = await Promise.all([
    bundle(source("cold-start/ours.js")),
    bundle(source("cold-start/sdk.js")),
  ]);
  const [wasmName, ...others] = Object.keys(ours.wasm);
  if (wasmName === undefined || others.length > 0) throw new Error("one module was expected");
  const miniflare = new Miniflare({
    modules: [
      {
        type: "ESModule",
        path: "loader.js",
        contents: await readFile(source("cold-start/loader.js"), "utf8"),
      },
      { type: "Text", path: "ours.txt", contents: ours.script },
      { type: "Text", path: "sdk.txt", contents: sdk.script },
      { type: "Data", path: "ours.wasm.bin", contents: ours.wasm[wasmName] },
    ],
    bindings: {
      WASM_NAME: wasmName,
      COMPATIBILITY_DATE: await compatibilityDate(),
      PEPPER,
      CATALOGUE: tools,
      API_KEY: apiKey,
      SCHEMAS: "zod",
    },
    d1Databases: { CONTROL: "control" },
    workerLoaders: { LOADER: {} },
    compatibilityDate: await compatibilityDate(),
    host: "127.0.0.1",
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    ...quiet().options,
  });
  await miniflare.ready;
  const control = await miniflare.getD1Database("CONTROL");
  await applyMigrations(control);
  await seedControl(control, PEPPER);
  return miniflare;
}
