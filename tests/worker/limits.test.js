/** What HTTP itself brings: bodies of any size and framing, and HEAD. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, test } from "node:test";
import { rawFetch } from "./support/raw.js";
import { startWorker } from "./support/worker.js";

const LIMIT = 2 ** 20;

/** @type {import("./support/worker.js").RunningWorker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker.dispose());

const headers = (/** @type {Record<string, string>} */ more = {}) => ({
  authorization: `Bearer ${worker.keys.shop.rk}`,
  "content-type": "application/json",
  ...more,
});

/** @param {number} length of the whole body */
function ping(length) {
  const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
  return body + " ".repeat(length - body.length);
}

/** @param {{ status: number, body: Uint8Array }} got */
const shown = ({ status, body }) => [status, JSON.parse(new TextDecoder().decode(body))];
const PONG = [200, { jsonrpc: "2.0", id: 1, result: {} }];

/**
 * Sends the parts as chunks, so that nothing says how long the body is.
 *
 * @param {string[]} parts
 * @returns {Promise<{ status: number, body: Uint8Array }>}
 */
function postChunks(parts) {
  return new Promise((resolve, reject) => {
    const init = { method: "POST", headers: headers(), agent: /** @type {false} */ (false) };
    const sent = request(`${worker.url}/mcp`, init, (got) => {
      /** @type {Buffer[]} */
      const body = [];
      got.on("data", (part) => body.push(part));
      got.on("end", () => resolve({ status: got.statusCode ?? 0, body: Buffer.concat(body) }));
    });
    sent.on("error", reject);
    for (const part of parts) sent.write(part);
    sent.end();
  });
}

describe("a body", () => {
  test("of 1 MiB is read", async () => {
    const init = { method: "POST", headers: headers(), body: ping(LIMIT) };
    assert.deepEqual(shown(await rawFetch(`${worker.url}/mcp`, init)), PONG);
  });

  test("in chunks is read", async () => {
    const body = ping(100);
    assert.deepEqual(shown(await postChunks([...body])), PONG);
    assert.deepEqual(shown(await postChunks([body, " ".repeat(LIMIT - 100)])), PONG);
  });

  const tooLarge = (/** @type {{ status: number, body: Uint8Array }} */ got) => {
    const [status, { error, error_description }] = shown(got);
    assert.deepEqual([status, error], [413, "payload_too_large"]);
    assert.match(error_description, /1048576/);
  };

  test("of a byte more is payload_too_large", async () => {
    const init = { method: "POST", headers: headers(), body: ping(LIMIT + 1) };
    tooLarge(await rawFetch(`${worker.url}/mcp`, init));
    const account = headers({ authorization: `Bearer ${worker.keys.demo.ak}` });
    tooLarge(await rawFetch(`${worker.url}/mcp/account`, { ...init, headers: account }));
  });

  test("of a byte more in chunks is payload_too_large", async () => {
    tooLarge(await postChunks([ping(100), " ".repeat(LIMIT - 99)]));
  });

  test("that is too large is refused for its key first", async () => {
    const init = {
      method: "POST",
      headers: headers({ authorization: "x" }),
      body: ping(LIMIT + 1),
    };
    assert.equal((await rawFetch(`${worker.url}/mcp`, init)).status, 401);
  });

  test("may be missing, with and without a length", async () => {
    /** @type {Record<string, string>[]} */
    const framings = [{}, { "content-length": "0" }];
    for (const more of framings) {
      const init = { method: "POST", headers: headers(more) };
      const [status, { error }] = shown(await rawFetch(`${worker.url}/mcp`, init));
      assert.deepEqual([status, error.code], [400, -32700]);
    }
  });
});

describe("HEAD", () => {
  for (const [path, status] of /** @type {[string, number][]} */ ([
    ["/healthz", 200],
    ["/mcp", 405],
    ["/mcp/account", 405],
    ["/nothing", 404],
  ])) {
    test(`of ${path} is ${status} without a body`, async () => {
      const got = await rawFetch(`${worker.url}${path}`, { method: "HEAD", headers: {} });
      assert.deepEqual([got.status, got.body.length], [status, 0]);
      assert.equal(got.headers.get("allow"), status === 405 ? "POST" : null);
    });
  }
});
