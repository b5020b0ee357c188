/**
 * The traffic in our server: on workerd, with its state on disk, asked over HTTP.
 */
import { fileURLToPath } from "node:url";
import { ADMIN_TOKEN, NAME, startWorker } from "../../worker/support/worker.js";
import { addProjects } from "../projects.js";
import { COLUMNS } from "../traffic/encode.js";
import { encoded } from "../traffic/stream.js";
import { loaded } from "./cache.js";
import { CLOCK } from "./clock.js";
import { heapBytes } from "./heap.js";
import { storageOf, untilMerged } from "./merging.js";
import { FILTERED, MOST_EVENTS, MOST_ROWS, MOST_SOURCES, STEPS } from "./questions.js";
import { checkStored, request } from "./request.js";
import { residentBytes } from "./resident.js";

const ENTRY = fileURLToPath(new URL("entry.js", import.meta.url));
const PROJECT = "traffic";
const STORE = `prj_${PROJECT}`;
/** Events of a request, and requests that are under way at a time. */
const BATCH = 1000;
const CONNECTIONS = 4;
/** Before the last time in a body. */
const TIMESTAMP = '"timestamp":"';
const TIMESTAMP_LENGTH = new Date(0).toISOString().length;

/**
 * @typedef {object} State
 * @property {number} rowsRead
 * @property {number} databaseBytes
 * @property {number[]} memories bytes of the WebAssembly memories
 */

/**
 * @param {string} folder
 * @param {{ inspector: boolean }} options
 */
async function start(folder, { inspector }) {
  const worker = await startWorker({
    entry: ENTRY,
    persist: folder,
    bindings: { REQUEST_LOG: "off" },
    inspector,
  });
  const [key] = await addProjects(worker.control, [PROJECT]);
  return { worker, key };
}

/**
 * @param {string} url
 * @returns {Promise<State>}
 */
async function stateOf(url) {
  const { text } = await request(`${url}/__bench/state?store=${STORE}`);
  return JSON.parse(text);
}

/**
 * @typedef {object} Memory in bytes
 * @property {number} modules WebAssembly memories
 * @property {number} held by JavaScript
 * @property {number} used by JavaScript, with what was not collected yet
 *
 * @param {import("../../worker/support/worker.js").RunningWorker} worker
 * @returns {Promise<Memory>}
 */
async function memoryOf(worker) {
  const { memories } = await stateOf(worker.url);
  const modules = memories.reduce((sum, bytes) => sum + bytes, 0);
  return { modules, ...(await heapBytes(worker, NAME)) };
}

/**
 * @param {string} folder
 * @param {number} total
 */
async function load(folder, total) {
  const { worker, key } = await start(folder, { inspector: true });
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
    await checkStored(worker.url, key, total);
    return { seconds, merging, ...(await memoryOf(worker)) };
  } finally {
    await worker.dispose();
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} body
 * @returns {number} the time of its last event
 */
function lastTime({ buffer }) {
  const bytes = Buffer.from(buffer);
  const start = bytes.lastIndexOf(TIMESTAMP) + TIMESTAMP.length;
  return Date.parse(bytes.toString("latin1", start, start + TIMESTAMP_LENGTH));
}

/**
 * Sends events when the last of them happens, by the server's clock.
 *
 * @param {string} url
 * @param {Uint8Array<ArrayBuffer>} body
 */
async function send(url, body) {
  const { text, attempts } = await request(`${url}/admin/import?project=${STORE}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      "content-type": "application/json",
      [CLOCK]: String(lastTime(body)),
    },
    body,
  });
  if (attempts === 1 && JSON.parse(text).duplicates > 0) throw new Error(`import: ${text}`);
}

/**
 * @param {import("./questions.js").Question} question
 * @returns {string} path and query
 */
export function pathOf({ name, from, to, user }) {
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
 * @param {string} url
 * @param {string} key
 */
const asker = (url, key) => {
  const headers = { authorization: `Bearer ${key}` };
  /**
   * @param {import("./questions.js").Question} question
   * @returns {Promise<any>}
   */
  return async (question) => {
    const { text } = await request(`${url}${pathOf(question)}`, { headers });
    return JSON.parse(text);
  };
};

/**
 * @typedef {import("./questions.js").Store & {
 *   exact: (question: import("./questions.js").Question) => Promise<boolean>,
 *   rowsRead: (question: import("./questions.js").Question) => Promise<number>,
 *   databaseBytes: () => Promise<number>,
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
  const { worker, key } = await start(loading.folder, { inspector: false });
  const { url } = worker;
  const answer = asker(url, key);
  return {
    name: "ours",
    loading,
    ask: async (question) => (await answer(question)).rows.map(columns[question.name]),
    exact: async (question) => (await answer(question)).meta.exact,
    async rowsRead(question) {
      await request(`${url}/__bench/watch`, { method: "POST" });
      await answer(question);
      return (await stateOf(url)).rowsRead;
    },
    databaseBytes: async () => (await stateOf(url)).databaseBytes,
    storage: () => storageOf(url, STORE),
    close: worker.dispose,
  };
}

/**
 * Asks in a new process, because a Worker that can be inspected need not be as fast as another.
 *
 * @param {import("./cache.js").Loaded} loading
 * @param {import("./questions.js").Question[]} questions
 * @returns {Promise<Memory & { grown: number | undefined }>} behind them; `grown` is what
 *   all of the process has grown by, in bytes, where the system tells it
 */
export async function memoryOfAsking(loading, questions) {
  const others = await residentBytes();
  const { worker, key } = await start(loading.folder, { inspector: true });
  try {
    const own = async () =>
      [...(await residentBytes())].find(([process]) => !others.has(process))?.[1];
    const before = await own();
    const answer = asker(worker.url, key);
    for (const question of questions) await answer(question);
    const after = await own();
    const grown = before === undefined || after === undefined ? undefined : after - before;
    return { ...(await memoryOf(worker)), grown };
  } finally {
    await worker.dispose();
  }
}
