/** A server that takes batches and answers as it is told to. */
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";

/**
 * @typedef {object} Batch
 * @property {any[]} events
 * @property {number} bytes
 * @property {number} at when it came, by `Date.now()`
 * @property {string} authorization
 *
 * @typedef {{ status: number, headers?: Record<string, string>, body?: unknown } | "cut"} Reply
 *   "cut": the batch is taken, and the connection breaks before the answer
 *
 * @typedef {object} IngestRecorder
 * @property {string} url
 * @property {Batch[]} batches all that came, refused ones included
 * @property {(reply: (batch: Batch) => Reply | undefined | Promise<Reply | undefined>) => void}
 *   setReply what to answer; undefined: taken
 * @property {(count: number) => Promise<void>} until so many batches have come
 * @property {() => Promise<void>} close
 */

const PATIENCE_MS = 30_000;

/** @returns {Promise<IngestRecorder>} */
export async function startIngestRecorder() {
  const arrivals = new EventEmitter();
  /** @type {Batch[]} */
  const batches = [];
  /** @type {Parameters<IngestRecorder["setReply"]>[0]} */
  let reply = () => undefined;
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray());
    /** @type {Batch} */
    const batch = {
      events: JSON.parse(text.toString()).events,
      bytes: text.length,
      at: Date.now(),
      authorization: request.headers.authorization ?? "",
    };
    batches.push(batch);
    arrivals.emit("batch");
    /** @type {Reply} */
    const taken = { status: 202, body: { ok: true, count: batch.events.length } };
    const answer = (await reply(batch)) ?? taken;
    if (answer === "cut") return void response.destroy();
    const headers = { "content-type": "application/json", ...answer.headers };
    response.writeHead(answer.status, headers).end(JSON.stringify(answer.body ?? {}));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    batches,
    setReply: (next) => (reply = next),
    async until(count) {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      while (batches.length < count) await once(arrivals, "batch", { signal });
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
