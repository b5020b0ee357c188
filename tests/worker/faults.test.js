/** What the Worker answers, in each era, when something of its own fails. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bareRequest, modernRequest } from "./support/requests.js";
import { inTree } from "./support/root.js";
import { startWorker } from "./support/worker.js";

/** @type {import("./support/worker.js").RunningWorker} */
let worker;
before(async () => {
  worker = await startWorker({
    entry: inTree("tests", "worker", "support", "entries", "faults.js"),
  });
});
after(() => worker.dispose());

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
