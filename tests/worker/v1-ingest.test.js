/** Events over HTTP: how many at once, what is stored once, and what is forgotten. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { rawFetch } from "./support/raw.js";
import { bareRequest } from "./support/requests.js";
import { ADMIN_TOKEN, startWorker } from "./support/worker.js";

/** @typedef {import("./support/worker.js").RunningWorker} RunningWorker */

const NOW = Date.parse("2026-11-20T12:00:00.000Z");
const HOUR = 3_600_000;
const ALL = "from=2026-11-01&to=2026-12-01";

/**
 * @param {RunningWorker} worker
 * @param {string} path
 * @param {object} body
 * @param {string} [key]
 */
async function post(worker, path, body, key = worker.keys.shop.sk) {
  const response = await fetch(`${worker.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/**
 * @param {RunningWorker} worker
 * @param {string} path
 * @param {string} [key]
 * @returns {Promise<string>}
 */
async function get(worker, path, key = worker.keys.shop.rk) {
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${worker.url}${path}`, { headers });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text;
}

/** @param {RunningWorker} worker */
const stored = async (worker) =>
  JSON.parse(await get(worker, `/v1/stats?${ALL}`)).rows[0]?.value ?? 0;

/**
 * How many of so many requests at one moment are let through; the others are all alike.
 *
 * @param {number} count
 * @param {() => ReturnType<typeof post>} send
 */
async function letThrough(count, send) {
  const answers = [];
  for (let sent = 0; sent < count; sent += 25) {
    answers.push(...(await Promise.all(Array.from({ length: Math.min(25, count - sent) }, send))));
  }
  const refused = answers.filter(({ status }) => status !== 202);
  for (const { status, headers, body } of refused) {
    assert.equal(status, 429);
    assert.equal(body.error, "rate_limited");
    assert.equal(body.retry_after_s, 1);
    assert.equal(headers.get("retry-after"), "1");
  }
  return answers.length - refused.length;
}

describe("rate limits", () => {
  /** @type {RunningWorker} */
  let worker;
  before(async () => {
    worker = await startWorker({ now: NOW });
  });
  after(() => worker.dispose());

  const track = (/** @type {string} */ key) => () =>
    post(worker, "/v1/track", { event: "tick" }, key);
  const batch = () => post(worker, "/v1/batch", { events: [{ event: "a" }, { event: "b" }] });

  test("track: 200 at once, 50 a second, for all keys of a project together", async () => {
    const mint = { kind: "sk", project_id: "prj_shop" };
    const minted = await post(worker, "/admin/keys", mint, ADMIN_TOKEN);
    assert.equal(minted.status, 201);
    const { shop, blog } = worker.keys;

    assert.equal(await letThrough(250, track(shop.sk)), 200);
    assert.equal(await letThrough(5, track(minted.body.key)), 0);
    assert.equal(
      (await post(worker, "/v1/identify", { anonymous_id: "a", user_id: "u" })).status,
      429,
    );
    assert.equal(await letThrough(50, track(blog.sk)), 50);
    await worker.setNow(NOW + 1000);
    assert.equal(await letThrough(30, track(shop.sk)), 30);
    assert.equal(await letThrough(30, track(minted.body.key)), 20);
    assert.equal(await letThrough(205, track(blog.sk)), 200);
  });

  test("batch: 20 at once, 5 a second, beside track's", async () => {
    assert.equal(await letThrough(30, batch), 20);
    await worker.setNow(NOW + 2000);
    assert.equal(await letThrough(10, batch), 5);
    assert.equal(await letThrough(60, track(worker.keys.shop.sk)), 50);
  });

  test("what was refused is not stored", async () => {
    await worker.setNow(NOW + HOUR);
    assert.equal(await stored(worker), 200 + 50 + 50 + 2 * 25);
  });
});

describe("a batch with wrong events", () => {
  /** @type {RunningWorker} */
  let worker;
  before(async () => {
    worker = await startWorker({ now: NOW });
  });
  after(() => worker.dispose());

  test("stores nothing and names the wrong one", async () => {
    const events = [{ event: "good" }, { event: "" }, { event: "good" }];
    const { status, body } = await post(worker, "/v1/batch", { events });
    assert.equal(status, 400);
    assert.equal(body.error, "invalid_payload");
    assert.deepEqual(
      body.details.events.map((/** @type {any} */ e) => [e.index, Object.keys(e.fieldErrors)]),
      [[1, ["event"]]],
    );
    await worker.setNow(NOW + HOUR);
    assert.equal(await stored(worker), 0);
  });

  test("of more than 1 MiB is not read", async () => {
    const body = JSON.stringify({ events: [{ event: "large" }] }).padEnd(2 ** 20 + 1);
    const headers = {
      authorization: `Bearer ${worker.keys.shop.sk}`,
      "content-type": "application/json",
    };
    for (const path of ["/v1/batch", "/v1/track", "/v1/identify", "/v1/forget"]) {
      const got = await rawFetch(`${worker.url}${path}`, { method: "POST", headers, body });
      const { error } = JSON.parse(new TextDecoder().decode(got.body));
      assert.deepEqual([got.status, error], [413, "payload_too_large"], path);
    }
    const fits = { method: "POST", headers, body: body.slice(0, -1) };
    assert.equal((await rawFetch(`${worker.url}/v1/batch`, fits)).status, 202);
  });

  test("names at most 50 of them", async () => {
    const events = Array.from({ length: 121 }, (_, i) => (i % 2 === 0 ? {} : { event: "good" }));
    const { status, body } = await post(worker, "/v1/batch", { events });
    assert.equal(status, 400);
    const expected = Array.from({ length: 50 }, (_, i) => 2 * i);
    assert.deepEqual(
      body.details.events.map((/** @type {any} */ e) => e.index),
      expected,
    );
    assert.match(body.error_description, /^61 of 121 /);
    await worker.setNow(NOW + 2 * HOUR);
    assert.equal(await stored(worker), 1, "the large one");
  });
});

describe("on a disk", () => {
  /** @type {string} */
  let directory;
  /** @type {Set<RunningWorker>} */
  const running = new Set();
  /** @param {import("./support/worker.js").StartOptions} options */
  const start = async (options) => {
    const worker = await startWorker(options);
    running.add(worker);
    return worker;
  };
  const stop = (/** @type {RunningWorker} */ worker) => {
    running.delete(worker);
    return worker.dispose();
  };
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "millimetric-v1-"));
  });
  after(async () => {
    await Promise.all([...running].map(stop)); // those of a failed test
    await rm(directory, { recursive: true });
  });

  test("the same event_id is stored once", async () => {
    const persist = join(directory, "duplicates");
    const first = await start({ persist, now: NOW });
    const event = { event: "order", event_id: "order-1" };
    const other = { event: "order", event_id: "order-2" };

    const within = await post(first, "/v1/batch", { events: [event, event, event] });
    assert.deepEqual(within.body, { ok: true, count: 3, duplicates: 2 });
    const across = await post(first, "/v1/batch", { events: [event, other] });
    assert.deepEqual(across.body, { ok: true, count: 2, duplicates: 1 });
    const tracked = await post(first, "/v1/track", event);
    assert.deepEqual([tracked.status, tracked.body], [202, { ok: true, event_id: "order-1" }]);

    const connections = Array.from({ length: 20 }, (_, i) =>
      i % 4 === 0
        ? post(first, "/v1/batch", { events: [{ event: "x", event_id: "both" }] })
        : post(first, "/v1/track", { event: "x", event_id: "both" }),
    );
    assert.deepEqual([...new Set((await Promise.all(connections)).map((a) => a.status))], [202]);
    await stop(first);

    const second = await start({ persist, now: NOW + 1000, seed: false });
    const again = await post(second, "/v1/batch", {
      events: [event, other, { event: "x", event_id: "both" }],
    });
    assert.deepEqual(again.body, { ok: true, count: 3, duplicates: 3 });
    await second.setNow(NOW + HOUR);
    const rows = JSON.parse(await get(second, `/v1/query?${ALL}`)).rows;
    assert.deepEqual(rows.map((/** @type {any} */ row) => row.event_id).sort(), [
      "both",
      "order-1",
      "order-2",
    ]);
    await stop(second);
  });

  for (const by of /** @type {const} */ (["anonymous_id", "user_id"])) {
    test(`who is forgotten by ${by} is in no answer and in no file`, async () => {
      const persist = join(directory, by);
      const worker = await start({ persist, now: NOW });
      for (let sent = 0; sent < 1000; sent += 250) {
        const events = Array.from({ length: 250 }, (_, i) => someEvent(sent + i));
        assert.equal((await post(worker, "/v1/batch", { events })).status, 202);
      }
      const identity = { anonymous_id: VISITOR, user_id: PERSON, traits: { mail: MAIL } };
      assert.equal((await post(worker, "/v1/identify", identity)).status, 200);
      await worker.setNow(NOW + HOUR);
      const known = await everyAnswer(worker);
      for (const secret of SECRETS) assert.ok(known.includes(secret), `${secret} was there`);
      assert.notEqual((await filesWith(persist, SECRETS)).length, 0);

      const id = by === "user_id" ? PERSON : VISITOR;
      const gone = await post(worker, "/v1/forget", { [by]: id });
      assert.deepEqual(gone.body, { ok: true, deleted: 101 });

      assert.equal(await stored(worker), 900);
      const afterwards = await everyAnswer(worker);
      for (const secret of SECRETS) assert.ok(!afterwards.includes(secret), `${secret} is gone`);
      assert.deepEqual(await filesWith(persist, SECRETS), []);
      const again = await post(worker, "/v1/forget", { [by]: id });
      assert.deepEqual(again.body, { ok: true, deleted: 0 });
      await stop(worker);

      const restarted = await start({ persist, now: NOW + HOUR, seed: false });
      assert.equal(await stored(restarted), 900);
      await stop(restarted);
      assert.deepEqual(await filesWith(persist, SECRETS), []);
    });
  }

  const changes = {
    "has been resharded": async (/** @type {RunningWorker} */ worker) => {
      for (let done = false; !done;) {
        const step = await post(worker, "/admin/shards?project=prj_shop", { to: 2 }, ADMIN_TOKEN);
        assert.equal(step.status, 200, JSON.stringify(step.body));
        done = /** @type {any} */ (step.body).done;
      }
    },
    "has lost what was too old": async (/** @type {RunningWorker} */ worker) => {
      await worker.setNow(NOW + 365 * 24 * HOUR - 500_500); // half of them are older
      const expired = await post(worker, "/admin/retention", {}, ADMIN_TOKEN);
      assert.equal(expired.status, 200, JSON.stringify(expired.body));
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    test(`who is forgotten in a project that ${what} is in no file`, async () => {
      const persist = join(directory, what);
      const worker = await start({ persist, now: NOW });
      for (let sent = 0; sent < 2000; sent += 100) {
        const events = Array.from({ length: 100 }, (_, i) => ({
          ...someEvent(sent + i),
          timestamp: new Date(NOW - 500 * (sent + i)).toISOString(),
          // More than what is written over the log with could cover, if it were only deleted.
          properties: { text: randomBytes(3500).toString("hex"), mail: MAIL },
        }));
        const path = "/admin/import?project=prj_shop";
        assert.equal((await post(worker, path, { events }, ADMIN_TOKEN)).status, 200);
      }
      await change(worker);
      const { body } = await post(worker, "/v1/forget", { anonymous_id: VISITOR });
      assert.ok(/** @type {any} */ (body).deleted > 0, JSON.stringify(body));
      assert.deepEqual(await filesWith(persist, [VISITOR, PERSON]), []);
      await stop(worker);
    });
  }
});

const VISITOR = "4f1c7a9e-visitor-to-forget";
const PERSON = "person-to-forget@example.com";
const MAIL = "mail-to-forget@example.net";
const SECRETS = [VISITOR, PERSON, MAIL];

/**
 * @param {number} i
 * @param {boolean} theirs
 */
const pageOf = (i, theirs) => `https://shop.example/${i % 99}${theirs ? `?who=${PERSON}` : ""}`;

/**
 * Every tenth is the visitor's, and every second of those is known to be the person's.
 *
 * @param {number} i
 */
function someEvent(i) {
  const theirs = i % 10 === 0;
  return {
    event: `event ${i % 5}`,
    event_id: `e-${i}`,
    anonymous_id: theirs ? VISITOR : `4f1c7a9e-visitor-${i % 300}`,
    ...(theirs && i % 20 === 0 ? { user_id: PERSON } : {}),
    // Enough of both for the referrers to be stored as urls.
    url: pageOf(i, theirs),
    referrer: pageOf(theirs ? i : i + 1, theirs),
    properties: { i, ...(theirs ? { text: `${MAIL} `.repeat(i % 100) } : {}) },
  };
}

const TOOLS = {
  query_events: { limit: 1000 },
  get_stats: { group_by: "path", metric: "uniques" },
  top_sources: {},
  funnel: { steps: ["event 0", "$identify"], by: "person" },
};

/**
 * The text of every answer that could show a visitor.
 *
 * @param {RunningWorker} worker
 */
async function everyAnswer(worker) {
  const { shop, demo } = worker.keys;
  const calls = Object.entries(TOOLS).flatMap(([name, args]) => [
    ask(worker, shop.rk, "tools/call", { name, arguments: args }),
    ask(worker, demo.ak, "tools/call", { name, arguments: { ...args, project_slug: "shop" } }),
  ]);
  const uris = ["events://recent", "schema://events"];
  const steps = encodeURIComponent(JSON.stringify(["event 0", "$identify"]));
  const texts = await Promise.all([
    ...calls,
    ...uris.map((uri) => ask(worker, shop.rk, "resources/read", { uri })),
    get(worker, `/v1/query?${ALL}&limit=1000`),
    get(worker, `/v1/query?${ALL}&anonymous_id=${VISITOR}`),
    get(worker, `/v1/query?${ALL}&user_id=${encodeURIComponent(PERSON)}`),
    get(worker, `/v1/stats?${ALL}&group_by=path`),
    get(worker, `/v1/sources?${ALL}`),
    get(worker, `/v1/funnel?${ALL}&steps=${steps}`),
    get(worker, "/admin/export?project=prj_shop&limit=1000", ADMIN_TOKEN),
  ]);
  // A filter that is given is repeated in the notice of an empty answer, by whoever asks for it.
  return texts.map((text) => text.replaceAll(/"notice":"(?:[^"\\]|\\.)*"/g, "")).join("\n");
}

/**
 * @param {RunningWorker} worker
 * @param {string} key
 * @param {string} method
 * @param {Record<string, unknown>} params
 */
async function ask(worker, key, method, params) {
  const path = key.startsWith("ak_") ? "/mcp/account" : "/mcp";
  const response = await fetch(`${worker.url}${path}`, bareRequest(key, { method, params }));
  return response.text();
}

/**
 * The files below a directory that hold one of the texts.
 *
 * @param {string} directory
 * @param {string[]} texts
 */
async function filesWith(directory, texts) {
  const found = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    const held = texts.filter((text) => bytes.includes(text));
    if (held.length > 0) found.push(`${entry.name} (${bytes.length} bytes): ${held.join(", ")}`);
  }
  return found;
}
