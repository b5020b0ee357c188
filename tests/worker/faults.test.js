/** What the Worker answers, in each era, when something of its own fails. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bareRequest, modernRequest } from "./support/requests.js";
import { inTree } from "./support/root.js";
import { startWorker } from "./support/worker.js";

/** @type {import("./support/worker.js").RunningWorker} */
let worker;
const MINUTE = 60_000;
let now = Date.parse("2026-11-20T12:00:00.000Z");
before(async () => {
  worker = await startWorker({
    now,
    entry: inTree("tests", "worker", "support", "entries", "faults.js"),
  });
});
after(() => worker?.dispose());

/** Until the keys that were verified by now are no longer remembered. */
const forgetKeys = () => worker.setNow((now += 2 * MINUTE));

/** @typedef {import("./support/requests.js").Call} Call */

/** @type {[string, typeof bareRequest, Record<string, string>][]} */
const ERAS = [
  ["bare", bareRequest, {}],
  ["2025-03-26", bareRequest, { "mcp-protocol-version": "2025-03-26" }],
  ["2025-06-18", bareRequest, { "mcp-protocol-version": "2025-06-18" }],
  ["2025-11-25", bareRequest, { "mcp-protocol-version": "2025-11-25" }],
  ["2026-07-28", modernRequest, {}],
];
const STATS = { method: "tools/call", params: { name: "get_stats", arguments: {} } };

for (const [era, make, headers] of ERAS) {
  /** @param {string} [fault] */
  const ask = async (fault) => {
    const request = make(worker.keys.shop.rk, STATS, 7);
    Object.assign(request.headers, headers, fault === undefined ? {} : { "x-test-fault": fault });
    const response = await fetch(`${worker.url}/mcp`, request);
    const text = await response.text();
    assert.match(response.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.ok(!text.includes("fire"), text);
    return { status: response.status, body: JSON.parse(text) };
  };

  describe(era, () => {
    test("502 upstream_failed when the control plane does not answer", async () => {
      await forgetKeys();
      const { status, body } = await ask("control");
      assert.equal(status, 502);
      assert.deepEqual(Object.keys(body), ["error", "error_description"]);
      assert.equal(body.error, "upstream_failed");
    });

    test("tool_failed, with 200, when a store does not answer", async () => {
      const { status, body } = await ask("store");
      assert.deepEqual([status, body.id], [200, 7]);
      assert.deepEqual([body.error.code, body.error.data.error], [-32000, "tool_failed"]);
    });

    test("500 internal_error when the module traps, and the next call is answered", async () => {
      await ask();
      const { status, body } = await ask("trap");
      assert.equal(status, 500);
      assert.deepEqual(Object.keys(body), ["error", "error_description"]);
      assert.equal(body.error, "internal_error");
      const next = await ask();
      assert.deepEqual(next.body.result.structuredContent.rows, [{ value: 0 }]);
    });
  });
}

describe("while the control plane does not answer", () => {
  /**
   * @param {string} key
   * @param {string} [fault]
   */
  const stats = async (key, fault = "control") => {
    const query = "from=2026-11-01&to=2026-12-01";
    const headers = { authorization: `Bearer ${key}`, "x-test-fault": fault };
    const response = await fetch(`${worker.url}/v1/stats?${query}`, { headers });
    return { status: response.status, body: await response.json() };
  };

  test("a key that was verified is good for its minute, then 502; one that was not, at once", async () => {
    const { rk } = worker.keys.blog;
    await forgetKeys();
    assert.equal((await stats(rk, "none")).status, 200);
    for (const passed of [0, 1000, MINUTE - 1]) {
      await worker.setNow(now + passed);
      assert.equal((await stats(rk)).status, 200, `after ${passed} ms`);
    }
    for (const passed of [MINUTE, MINUTE + 1000]) {
      await worker.setNow(now + passed);
      const { status, body } = await stats(rk);
      assert.deepEqual([status, body.error], [502, "upstream_failed"], `after ${passed} ms`);
    }
    const unknown = await stats(worker.keys.solo.rk);
    assert.deepEqual([unknown.status, unknown.body.error], [502, "upstream_failed"]);
    assert.equal((await stats(rk, "none")).status, 200);
  });
});
