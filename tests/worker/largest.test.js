/** The largest bodies and the largest events, many at once: an instance has 96 MB for all of them. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ADMIN_TOKEN, startWorker } from "./support/worker.js";

const AT_ONCE = 20;
const NEARLY_A_MEGABYTE = 980_000;

/** @type {import("./support/worker.js").RunningWorker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker.dispose());

/**
 * @param {string} path
 * @param {string} key
 * @param {unknown} body
 */
async function post(path, key, body) {
  const response = await fetch(worker.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: /** @type {any} */ (await response.json()) };
}

/** @param {() => Promise<{ status: number }>} send */
async function allAtOnce(send) {
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, send));
  return answers.map(({ status }) => status);
}

const all = (/** @type {number} */ status) => Array(AT_ONCE).fill(status);

describe("twenty of the largest bodies at once are all answered", () => {
  const events = Array.from({ length: 130 }, () => ({
    event: "large",
    properties: { text: "x".repeat(7500) },
  }));

  test("as batches", async () => {
    assert.ok(JSON.stringify({ events }).length > NEARLY_A_MEGABYTE);
    const send = () => post("/v1/batch", worker.keys.shop.sk, { events });
    assert.deepEqual(await allAtOnce(send), all(202));
  });

  test("as imports", async () => {
    const send = () => post("/admin/import?project=prj_blog", ADMIN_TOKEN, { events });
    assert.deepEqual(await allAtOnce(send), all(200));
  });

  test("as JSON-RPC, and a small one beside them", async () => {
    const call = (/** @type {object} */ more) => ({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "get_stats", arguments: {}, ...more },
    });
    const large = call({ _meta: { text: "x".repeat(NEARLY_A_MEGABYTE) } });
    const [statuses, small] = await Promise.all([
      allAtOnce(() => post("/mcp", worker.keys.shop.rk, large)),
      post("/mcp", worker.keys.shop.rk, call({})),
    ]);
    assert.deepEqual(statuses, all(200));
    assert.equal(small.body.result.structuredContent.rows.length, 1);
  });
});

describe("bodies of nothing but names that nobody knows", () => {
  const names = Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`k${i}`, i]));

  test("are events like others", async () => {
    const event = { event: "named", anonymous_id: 5, ...names };
    assert.equal((await post("/v1/track", worker.keys.shop.sk, event)).status, 202);
  });

  test("are wrong arguments of a tool, of which some are named", async () => {
    const params = { name: "get_stats", arguments: names };
    const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
    const { status, body } = await post("/mcp", worker.keys.shop.rk, call);
    assert.equal(status, 200);
    assert.equal(body.result.isError, true);
    const { fieldErrors } = JSON.parse(body.result.content[0].text).details;
    assert.equal(Object.keys(fieldErrors).length, 21);
    assert.deepEqual(fieldErrors.k20, ["unknown argument, as are 59980 in all"]);
  });
});

describe("forty megabytes that cannot be compressed", () => {
  const BATCHES = 44;
  const PER_BATCH = 120;
  const path = "/admin/import?project=prj_blog";
  const noise = () => randomBytes(3700).toString("hex");

  test("are taken in, merged, asked for and forgotten", async () => {
    const send = async (/** @type {number} */ batch) => {
      const events = Array.from({ length: PER_BATCH }, (_, i) => ({
        event: "noisy",
        anonymous_id: `v${i}`,
        event_id: `${batch}-${i}`,
        properties: { text: noise() },
      }));
      const { status, body } = await post(path, ADMIN_TOKEN, { events });
      assert.equal(status, 200, JSON.stringify(body));
    };
    for (let batch = 0; batch < BATCHES; batch += 4) {
      await Promise.all([0, 1, 2, 3].map((i) => send(batch + i)));
    }
    assert.equal(await noisy(), BATCHES * PER_BATCH);
    await settled();
    const forgotten = await post("/v1/forget", worker.keys.blog.sk, { anonymous_id: "v7" });
    assert.deepEqual(forgotten.body, { ok: true, deleted: BATCHES });
    assert.equal(await noisy(), BATCHES * (PER_BATCH - 1));
  });

  async function noisy() {
    const response = await fetch(
      `${worker.url}/v1/stats?from=2026-01-01&to=2100-01-01&event=noisy`,
      {
        headers: { authorization: `Bearer ${worker.keys.blog.rk}` },
      },
    );
    const body = /** @type {any} */ (await response.json());
    assert.equal(response.status, 200, JSON.stringify(body));
    return body.rows[0].value;
  }

  /** Waits until nothing is left to be merged. */
  async function settled() {
    for (let i = 0; i < 600; ++i) {
      const response = await fetch(`${worker.url}/admin/storage?project=prj_blog`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      });
      const { merge_debt: debt } = /** @type {any} */ (await response.json());
      if (debt === 0) return;
      await sleep(100);
    }
    assert.fail("segments are left to be merged");
  }
});

describe("a thousand of the largest events", () => {
  const EVENTS = 1000;
  const PER_BATCH = 25;
  const largest = (/** @type {number} */ i) => ({
    event: "largest",
    event_id: `largest-${i}`,
    // Four bytes each, and one code point.
    url: `https://shop.example/${"😀".repeat(2020)}`,
    referrer: `https://other.example/${"😀".repeat(2020)}`,
    path: `/${"😀".repeat(2040)}`,
    properties: { text: "\\".repeat(4000) },
  });

  before(async () => {
    for (let i = 0; i < EVENTS; i += PER_BATCH) {
      const events = Array.from({ length: PER_BATCH }, (_, k) => largest(i + k));
      const { status, body } = await post("/admin/import?project=prj_solo", ADMIN_TOKEN, {
        events,
      });
      assert.equal(status, 200, JSON.stringify(body));
    }
  });

  /** @param {(cursor: string | undefined) => Promise<any>} page its rows and next_cursor */
  async function ids(page) {
    /** @type {string[]} */
    const found = [];
    /** @type {string | undefined} */
    let cursor;
    do {
      const { rows, next_cursor } = await page(cursor);
      assert.ok(rows.length > 0);
      found.push(...rows.map((/** @type {any} */ row) => row.event_id));
      cursor = next_cursor;
    } while (cursor !== undefined);
    return found.sort();
  }
  const everyId = Array.from({ length: EVENTS }, (_, i) => `largest-${i}`).sort();

  test("are read over REST, in pages as large as fit", async () => {
    const range = "from=2026-01-01&to=2100-01-01&event=largest&limit=1000";
    const page = async (/** @type {string | undefined} */ cursor) => {
      const more = cursor === undefined ? "" : `&cursor=${cursor}`;
      const response = await fetch(`${worker.url}/v1/query?${range}${more}`, {
        headers: { authorization: `Bearer ${worker.keys.solo.sk}` },
      });
      assert.equal(response.status, 200);
      return response.json();
    };
    assert.deepEqual(await ids(page), everyId);
  });

  test("are read over MCP", async () => {
    const page = async (/** @type {string | undefined} */ cursor) => {
      const { status, body } = await post("/mcp", worker.keys.solo.sk, {
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name: "query_events", arguments: { event: "largest", limit: 1000, cursor } },
      });
      assert.equal(status, 200);
      return body.result.structuredContent;
    };
    assert.deepEqual(await ids(page), everyId);
  });

  test("are exported", async () => {
    const page = async (/** @type {string | undefined} */ cursor) => {
      const more = cursor === undefined ? "" : `&cursor=${cursor}`;
      const response = await fetch(`${worker.url}/admin/export?project=prj_solo${more}`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      });
      assert.equal(response.status, 200);
      return response.json();
    };
    const found = await ids(page);
    assert.deepEqual(
      found.filter((id) => id.startsWith("largest-")),
      everyId,
    );
  });
});
