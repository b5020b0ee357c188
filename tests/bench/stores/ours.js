/**
 * The traffic in our server: on workerd, with its state on disk, asked over HTTP.
 */
import { addProjects } from "../projects.js";
import { fileURLToPath } from "node:url";
import { ADMIN_TOKEN, startWorker } from "../../worker/support/worker.js";
import { COLUMNS } from "../traffic/encode.js";
import { encoded } from "../traffic/stream.js";
import { loaded } from "./cache.js";
import { storageOf, untilMerged } from "./merging.js";
import { FILTERED, MOST_EVENTS, MOST_ROWS, MOST_SOURCES, STEPS } from "./questions.js";

const ENTRY = fileURLToPath(new URL("entry.js", import.meta.url));
const PROJECT = "traffic";
const STORE = `prj_${PROJECT}`;
/** Events of a request, and requests that are under way at a time. */
const BATCH = 1000;
const CONNECTIONS = 4;

/**
 * @typedef {object} State
 * @property {number} rowsRead
 * @property {number} databaseBytes
 * @property {number[]} memories bytes of the WebAssembly memories
 */

/** @param {string} folder */
async function start(folder) {
  const worker = await startWorker({
    entry: ENTRY,
    persist: folder,
    bindings: { REQUEST_LOG: "off" },
  });
  const [key] = await addProjects(worker.control, [PROJECT]);
  return { worker, key };
}

/**
 * @param {string} url
 * @returns {Promise<State>}
 */
async function stateOf(url) {
  const response = await fetch(`${url}/__bench/state?store=${STORE}`);
  return /** @type {any} */ (await response.json());
}

/**
 * @param {string} folder
 * @param {number} total
 */
async function load(folder, total) {
  const { worker } = await start(folder);
  try {
    const started = performance.now();
    const bodies = encoded(total, BATCH, "import");
    const connection = async () => {
      for await (const body of { [Symbol.asyncIterator]: () => ({ next: () => bodies.next() }) }) {
        await send(worker.url, body);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
    const seconds = (performance.now() - started) / 1000;
    await untilMerged(worker.url, STORE);
    const merging = (performance.now() - started) / 1000 - seconds;
    const { memories } = await stateOf(worker.url);
    return { seconds, merging, memory: memories.reduce((sum, bytes) => sum + bytes, 0) };
  } finally {
    await worker.dispose();
  }
}

/**
 * @param {string} url
 * @param {Uint8Array<ArrayBuffer>} body
 */
async function send(url, body) {
  const response = await fetch(`${url}/admin/import?project=${STORE}`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    body,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`import: ${response.status} ${text.slice(0, 500)}`);
  if (JSON.parse(text).duplicates > 0) throw new Error(`import: ${text}`);
}

/**
 * @param {import("./questions.js").Question} question
 * @returns {string} path and query
 */
function pathOf({ name, from, to, user }) {
  const range = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
  switch (name) {
    case "top_sources":
      return `/v1/sources?${range}&limit=${MOST_SOURCES}`;
    case "stats_daily":
      return `/v1/stats?${range}&group_by=source,medium&interval=day&limit=${MOST_ROWS}`;
    case "uniques_country":
      return `/v1/stats?${range}&metric=uniques&group_by=country`;
    case "stats_filtered":
      return `/v1/stats?${range}&event=${FILTERED.event}&path=${FILTERED.path}&interval=day`;
    case "funnel":
      return `/v1/funnel?${range}&steps=${STEPS}`;
    case "recent":
      return `/v1/query?${range}&limit=${MOST_EVENTS}`;
    case "user_history":
      return `/v1/query?${range}&limit=${MOST_EVENTS}&user_id=${user}`;
  }
}

/** @type {Record<import("./questions.js").QuestionName, (row: any) => import("./questions.js").Row>} */
const columns = {
  top_sources: (row) => [row.source, row.medium, row.events, row.uniques],
  stats_daily: (row) => [Date.parse(row.bucket), row.source, row.medium, row.value],
  uniques_country: (row) => [row.country, row.value],
  stats_filtered: (row) => [Date.parse(row.bucket), row.value],
  funnel: (row) => [row.step, row.visitors],
  recent: eventColumns,
  user_history: eventColumns,
};

/** @param {any} row */
function eventColumns(row) {
  const { timestamp, properties, ...others } = row;
  const plain = {
    ...others,
    timestamp: Date.parse(timestamp),
    properties: JSON.stringify(properties),
  };
  return COLUMNS.map((column) => plain[column]);
}

/**
 * @typedef {import("./questions.js").Store & {
 *   exact: (question: import("./questions.js").Question) => Promise<boolean>,
 *   rowsRead: (question: import("./questions.js").Question) => Promise<number>,
 *   state: () => Promise<State>,
 *   storage: () => ReturnType<typeof storageOf>,
 *   loading: import("./cache.js").Loaded,
 * }} Ours
 */

/**
 * @param {string} size
 * @param {number} total
 * @returns {Promise<Ours>}
 */
export async function openOurs(size, total) {
  const sources = ["tests/bench/stores/ours.js", "host-js/*.js", "build/wasm-release/*.wasm"];
  const loading = await loaded("ours", size, sources, (folder) => load(folder, total));
  const { worker, key } = await start(loading.folder);
  const { url } = worker;
  const headers = { authorization: `Bearer ${key}` };

  /** @param {import("./questions.js").Question} question */
  const answer = async (question) => {
    const response = await fetch(`${url}${pathOf(question)}`, { headers });
    if (!response.ok) throw new Error(`${question.name}: ${await response.text()}`);
    return /** @type {any} */ (await response.json());
  };

  return {
    name: "ours",
    loading,
    ask: async (question) => (await answer(question)).rows.map(columns[question.name]),
    exact: async (question) => (await answer(question)).meta.exact,
    async rowsRead(question) {
      await fetch(`${url}/__bench/watch`, { method: "POST" });
      await answer(question);
      return (await stateOf(url)).rowsRead;
    },
    state: () => stateOf(url),
    storage: () => storageOf(url, STORE),
    close: worker.dispose,
  };
}
