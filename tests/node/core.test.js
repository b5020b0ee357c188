/** The module behind its host: traps, calls in flight, memory. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readFileSync } from "node:fs";
import { Core, GATEWAY, InstanceLost, SERVE } from "../../host-js/core.js";
import { FrameWriter, readHttpResponse, writeHttpRequest } from "../../host-js/frames.js";
import { NOW, keyOf, startServer } from "./support/server.js";

/**
 * Holds the gateway's effects back until they are let go.
 *
 * @returns {{
 *   wrapEffects: import("../../host-js/node-harness.js").HarnessOptions["wrapEffects"],
 *   held: (() => void)[],
 *   waits: boolean,
 * }}
 */
function gate() {
  const self = {
    /** @type {(() => void)[]} */
    held: [],
    waits: true,
    /** @type {import("../../host-js/node-harness.js").HarnessOptions["wrapEffects"]} */
    wrapEffects: (perform) => async (effect) => {
      if (self.waits) await new Promise((resolve) => self.held.push(() => resolve(undefined)));
      return perform(effect);
    },
  };
  return self;
}

/** Lets everything go on that can go on without a held effect. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a hundred of the largest bodies at once", () => {
  test("are more than the module has memory for: some are told to come back, and none traps", async () => {
    const effects = gate();
    const server = startServer({ wrapEffects: effects.wrapEffects });
    const large = " ".repeat(2 ** 20);
    const calls = [];
    for (let i = 0; i < 100; i++) calls.push(server.post("/mcp", keyOf("shoprk01"), large));
    await settled();
    effects.waits = false;
    effects.held.splice(0).forEach((letGo) => letGo());

    const answers = await Promise.all(calls);
    const refused = answers.filter(({ status }) => status === 429);
    // Two at a time, and 24 waiting, which here takes no time, so that some have waited too often.
    assert.ok(refused.length >= 74 && refused.length <= 98, `${refused.length} refused`);
    for (const { headers, json } of refused) {
      assert.deepEqual([headers.get("retry-after"), json.error], ["1", "rate_limited"]);
    }
    const others = answers.filter(({ status }) => status !== 429);
    assert.ok(others.every(({ json }) => json.error.data.error === "parse_error"));

    const { status, json } = await server.tool("shoprk01", "get_stats");
    assert.deepEqual([status, json.result.structuredContent.rows], [200, [{ value: 0 }]]);
    server.dispose();
  });
});

test("large bodies whose effects are never answered keep their turn for a minute, not for ever", async (t) => {
  let passed = 0;
  const started = performance.now();
  t.mock.method(performance, "now", () => started + passed);
  const effects = gate();
  const server = startServer({ wrapEffects: effects.wrapEffects });
  const large = { event: "large", properties: { text: "x".repeat(7000) } };
  const events = Array.from({ length: 140 }, () => large);
  const send = () => server.post("/v1/batch", keyOf("shopsk01"), { events });
  const abandoned = [send(), send()];
  const unanswered = effects.held.splice(0);
  effects.waits = false;

  passed = 59_000;
  assert.equal((await send()).status, 429);
  passed = 61_000;
  assert.equal((await send()).status, 202);

  // Should there be an answer after all, each call ends by itself, and does nothing to others.
  unanswered.forEach((letGo) => letGo());
  const outcomes = await Promise.allSettled(abandoned);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  assert.equal((await send()).status, 202);
  server.dispose();
});

const RealInstance = WebAssembly.Instance;

/** Instances whose `mm_begin`, or whose `mm_release`, traps as often as it is told. */
function trapping() {
  const self = { traps: 0, releaseTraps: 0, made: 0 };
  WebAssembly.Instance = /** @type {any} */ (
    class {
      /** @param {ConstructorParameters<typeof RealInstance>} args */
      constructor(...args) {
        self.made++;
        const { exports } = new RealInstance(...args);
        const begin = /** @type {(...args: number[]) => number} */ (exports.mm_begin);
        const release = /** @type {(request: number) => void} */ (exports.mm_release);
        return {
          exports: {
            ...exports,
            mm_release(/** @type {number} */ request) {
              if (self.releaseTraps-- > 0) throw new WebAssembly.RuntimeError("unreachable");
              release(request);
            },
            mm_begin(/** @type {number[]} */ ...given) {
              if (self.traps-- > 0) throw new WebAssembly.RuntimeError("unreachable");
              return begin(...given);
            },
          },
        };
      }
    }
  );
  return self;
}

test("a gateway that traps is replaced, and takes only the calls in flight with it", async () => {
  const effects = gate();
  const double = trapping();
  const server = startServer({ wrapEffects: effects.wrapEffects });
  const ask = () => server.tool("shoprk01", "get_stats");
  try {
    const inFlight = [ask(), ask(), ask()];
    double.traps = 1;
    const calls = [...inFlight, ask(), ask()];
    const outcomes = Promise.allSettled(calls);
    await settled();
    effects.waits = false;
    effects.held.splice(0).forEach((letGo) => letGo());

    const reasons = (await outcomes).map((o) => (o.status === "rejected" ? o.reason : undefined));
    assert.ok(reasons.slice(0, 3).every((reason) => reason instanceof InstanceLost));
    assert.ok(reasons[3] instanceof WebAssembly.RuntimeError);
    assert.equal(reasons[4], undefined);
  } finally {
    WebAssembly.Instance = RealInstance;
    server.dispose();
  }
});

test("an instance that traps while it is given a request back has answered all the same", async () => {
  const effects = gate();
  const double = trapping();
  const server = startServer({ wrapEffects: effects.wrapEffects });
  try {
    const asked = server.rpc("shoprk01", "ping"); // asks the control plane, and no store
    await settled();
    double.releaseTraps = 1;
    effects.waits = false;
    effects.held.splice(0).forEach((letGo) => letGo());
    assert.deepEqual((await asked).json.result, {});
    assert.equal(double.made, 1);
    assert.equal((await server.rpc("shoprk01", "ping")).status, 200);
    assert.equal(double.made, 2, "the next call has another instance");
  } finally {
    WebAssembly.Instance = RealInstance;
    server.dispose();
  }
});

describe("an error of the host's own, as it reads a response", () => {
  const file = new URL("../../build/wasm-release/millimetric.wasm", import.meta.url);
  const module = new WebAssembly.Module(readFileSync(file));
  const moment = { now: NOW, seed: new Uint8Array(32) };

  /** @param {string} path */
  const frameOf = (path) =>
    writeHttpRequest(
      new FrameWriter(),
      moment,
      /** @type {any} */ ({
        method: "GET",
        url: `http://host${path}`,
        headers: new Headers({ authorization: `Bearer ${keyOf("shoprk01")}` }),
      }),
      { bytes: new Uint8Array(), cut: false },
    );
  const wrong = () => {
    throw new Error("of the host's own");
  };

  for (const [how, path] of [
    ["at once", "/healthz"],
    ["after an effect", "/v1/stats"],
  ]) {
    test(`${how}, fails that call alone`, async () => {
      const core = new Core(module, GATEWAY, new FrameWriter().text("").text(""));
      const effects = gate();
      const nothing = async () => ({ failure: "the control plane does not answer" });
      const perform = effects.wrapEffects?.(nothing) ?? nothing;
      const other = core.run(SERVE, frameOf("/v1/stats"), perform, readHttpResponse);
      const failed = (async () => core.run(SERVE, frameOf(path), perform, wrong))();
      const outcome = assert.rejects(failed, /of the host's own/);
      await settled();
      effects.waits = false;
      effects.held.splice(0).forEach((letGo) => letGo());
      await outcome;
      assert.equal((await other).status, 502, "the other one is answered");
    });
  }
});

describe("a store that traps", () => {
  test("fails the call that it served, and its events are still there for the next", async () => {
    const server = startServer();
    await server.tool("shopsk01", "track_event", { event: "a" }); // the gateway's instance is real
    const double = trapping();
    try {
      await server.tool("blogsk01", "track_event", { event: "b" }); // the store's is not
      assert.equal(double.made, 1);
      double.traps = 1;
      const failed = await server.tool("blogsk01", "get_stats", { to: "2026-11-21" });
      assert.deepEqual([failed.status, failed.json.error.data.error], [200, "tool_failed"]);
      const next = await server.tool("blogsk01", "get_stats", { to: "2026-11-21" });
      assert.deepEqual(next.json.result.structuredContent.rows, [{ value: 1 }]);
      assert.equal(double.made, 2, "the store's instance was replaced");
    } finally {
      WebAssembly.Instance = RealInstance;
      server.dispose();
    }
  });
});

describe("calls in flight", () => {
  test("are not mixed up when the last effect is answered first", async () => {
    const effects = gate();
    const server = startServer({ wrapEffects: effects.wrapEffects });
    const names = Array.from({ length: 30 }, (_, i) => `event_${i}`);
    effects.waits = false;
    await server.importEvents(
      "prj_shop",
      names.flatMap((event, i) => Array.from({ length: i + 1 }, () => ({ event }))),
    );
    effects.waits = true;
    const asked = names.map((event) =>
      server.tool("shoprk01", "get_stats", { event, to: "2026-11-21" }),
    );
    let left = asked.length;
    for (const answer of asked) void answer.finally(() => left--);
    for (; left > 0; await settled()) effects.held.pop()?.();
    const values = (await Promise.all(asked)).map(
      ({ json }) => json.result.structuredContent.rows[0].value,
    );
    assert.deepEqual(
      values,
      names.map((_, i) => i + 1),
    );
    server.dispose();
  });
});

describe("memory", () => {
  test("batches that wait for their store hold their strings, not their whole documents", async () => {
    const events = Array.from({ length: 1000 }, (_, i) => ({
      event: "$pageview",
      anonymous_id: `v${i}`,
      url: `https://shop.example/${"p".repeat(350)}`,
    }));
    /** @param {number} batches */
    const bytesBehind = async (batches) => {
      let missing = batches;
      const { promise: allWait, resolve } = Promise.withResolvers();
      const server = startServer({
        wrapEffects: (perform) => (effect) => {
          if (effect.kind !== "store") return perform(effect);
          if (--missing === 0) resolve(undefined);
          return new Promise(() => {});
        },
      });
      for (let i = 0; i < batches; i++) {
        void server.post("/v1/batch", keyOf("shopsk01"), { events });
      }
      await allWait;
      const bytes = server.harness.memoryBytes;
      server.dispose();
      return bytes;
    };
    const [one, four] = [await bytesBehind(1), await bytesBehind(4)];
    assert.ok(four < 2.5 * one, `${four} bytes for four, ${one} for one`);
  });

  test("does not grow over thousands of calls", async () => {
    const server = startServer();
    const events = Array.from({ length: 1000 }, (_, i) => ({
      event: i % 3 === 0 ? "signup" : "$pageview",
      timestamp: new Date(NOW - i * 60_000).toISOString(),
      anonymous_id: `v${i % 97}`,
      url: `https://shop.example/p/${i % 50}?utm_source=s${i % 7}`,
    }));
    await server.importEvents("prj_shop", events);
    await server.importEvents("prj_blog", events);
    const large = { event: "x".repeat(100), properties: { a: "y".repeat(8000) } };
    const round = async () => {
      await server.rpc("shoprk01", "tools/list");
      await server.tool("shoprk01", "query_events", { limit: 50 });
      await server.tool("demoak01", "get_stats", { group_by: "path", metric: "uniques" });
      await server.tool("demoak01", "top_sources");
      await server.tool("shoprk01", "funnel", { steps: ["$pageview", "signup"], by: "person" });
      await server.tool("blogsk01", "track_event", { ...large, event_id: "one" }, NOW);
      await server.rpc("shoprk01", "resources/read", { uri: "schema://events" });
      await server.tool("shoprk01", "get_stats", { limit: -1, unknown: large });
      await server.post("/mcp", keyOf("shoprk01"), "[".repeat(5000));
      await server.post("/mcp", keyOf("nobodk01").replace("dk", "sk"), {});
    };
    const rounds = async (/** @type {number} */ n) => {
      for (let i = 0; i < n; i++) await round();
      return server.harness.memoryBytes;
    };
    const settledBytes = await rounds(30); // until every pool and cache has its size
    assert.equal(await rounds(300), settledBytes);
    server.dispose();
  });
});
