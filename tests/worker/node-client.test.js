/** The Node client against the Worker: what it sends is what is stored, once each, in order. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "../../packages/node-client/index.js";
import { startWorker } from "./support/worker.js";

/** @type {import("./support/worker.js").RunningWorker} */
let worker;

before(async () => {
  worker = await startWorker();
});
after(() => worker?.dispose());

const MAC_SAFARI =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
  "Version/17.4 Safari/605.1.15";

/** @param {Partial<import("../../packages/node-client/index.js").Options>} [options] */
function newClient(options) {
  /** @type {{ code: string, status?: number, details?: any, events: any[] }[]} */
  const errors = [];
  const client = new Client({
    key: worker.keys.solo.sk,
    host: worker.url,
    onError: ({ code, status, details }, events) => errors.push({ code, status, details, events }),
    ...options,
  });
  return { client, errors };
}

/**
 * @param {Record<string, string>} filters
 * @returns {Promise<any[]>} rows, oldest first
 */
async function stored(filters) {
  const range = {
    from: new Date(Date.now() - 86_400_000).toISOString(),
    to: new Date(Date.now() + 86_400_000).toISOString(),
  };
  const query = new URLSearchParams({ ...range, limit: "1000", ...filters });
  const response = await fetch(`${worker.url}/v1/query?${query}`, {
    headers: { authorization: `Bearer ${worker.keys.solo.rk}` },
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text).rows.reverse();
}

test("an event arrives with everything that was said about it", async () => {
  const { client, errors } = newClient();
  const id = client.track({
    event: "order_paid",
    timestamp: new Date(Date.now() - 60_000),
    anonymous_id: "visitor-1",
    session_id: "session-1",
    url: "https://shop.example.com/checkout?utm_source=news&utm_medium=email",
    referrer: "https://mail.example.com/",
    properties: { total: 99.5, items: ["a", "b"] },
    context: { user_agent: MAC_SAFARI, country: "DE" },
  });
  client.identify({ anonymous_id: "visitor-1", user_id: "user-1", traits: { plan: "pro" } });
  assert.equal(await client.flush(), true);
  assert.deepEqual(errors, []);
  const [row, identified, ...others] = await stored({ anonymous_id: "visitor-1" });
  assert.deepEqual(others, []);
  assert.equal(row.event_id, id);
  assert.deepEqual(row.properties, { total: 99.5, items: ["a", "b"] });
  assert.deepEqual(
    [row.source, row.medium, row.country, row.browser, row.os, row.device_type, row.path],
    ["news", "email", "DE", "safari", "macos", "desktop", "/checkout"],
  );
  assert.deepEqual(
    [identified.event_name, identified.user_id, identified.properties],
    ["$identify", "user-1", { plan: "pro" }],
  );
});

test("many batches keep their order", async () => {
  const { client, errors } = newClient({ batchSize: 150 });
  const names = Array.from({ length: 700 }, (_, i) => `many-${i}`);
  const timestamp = new Date().toISOString();
  // At the same time, so that the order of arrival is all there is.
  for (const event of names) client.track({ event, timestamp, user_id: "user-many" });
  assert.equal(await client.flush(), true);
  assert.deepEqual(errors, []);
  const rows = await stored({ user_id: "user-many" });
  assert.deepEqual(
    rows.map((row) => row.event_name),
    names,
  );
});

test("a batch whose answer was lost is stored once", async () => {
  let lost = 0;
  const { client, errors } = newClient({
    async fetch(input, init) {
      const response = await fetch(input, init);
      if (lost++ > 0) return response;
      assert.equal(response.status, 202);
      throw new TypeError("the answer was lost");
    },
  });
  for (const event of ["a", "b", "c"]) client.track({ event, user_id: "user-lost" });
  assert.equal(await client.flush(), true);
  assert.equal(lost, 2);
  assert.deepEqual(errors, []);
  const rows = await stored({ user_id: "user-lost" });
  assert.deepEqual(
    rows.map((row) => row.event_name),
    ["a", "b", "c"],
  );
});

test("the events that the server refuses are told one by one, the others are stored", async () => {
  const { client, errors } = newClient();
  const user_id = "user-refused";
  for (let i = 0; i < 60; i++) client.track({ event: "", user_id, properties: { i } });
  client.track({ event: "good", user_id });
  client.track({ event: "large", user_id, properties: { text: "x".repeat(9000) } });
  client.track({ event: "fine", user_id });
  assert.equal(await client.flush(), true);
  assert.deepEqual(
    (await stored({ user_id })).map((row) => row.event_name),
    ["good", "fine"],
  );
  assert.equal(errors.length, 61);
  for (const { code, status, events } of errors) {
    assert.deepEqual([code, status, events.length], ["invalid_payload", 400, 1]);
  }
  assert.deepEqual(Object.keys(errors[0].details.fieldErrors), ["event"]);
  assert.deepEqual(Object.keys(errors[60].details.fieldErrors), ["properties"]);
  assert.equal(errors[60].events[0].event, "large");
});

test("a single wrong event is told with its fields", async () => {
  const { client, errors } = newClient();
  client.track({ event: "x".repeat(129) });
  assert.equal(await client.flush(), true);
  assert.deepEqual(Object.keys(errors[0].details.fieldErrors), ["event"]);
});

for (const [what, key, status, code] of /** @type {const} */ ([
  [
    "a key that nobody has",
    "sk_live_nobody01_local-development-only-secret",
    401,
    "invalid_api_key",
  ],
  [
    "a key that may only read",
    "rk_live_solork01_local-development-only-secret",
    403,
    "insufficient_scope",
  ],
  ["a browser's key", "pk_live_shoppk01_local-development-only-secret", 403, "origin_not_allowed"],
])) {
  test(`${what} is told, and not tried again`, async () => {
    const { client, errors } = newClient({ key });
    client.track({ event: "a" });
    assert.equal(await client.flush(), true);
    assert.deepEqual(
      errors.map((error) => [error.status, error.code, error.events[0].event]),
      [[status, code, "a"]],
    );
  });
}

test("a server that is asked too often gets everything in the end", async () => {
  const { client, errors } = newClient({
    batchSize: 10,
    async fetch(input, init) {
      const response = await fetch(input, init);
      const wait = response.headers.get("retry-after");
      if (response.status === 429) assert.match(wait ?? "", /^[1-9]\d*$/);
      return response;
    },
  });
  // More batches than the project's bucket holds.
  for (let i = 0; i < 250; i++) client.track({ event: `often-${i}`, user_id: "user-often" });
  assert.equal(await client.flush(), true);
  assert.deepEqual(errors, []);
  assert.equal((await stored({ user_id: "user-often" })).length, 250);
});
