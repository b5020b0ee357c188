/** What is stored is still there when the Worker starts again. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bareRequest } from "./support/requests.js";
import { startWorker } from "./support/worker.js";

const NOW = Date.parse("2026-11-20T12:00:00.000Z");
const HOUR = 3_600_000;

/** @type {string} */
let directory;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "millimetric-restart-"));
});
after(() => rm(directory, { recursive: true }));

/**
 * @param {import("./support/worker.js").RunningWorker} worker
 * @param {string} key
 * @param {string} name
 * @param {object} [args]
 */
async function callTool(worker, key, name, args = {}) {
  const call = { method: "tools/call", params: { name, arguments: args } };
  const path = key.startsWith("ak_") ? "/mcp/account" : "/mcp";
  const response = await fetch(`${worker.url}${path}`, bareRequest(key, call));
  return (await response.json()).result.structuredContent;
}

/** @param {import("./support/worker.js").RunningWorker} worker */
const counts = async ({ keys, ...worker }) => {
  const all = { ...worker, keys };
  return {
    shop: (await callTool(all, keys.shop.rk, "get_stats", { group_by: "event" })).rows,
    projects: (await callTool(all, keys.demo.ak, "list_projects")).rows,
    events: (await callTool(all, keys.shop.rk, "query_events")).rows,
  };
};

test("events, keys and the memory of event ids survive a restart", async () => {
  const order = { event: "order", event_id: "order-1", properties: { n: 1 } };

  const first = await startWorker({ persist: directory, now: NOW });
  const answer = await callTool(first, first.keys.shop.sk, "track_event", order);
  await callTool(first, first.keys.shop.sk, "track_event", { event: "tick" });
  await callTool(first, first.keys.blog.sk, "track_event", { event: "other" });
  await first.setNow(NOW + HOUR);
  const before = await counts(first);
  assert.deepEqual(
    before.shop.map((/** @type {any} */ row) => [row.event_name, row.value]),
    [
      ["order", 1],
      ["tick", 1],
    ],
  );
  await first.dispose();

  const second = await startWorker({ persist: directory, now: NOW + HOUR, seed: false });
  assert.deepEqual(await counts(second), before);
  assert.deepEqual(await callTool(second, second.keys.shop.sk, "track_event", order), answer);
  await callTool(second, second.keys.shop.sk, "track_event", { event: "order" });
  await second.setNow(NOW + 2 * HOUR);
  assert.deepEqual(
    (await counts(second)).shop.map((/** @type {any} */ row) => [row.event_name, row.value]),
    [
      ["order", 2],
      ["tick", 1],
    ],
  );
  await second.dispose();
});
