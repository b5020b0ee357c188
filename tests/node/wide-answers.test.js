/**
 * Questions whose answers would be too much for an instance's memory are refused by name. Were they
 * tried, the instance would be lost, and with it the requests of others that are in it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ADMIN_TOKEN } from "../data/cases.js";
import { startServer } from "./support/server.js";

/** @typedef {import("./support/server.js").Server} Server */

/**
 * Imports events of a path each.
 *
 * @param {Server} server
 * @param {number} paths
 * @param {string} text in each of them
 */
async function importPaths(server, paths, text) {
  const atOnce = Math.min(1000, Math.floor(800_000 / (text.length + 60)));
  for (let first = 0; first < paths; first += atOnce) {
    const events = Array.from({ length: Math.min(atOnce, paths - first) }, (_, i) => ({
      event: "e",
      anonymous_id: `v${first + i}`,
      path: `/${first + i}/${text}`,
    }));
    const path = "/admin/import?project=prj_shop";
    assert.equal((await server.post(path, ADMIN_TOKEN, { events })).status, 200);
  }
}

/**
 * @param {Server} server
 * @param {RegExp} why
 * @param {string} [tool]
 * @param {object} [more] of its arguments
 */
async function refuses(server, why, tool = "get_stats", more = {}) {
  const args = { group_by: "path", to: "2026-11-21", ...more };
  const [wide, neighbour] = await Promise.all([
    server.tool("shoprk01", tool, args),
    server.tool("blogrk01", "get_stats"),
  ]);
  assert.equal(wide.json.result?.isError, true, wide.text);
  const { fieldErrors } = JSON.parse(wide.json.result.content[0].text).details;
  assert.match(fieldErrors.group_by[0], why);
  assert.deepEqual(neighbour.json.result.structuredContent.rows, [{ value: 0 }]);
}

test("groups of values so long that they would not fit", async () => {
  const server = startServer();
  await importPaths(server, 8000, "p".repeat(2000));
  await refuses(server, /^too many or long values: /);
  await refuses(server, /^too many or long values: /, "funnel", { steps: ["e", "e"] });
  server.dispose();
});

for (const [shards, paths, text, why] of /** @type {[number, number, string, RegExp][]} */ ([
  [8, 320_000, "product-of-the-shop", /^more than 50000 groups: /],
  [16, 80_000, "p".repeat(400), /^too many or long values: /],
])) {
  test(`${paths} groups of ${shards} shards, which would not fit together`, async () => {
    const server = startServer();
    server.harness.control(
      `UPDATE projects SET generation = 1, shards = ${shards} WHERE id = 'prj_shop'`,
    );
    await importPaths(server, paths, text);
    await refuses(server, why);
    server.dispose();
  });
}

test("sixteen questions of 80,000 groups each at once, whose answers would not fit together", async () => {
  const QUESTIONS = 16;
  let answered = 0;
  /** @type {(() => void)[]} */
  const held = [];
  const server = startServer({
    wrapEffects: (perform) => async (effect) => {
      if (effect.kind === "wake") await sleep(effect.afterMs);
      const answer = await perform(effect);
      if (!(answer instanceof Uint8Array) || answer.length < 1_000_000) return answer;
      // Every question has one project's groups in hand before any has the other's.
      if (++answered === 2 * QUESTIONS) held.forEach((goOn) => goOn());
      else if (answered < 2 * QUESTIONS && effect.kind === "store" && effect.store === "prj_shop")
        await new Promise((resolve) => held.push(() => resolve(undefined)));
      return answer;
    },
  });
  for (const project of ["prj_shop", "prj_blog"]) {
    for (let first = 0; first < 40_000; first += 1000) {
      const events = Array.from({ length: 1000 }, (_, i) => ({
        event: "e",
        anonymous_id: `v${i}`,
        path: `/product-of-the-shop-${first + i}`,
      }));
      await server.importEvents(project, events);
    }
  }
  const ask = () => server.tool("demoak01", "get_stats", { group_by: "path", to: "2026-11-21" });
  const [neighbour, ...wide] = await Promise.all([
    server.tool("blogrk01", "get_stats", { to: "2026-11-21" }),
    ...Array.from({ length: QUESTIONS }, ask),
  ]);
  assert.deepEqual(neighbour.json.result.structuredContent.rows, [{ value: 40_000 }]);
  for (const { status, json } of wide) {
    assert.equal(status, 200);
    assert.equal(json.result.structuredContent.meta.total, 80_000);
  }
  server.dispose();
});
