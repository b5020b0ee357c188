/**
 * What an isolate's JavaScript holds, as its inspector tells it. WebAssembly memories are not in it.
 */
import { request } from "./request.js";

/** Small requests, each a bit of garbage: after some rounds of them what was there is collected. */
const REQUESTS = 200;
const ROUNDS = 12;

/**
 * @typedef {{ url: string, miniflare: import("miniflare").Miniflare }} Inspected a Worker that was
 *   started with its inspector
 */

/**
 * @param {Inspected} worker
 * @param {string} name of the Worker
 * @returns {Promise<{ used: number, held: number }>} bytes of objects and the buffers behind them:
 *   with what nobody holds any more but is still there, and without it
 */
export async function heapBytes(worker, name) {
  const used = await usedBytes(worker, name);
  let held = used;
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < REQUESTS; i++) await request(`${worker.url}/healthz`);
    held = Math.min(held, await usedBytes(worker, name));
  }
  return { used, held };
}

/**
 * @param {Inspected} worker
 * @param {string} name
 * @returns {Promise<number>}
 */
async function usedBytes({ miniflare }, name) {
  const { host } = await miniflare.getInspectorURL();
  const socket = new WebSocket(`ws://${host}/core:user:${name}`);
  try {
    const usage = await new Promise((resolve, reject) => {
      socket.onopen = () => socket.send('{"id":1,"method":"Runtime.getHeapUsage"}');
      socket.onerror = () => reject(new Error("the inspector does not answer"));
      socket.onmessage = ({ data }) => {
        const { id, result } = JSON.parse(data);
        if (id === 1) resolve(result);
      };
    });
    return usage.usedSize + usage.embedderHeapUsedSize + usage.backingStorageSize;
  } finally {
    socket.close();
  }
}
