/** One line of JSON per request, without secrets, addresses or what events hold. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bareRequest } from "./support/requests.js";
import { ADMIN_TOKEN, PEPPER, startWorker } from "./support/worker.js";

/** @type {import("./support/worker.js").RunningWorker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker.dispose());

const PRIVATE = {
  address: "203.0.113.77",
  name: "private-event-name",
  visitor: "private-visitor",
  user: "private-user@example.com",
  property: "private-property",
  query: "private-query",
  agent: "private-agent",
};

const EVENT = {
  event: PRIVATE.name,
  anonymous_id: PRIVATE.visitor,
  user_id: PRIVATE.user,
  properties: { text: PRIVATE.property },
};

/**
 * @param {string} path
 * @param {string} key
 * @param {object} [body]
 */
async function send(path, key, body) {
  const response = await fetch(`${worker.url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "cf-connecting-ip": PRIVATE.address,
      "user-agent": PRIVATE.agent,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  await response.arrayBuffer();
  return { id: response.headers.get("x-request-id") ?? "", status: response.status };
}

/**
 * The lines of a request, once there is one.
 *
 * @param {string} id
 */
async function linesOf(id) {
  for (let i = 0; i < 1000; i++) {
    const lines = worker.output().split("\n");
    const complete = lines.slice(0, -1).filter((line) => line.includes(id));
    if (complete.length > 0) return complete;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return assert.fail(`the log has no line of ${id}`);
}

test("every request writes one line", async () => {
  const { shop } = worker.keys;
  const range = "from=2020-01-01&to=2040-01-01";
  const tool = { name: "query_events", arguments: { user_id: PRIVATE.user } };
  const mcp = JSON.parse(bareRequest(shop.rk, { method: "tools/call", params: tool }).body);
  const wrong = `${shop.sk.slice(0, -4)}oops`;
  const project = "prj_shop";
  /** @type {[string, string, object | undefined, object][]} */
  const requests = [
    ["/v1/track", shop.sk, EVENT, { route: "/v1/track", status: 202, project, rows: 1 }],
    [
      "/v1/track?x=private-query",
      shop.sk,
      EVENT,
      { route: "/v1/track", status: 202, project, rows: 1 },
    ],
    [
      "/v1/batch",
      shop.sk,
      { events: [EVENT, EVENT] },
      { route: "/v1/batch", status: 202, project, rows: 2 },
    ],
    [
      "/v1/track",
      shop.sk,
      { ...EVENT, url: PRIVATE.query },
      { route: "/v1/track", status: 400, project },
    ],
    [
      "/v1/identify",
      shop.sk,
      { anonymous_id: PRIVATE.visitor, user_id: PRIVATE.user },
      { route: "/v1/identify", status: 200, project, rows: 1 },
    ],
    [
      `/v1/query?${range}&limit=2`,
      shop.rk,
      undefined,
      { route: "/v1/query", status: 200, project, rows: 2 },
    ],
    [
      `/v1/stats?${range}&user_id=${PRIVATE.user}`,
      shop.rk,
      undefined,
      { route: "/v1/stats", status: 200, project, rows: 1 },
    ],
    [
      "/v1/query?from=private-query",
      shop.rk,
      undefined,
      { route: "/v1/query", status: 400, project },
    ],
    ["/mcp", shop.rk, mcp, { route: "/mcp", status: 200, project, rows: 5 }],
    ["/v1/track", wrong, EVENT, { route: "/v1/track", status: 401 }],
    ["/v1/track", shop.rk, EVENT, { route: "/v1/track", status: 403 }],
    ["/private-query", shop.rk, undefined, { route: "", status: 404 }],
    ["/healthz", "", undefined, { route: "/healthz", status: 200 }],
    ["/admin/keys", ADMIN_TOKEN, undefined, { route: "/admin/keys", status: 200 }],
    ["/admin/keys", "oops", undefined, { route: "/admin/keys", status: 401 }],
    ["/admin/keys/private-query", "oops", undefined, { route: "/admin/keys/", status: 401 }],
    [
      "/admin/usage?x=private-query",
      ADMIN_TOKEN,
      undefined,
      { route: "/admin/usage", status: 400 },
    ],
    ["/admin/usage", ADMIN_TOKEN, {}, { route: "/admin/usage", status: 405 }],
    ["/admin/private-query", "oops", undefined, { route: "", status: 401 }],
    [
      "/v1/forget",
      shop.sk,
      { user_id: PRIVATE.user },
      { route: "/v1/forget", status: 200, project, rows: 5 },
    ],
  ];
  for (const [path, key, body, expected] of requests) {
    const { id, status } = await send(path, key, body);
    assert.match(id, /^[0-9a-f-]{36}$/);
    const lines = await linesOf(id);
    assert.equal(lines.length, 1, path);
    const { duration_ms, request_id, method, rows, ...line } = JSON.parse(lines[0]);
    assert.equal(request_id, id);
    assert.equal(method, body === undefined ? "GET" : "POST");
    assert.ok(typeof duration_ms === "number" && duration_ms >= 0);
    const known = "rows" in expected ? { ...line, rows } : line;
    assert.deepEqual(known, expected, path);
    assert.equal(status, line.status);
  }
  const written = worker.output();
  const { shop: keys } = worker.keys;
  const secret = keys.sk.slice(keys.sk.indexOf("local"));
  for (const text of [...Object.values(PRIVATE), secret, "oops", ADMIN_TOKEN, PEPPER]) {
    assert.ok(!written.includes(text), `${text} is in the log`);
  }
});

test("REQUEST_LOG off: no line, and the answers are whole", async () => {
  const silent = await startWorker({ bindings: { REQUEST_LOG: "off" } });
  try {
    const response = await fetch(`${silent.url}/healthz`);
    assert.deepEqual(Object.keys(/** @type {object} */ (await response.json())), ["ok", "version"]);
    assert.doesNotMatch(silent.output(), /request_id/);
  } finally {
    await silent.dispose();
  }
});
