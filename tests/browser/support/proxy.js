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
 * @property {any[]} events those of the batch, or the one that goes alone
 * @property {number} bytes
 * @property {number} status of the Worker's answer, whether or not the browser still takes it; 0
 *   until it is there
 *
 * @typedef {(seen: Seen) => Promise<Fault | undefined> | Fault | undefined} Mood what to do to a
 *   request instead of passing it on
 * @typedef {"cut" | "lost" | "silent" | { status: number, headers?: Record<string, string> }} Fault the
 *   connection breaks before the request has reached the Worker, or after; or it stays and nothing
 *   comes; or an answer
 *
 * @typedef {object} Proxy
 * @property {string} url
 * @property {Seen[]} seen
 * @property {(mood: Mood) => void} setMood
 * @property {(key: string) => void} reset forgets what it saw and passes everything on; from then on
 *   it has eyes for requests with this key alone: a page that is closed may still send
 * @property {(condition: (seen: Seen[]) => boolean) => Promise<void>} until waits for requests
 * @property {() => Promise<void>} close
 */

/** Whatever a test waits for comes at once or never; then the test should end, too. */
const PATIENCE_MS = 30_000;

/** As on a real network, a page may know an answer's status well before its text. */
const TEXT_AFTER_HEAD_MS = 50;

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
  let authorization = "";

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
    if (request.method !== "POST" || request.headers.authorization !== authorization)
      return pass(await send(target, request, body), response);
    const parsed = JSON.parse(body.toString());
    /** @type {Seen} */
    const seen = {
      path: request.url ?? "",
      contentType: request.headers["content-type"] ?? "",
      body: parsed,
      events: parsed.events ?? [parsed],
      bytes: body.length,
      status: 0,
    };
    all.push(seen);
    changes.emit("change");
    const fault = await mood(seen);
    if (fault === undefined || fault === "lost") {
      const answer = await send(target, request, body);
      seen.status = answer.status;
      changes.emit("change");
      if (fault === undefined) pass(answer, response);
      else response.destroy();
    } else if (fault === "cut") response.destroy();
    else if (fault !== "silent") {
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
    reset(key) {
      authorization = `Bearer ${key}`;
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

/** @typedef {{ status: number, headers: import("node:http").IncomingHttpHeaders, body: Buffer }} Answer */

/**
 * @param {string} target
 * @param {import("node:http").IncomingMessage} request
 * @param {Buffer} body
 * @returns {Promise<Answer>} whole
 */
async function send(target, request, body) {
  const { method, headers } = request;
  // A connection of its own: one that is used again may be closed by the Worker in that moment.
  const options = { method, headers, agent: false };
  const onward = httpRequest(new URL(request.url ?? "/", target), options);
  onward.end(body);
  const [answer] = await once(onward, "response");
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: Buffer.concat(await answer.toArray()),
  };
}

/**
 * @param {Answer} answer
 * @param {import("node:http").ServerResponse} response
 */
function pass(answer, response) {
  response.writeHead(answer.status, answer.headers);
  response.flushHeaders();
  setTimeout(() => response.end(answer.body), TEXT_AFTER_HEAD_MS);
}

/**
 * Fails the next requests, one fault each, then passes on.
 *
 * @param {Fault[]} faults
 * @returns {Mood}
 */
export const failing = (faults) => () => faults.shift();
