/** What a caller is told when the control plane, a digest or a store fails. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { startServer } from "./support/server.js";

/** @typedef {import("../../host-js/frames.js").Effect} Effect */

/** Must never reach a caller. */
const INTERNALS = "table sqlite_secret is on fire";

/** Which effects fail now. */
let broken = /** @type {(effect: Effect) => boolean} */ (() => false);
let brokenInStores = /** @type {(effect: Effect) => boolean} */ (() => false);

/** @type {import("./support/server.js").Server} */
let server;
const { error: log } = console;

beforeEach(async () => {
  console.error = () => {}; // the hosts log each failure
  broken = brokenInStores = () => false;
  server = startServer({
    wrapEffects: (perform) => async (effect) => {
      if (broken(effect)) throw new Error(INTERNALS);
      return perform(effect);
    },
    wrapStoreEffects: (perform) => (effect) => {
      if (brokenInStores(effect)) throw new Error(INTERNALS);
      return perform(effect);
    },
  });
  await server.importEvents("prj_shop", [{ event: "a" }]);
  // A store that has just been woken reads from its database; later small answers come from memory.
  server.harness.evictStores();
});
afterEach(() => {
  console.error = log;
  server.dispose();
});

/**
 * @param {{ status: number, headers: Headers, text: string }} got
 * @param {number} status
 */
function checkFailure(got, status) {
  assert.equal(got.status, status, got.text);
  assert.ok(!got.text.includes("fire"), got.text);
  assert.match(got.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
}

/** Every call that asks a store, by the key's prefix. */
const READS = /** @type {[string, string, object][]} */ ([
  ["shoprk01", "tools/call", { name: "query_events" }],
  ["shoprk01", "tools/call", { name: "get_stats" }],
  ["shoprk01", "tools/call", { name: "get_stats", arguments: { metric: "uniques" } }],
  ["shoprk01", "tools/call", { name: "top_sources" }],
  ["shoprk01", "tools/call", { name: "funnel", arguments: { steps: ["a", "b"] } }],
  ["demoak01", "tools/call", { name: "list_projects" }],
  ["demoak01", "tools/call", { name: "compare_projects" }],
  ["shoprk01", "resources/read", { uri: "events://recent" }],
  ["shoprk01", "resources/read", { uri: "schema://events" }],
  ["demoak01", "resources/read", { uri: "projects://all" }],
  [
    "shoprk01",
    "completion/complete",
    {
      ref: { type: "ref/prompt", name: "conversion_audit" },
      argument: { name: "steps", value: "" },
    },
  ],
]);
const WRITE = { name: "track_event", arguments: { event: "a", event_id: "again" } };

describe("the control plane does not answer", () => {
  for (const kind of ["sql", "hmac"]) {
    test(`upstream_failed, with 502, when ${kind} fails`, async () => {
      broken = (effect) => effect.kind === kind;
      for (const prefix of ["shoprk01", "demoak01"]) {
        const got = await server.rpc(prefix, "tools/list");
        checkFailure(got, 502);
        assert.equal(got.json.error, "upstream_failed");
        assert.equal(typeof got.json.error_description, "string");
      }
    });
  }

  test("a key that is known by now is served from memory", async () => {
    await server.rpc("shoprk01", "ping");
    broken = (effect) => effect.kind !== "store";
    assert.equal((await server.tool("shoprk01", "get_stats")).status, 200);
  });

  test("an import is told so too", async () => {
    broken = (effect) => effect.kind === "sql";
    await assert.rejects(server.importEvents("prj_shop", [{ event: "a" }]), /502.*upstream_failed/);
  });

  test("the daily job says that it did nothing", async () => {
    broken = (effect) => effect.kind === "sql";
    assert.equal(JSON.parse(await server.runDaily(0)).ok, false);
  });
});

/** @type {[string, () => void][]} */
const STORE_FAULTS = [
  ["a store does not answer", () => (broken = (effect) => effect.kind === "store")],
  ["a store's database fails", () => (brokenInStores = () => true)],
];
for (const [fault, breakIt] of STORE_FAULTS) {
  describe(fault, () => {
    for (const [prefix, method, params] of READS) {
      const { name, uri } = /** @type {{ name?: string, uri?: string }} */ (params);
      test(`tool_failed: ${method} ${name ?? uri ?? ""}`, async () => {
        await server.rpc(prefix, "ping");
        breakIt();
        const got = await server.rpc(prefix, method, params);
        checkFailure(got, 200);
        assert.equal(got.json.error.code, -32000);
        assert.equal(got.json.error.data.error, "tool_failed");
      });
    }

    test("tool_failed: track_event, which may be repeated", async () => {
      breakIt();
      const failed = await server.rpc("shopsk01", "tools/call", WRITE);
      checkFailure(failed, 200);
      assert.equal(failed.json.error.data.error, "tool_failed");
      broken = brokenInStores = () => false;
      for (let i = 0; i < 2; i++) {
        const repeated = await server.rpc("shopsk01", "tools/call", WRITE);
        assert.deepEqual(repeated.json.result.structuredContent, { ok: true, event_id: "again" });
      }
      const stats = await server.tool("shoprk01", "get_stats", { to: "2026-11-21" });
      assert.deepEqual(stats.json.result.structuredContent.rows, [{ value: 2 }]);
    });
  });
}

describe("one of two stores does not answer", () => {
  test("the call fails rather than answer with half of the projects", async () => {
    broken = (effect) => effect.kind === "store" && effect.store === "prj_shop";
    for (const name of ["query_events", "get_stats", "list_projects", "compare_projects"]) {
      const got = await server.tool("demoak01", name);
      assert.equal(got.json.error.data.error, "tool_failed");
    }
    const blog = await server.tool("demoak01", "get_stats", { project_slug: "blog" });
    assert.deepEqual(blog.json.result.structuredContent.rows, [{ value: 0 }]);
  });
});

describe("a store's database fails in the middle of an answer", () => {
  /** A question whose answer takes several effects, and that no one has asked before. */
  let asked = 0;
  const ask = () => {
    const to = new Date(Date.parse("2026-11-21") + asked++).toISOString();
    return server.tool("shoprk01", "get_stats", { group_by: "event", metric: "uniques", to });
  };

  test("tool_failed, and the next call is answered", async () => {
    const events = Array.from({ length: 1000 }, (_, i) => ({ event: `e${i}`, event_id: `${i}` }));
    await server.importEvents("prj_shop", events);
    for (let at = 1; at <= 2; at++) {
      let left = at;
      server.harness.evictStores();
      brokenInStores = () => --left === 0;
      const got = await ask();
      assert.equal(got.json.error?.data.error, "tool_failed", `at effect ${at}`);
    }
    brokenInStores = () => false;
    assert.equal((await ask()).json.result.structuredContent.rows.length, 100);
  });
});

describe("an append fails in the middle", () => {
  test("nothing of it is stored", async () => {
    // The statements are one transaction; a failure of the host comes before or after all of them.
    const events = [
      { event: "b", event_id: "b1" },
      { event: "b", event_id: "b2" },
    ];
    let left = 1;
    brokenInStores = (effect) => effect.kind === "sql" && left-- > 0;
    await assert.rejects(server.importEvents("prj_shop", events), /502.*upstream_failed/);
    const stats = await server.tool("shoprk01", "get_stats", { event: "b", to: "2026-11-21" });
    assert.deepEqual(stats.json.result.structuredContent.rows, [{ value: 0 }]);
  });
});
