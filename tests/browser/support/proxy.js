/**
 * A network with moods between the browser and the Worker: passes requests on, remembers them, and
 * fails as it is told to.
 */
import { EventEmitter, once } from "node:events";
import { createServer, request as httpRequest } from "node:http";

/**
 * @typedef {object} Seen a request that sends something, with what became of it
 * @property {string} path
 * @property {string} contentType
 * @property {any} body parsed
 * @property {number} bytes
 * @property {number} status of the answer; 0 until there is one, or when the connection was cut
 *
 * @typedef {(seen: Seen) => Promise<Fault | undefined> | Fault | undefined} Mood what to do to a
 *   request instead of passing it on
 * @typedef {"cut" | "lost" | { status: number, headers?: Record<string, string> }} Fault the
 *   connection breaks before the request has reached the Worker, or after; or an answer
 *
 * @typedef {object} Proxy
 * @property {string} url
 * @property {Seen[]} seen
 * @property {(mood: Mood) => void} setMood
 * @property {() => void} reset forgets what it saw and passes everything on
 * @property {(condition: (seen: Seen[]) => boolean) => Promise<void>} until waits for requests
 * @property {() => Promise<void>} close
 */

/** Whatever a test waits for comes at once or never; then the test should end, too. */
const PATIENCE_MS = 30_000;

/**
 * @param {string} target the Worker
 * @returns {Promise<Proxy>}
 */
export async function startProxy(target) {
  const changes = new EventEmitter();
  /** @type {Seen[]} */
  let all = [];
  /** @type {Mood} */
  let mood = () => undefined;

  const server = createServer((request, response) => {
    // The page or the Worker has gone away, as it may.
    serve(request, response).catch(() => response.destroy());
  });
  /**
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async function serve(request, response) {
    const body = Buffer.concat(await request.toArray());
    if (request.method !== "POST") return pass(target, request, body, response);
    /** @type {Seen} */
    const seen = {
      path: request.url ?? "",
      contentType: request.headers["content-type"] ?? "",
      body: JSON.parse(body.toString()),
      bytes: body.length,
      status: 0,
    };
    all.push(seen);
    response.on("close", () => {
      seen.status = response.writableFinished ? response.statusCode : 0;
      changes.emit("change");
    });
    changes.emit("change");
    const fault = await mood(seen);
    if (fault === undefined) await pass(target, request, body, response);
    else if (fault === "cut") response.destroy();
    else if (fault === "lost") {
      const answer = await send(target, request, body);
      await answer.toArray();
      response.destroy();
    } else {
      const origin = request.headers.origin ?? "*";
      response.writeHead(fault.status, {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": "Retry-After",
        "content-type": "application/json",
        ...fault.headers,
      });
      response.end('{"error":"a_fault"}');
    }
  }
  // A browser sends again by itself what was cut off on a connection that had worked before.
  server.maxRequestsPerSocket = 1;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());

  return {
    url: `http://127.0.0.1:${port}`,
    get seen() {
      return all;
    },
    setMood: (next) => (mood = next),
    reset() {
      all = [];
      mood = () => undefined;
    },
    async until(condition) {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      while (!condition(all)) await once(changes, "change", { signal });
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/**
 * @param {string} target
 * @param {import("node:http").IncomingMessage} request
 * @param {Buffer} body
 */
async function send(target, request, body) {
  const { method, headers } = request;
  // A connection of its own: one that is used again may be closed by the Worker in that moment.
  const options = { method, headers, agent: false };
  const onward = httpRequest(new URL(request.url ?? "/", target), options);
  onward.end(body);
  const [answer] = await once(onward, "response");
  return /** @type {import("node:http").IncomingMessage} */ (answer);
}

/**
 * @param {string} target
 * @param {import("node:http").IncomingMessage} request
 * @param {Buffer} body
 * @param {import("node:http").ServerResponse} response
 */
async function pass(target, request, body, response) {
  const answer = await send(target, request, body);
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(response);
}

/**
 * Fails the next requests, one fault each, then passes on.
 *
 * @param {Fault[]} faults
 * @returns {Mood}
 */
export const failing = (faults) => () => faults.shift();
