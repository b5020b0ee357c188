/**
 * Load from 16 keep-alive connections: wrk where it is installed, otherwise sockets of our own. A
 * load counts only if every answer was a 2xx; what the answer says is checked before, not here.
 */
import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const CONNECTIONS = 16;
/** A connection that workerd reads late has not failed. */
const PATIENCE = "30s";
/** On a machine that is busy elsewhere the runtime may take a connection for idle, and close it. */
const MOST_REOPENED = 10;
const LUA = fileURLToPath(new URL("post.lua", import.meta.url));
const run = promisify(execFile);

/**
 * One request, sent over and over.
 *
 * @typedef {object} Shot
 * @property {string} url
 * @property {string} method
 * @property {Record<string, string>} headers
 * @property {string} body
 * @property {string[]} [keys] take turns as the bearer token
 */

const hasWrk = spawnSync("wrk", ["-v"]).error === undefined;

/** What makes the load, for the report. */
export const loader = `${hasWrk ? "wrk" : "Node sockets (wrk is not installed)"}, ${CONNECTIONS} connections`;

/**
 * @param {Shot} shot
 * @param {number} seconds
 * @returns {Promise<number>} requests per second
 * @throws when any request failed or was not answered with a 2xx
 */
export async function requestsPerSecond(shot, seconds) {
  const { requests, failed, elapsed } = await (hasWrk ? withWrk : withSockets)(shot, seconds);
  if (failed > 0) throw new Error(`${failed} of ${requests} requests to ${shot.url} failed`);
  return requests / elapsed;
}

/**
 * @param {Shot} shot
 * @param {number} seconds
 */
async function withWrk(shot, seconds) {
  const headers = Object.entries(shot.headers).map(([name, value]) => `${name}: ${value}`);
  // One thread: wrk needs far less than a core here, and the server wants the other ones.
  const { stdout } = await run(
    "wrk",
    ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "--timeout", PATIENCE, "-s", LUA, shot.url],
    {
      env: {
        PATH: process.env.PATH,
        MM_METHOD: shot.method,
        MM_HEADERS: headers.join("\n"),
        MM_BODY: shot.body,
        MM_KEYS: (shot.keys ?? []).join("\n"),
      },
    },
  );
  const line = /^RESULT (\d+) (\d+) (\d+)$/m.exec(stdout);
  if (line === null) throw new Error(`wrk said:\n${stdout}`);
  const [requests, microseconds, failed] = line.slice(1).map(Number);
  return { requests, failed, elapsed: microseconds / 1e6 };
}

/**
 * The same from clients that are Node's own. Whoever sends the next request in the very moment that
 * the answer is there, as wrk and our sockets do, keeps workerd reading from them, while others wait
 * up to a second; a client of an application takes a moment.
 *
 * @param {Shot} shot
 * @param {number} seconds
 * @returns {Promise<number[]>} milliseconds that each request took, in no order
 * @throws when any request failed or was not answered with a 2xx
 */
export async function latencies({ url, method, headers, body, keys = [] }, seconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const authorization = keys.map((key) => ({ authorization: `Bearer ${key}` }));
  /** @type {number[]} */
  const took = [];
  let sent = 0;
  const until = performance.now() + seconds * 1000;
  const client = async () => {
    while (performance.now() < until) {
      const started = performance.now();
      const own = authorization[sent++ % keys.length];
      const options = { method, agent, headers: { ...headers, ...own } };
      const sending = request(url, options).end(body);
      const response = await answerTo(sending);
      if (response === undefined) continue;
      await once(response.resume(), "end");
      took.push(performance.now() - started);
      if (Number(response.statusCode) >= 300)
        throw new Error(`${url} answered ${response.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  agent.destroy();
  return took;
}

/**
 * @param {import("node:http").ClientRequest} sending
 * @returns {Promise<import("node:http").IncomingMessage | undefined>} none when the runtime closed the
 *   connection, taken for idle, in the moment that it was used again
 */
async function answerTo(sending) {
  try {
    const [response] = await once(sending, "response");
    return response;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (sending.reusedSocket && code === "ECONNRESET") return undefined;
    throw error;
  }
}

/**
 * @param {Shot} shot
 * @param {number} seconds
 */
async function withSockets(shot, seconds) {
  const { hostname, port, host, pathname } = new URL(shot.url);
  const bytesWith = (/** @type {Record<string, string>} */ more) => {
    const length = String(Buffer.byteLength(shot.body));
    const head = Object.entries({ host, "content-length": length, ...shot.headers, ...more });
    return Buffer.from(
      `${shot.method} ${pathname} HTTP/1.1\r\n` +
        head.map(([name, value]) => `${name}: ${value}\r\n`).join("") +
        `\r\n${shot.body}`,
    );
  };
  const requests = shot.keys?.map((key) => bytesWith({ authorization: `Bearer ${key}` })) ?? [
    bytesWith({}),
  ];
  let sent = 0;
  const next = () => requests[sent++ % requests.length];
  const started = performance.now();
  const until = started + seconds * 1000;
  const counts = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => oneConnection(hostname, Number(port), next, until)),
  );
  const elapsed = (performance.now() - started) / 1000;
  return {
    requests: counts.reduce((sum, count) => sum + count.requests, 0),
    failed: counts.reduce((sum, count) => sum + count.failed, 0),
    elapsed,
  };
}

/**
 * Sends a request, waits for the whole answer, and sends another, until `until`.
 *
 * @param {string} host
 * @param {number} port
 * @param {() => Buffer} next the next request's bytes
 * @param {number} until on `performance.now()`'s clock
 * @returns {Promise<{ requests: number, failed: number }>}
 */
function oneConnection(host, port, next, until) {
  return new Promise((resolve, reject) => {
    const count = { requests: 0, failed: 0 };
    let rest = Buffer.alloc(0);
    let reopened = 0;
    const open = () => {
      const socket = connect({ host, port, noDelay: true }, () => socket.write(next()));
      socket.on("error", () => {}); // it closes as well
      socket.on("close", () => {
        if (rest.length === 0 && reopened++ < MOST_REOPENED) open();
        else reject(new Error(`${host}:${port} closed a connection`));
      });
      socket.on("data", (chunk) => {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        const end = answerEnd(rest);
        if (end === undefined) return;
        count.requests += 1;
        if (!rest.subarray(0, 12).toString("latin1").startsWith("HTTP/1.1 2")) count.failed += 1;
        rest = rest.subarray(end);
        if (performance.now() < until) {
          socket.write(next());
        } else {
          socket.removeAllListeners("close").destroy();
          resolve(count);
        }
      });
    };
    open();
  });
}

/**
 * @param {Buffer} bytes
 * @returns {number | undefined} where the first answer ends, once it is all there
 */
function answerEnd(bytes) {
  const blank = bytes.indexOf("\r\n\r\n");
  if (blank < 0) return undefined;
  const head = bytes.subarray(0, blank).toString("latin1");
  const length = /^content-length: *(\d+)/im.exec(head);
  if (length !== null) {
    const end = blank + 4 + Number(length[1]);
    return end <= bytes.length ? end : undefined;
  }
  // A chunked body ends with the empty chunk; JSON cannot hold a raw CR LF that would imitate it.
  const last = bytes.indexOf("\r\n0\r\n\r\n", blank);
  return last < 0 ? undefined : last + 7;
}
