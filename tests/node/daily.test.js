/** The daily job: retention. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { NOW, startServer } from "./support/server.js";

const DAY = 86_400_000;

let brokenStore = "";
/** @type {string[]} the stores that were asked */
let asked = [];
/** @type {import("./support/server.js").Server} */
let server;
beforeEach(() => {
  brokenStore = "";
  asked = [];
  server = startServer({
    wrapEffects: (perform) => async (effect) => {
      if (effect.kind !== "store") return perform(effect);
      asked.push(effect.store);
      return effect.store === brokenStore ? { failure: "it does not answer" } : perform(effect);
    },
  });
});
afterEach(() => server.dispose());

/**
 * @param {string} prefix of the project's key
 * @param {number} now
 * @returns {Promise<number>} how many events the project holds
 */
async function held(prefix, now) {
  const range = { from: "1970-01-01", to: "2030-01-01" };
  const { json } = await server.tool(prefix, "get_stats", range, now);
  return json.result.structuredContent.rows[0].value;
}

const daily = async (/** @type {number} */ now) => JSON.parse(await server.runDaily(now));

/** @param {number} count */
const events = (count) => Array.from({ length: count }, () => ({ event: "e" }));

test("each project loses what is older than its own retention, to the millisecond", async () => {
  for (const project of ["prj_shop", "prj_solo", "prj_hobby", "prj_twin_shop", "prj_twin_short"]) {
    await server.importEvents(project, events(3), NOW);
    await server.importEvents(project, events(2), NOW + 1);
  }
  assert.deepEqual(await daily(NOW), { ok: true, deleted: 0, failed_projects: 0 });
  for (const [days, deleted] of [
    [10, 3], // its own
    [30, 3 + 2], // the free plan's, and what was left of the one before
    [90, 3 + 2], // pro
    [365, 3 + 2], // business
  ]) {
    const then = NOW + days * DAY;
    assert.deepEqual(await daily(then), {
      ok: true,
      deleted: days === 10 ? 0 : 2,
      failed_projects: 0,
    });
    assert.deepEqual(await daily(then + 1), {
      ok: true,
      deleted: deleted - (days === 10 ? 0 : 2),
      failed_projects: 0,
    });
  }
  assert.equal(await held("shoprk01", NOW + 365 * DAY + 1), 5, "Shop keeps for ever");
  assert.equal(await held("solork01", NOW + 365 * DAY + 1), 0);
  assert.equal(await held("twinsk01", NOW + 365 * DAY + 1), 2);
});

test("many events are deleted in bounded steps", async () => {
  for (let batch = 0; batch < 5; batch++) {
    await server.importEvents("prj_twin_short", events(1000), NOW);
  }
  await server.importEvents("prj_twin_short", events(1), NOW + DAY);
  const then = NOW + 10 * DAY + 1;
  assert.equal(await held("twinsk02", then), 5001);
  assert.deepEqual(await daily(then), { ok: true, deleted: 5000, failed_projects: 0 });
  assert.equal(await held("twinsk02", then), 1);
  assert.deepEqual(await daily(then), { ok: true, deleted: 0, failed_projects: 0 });
});

test("a store that does not answer does not keep the others from it", async () => {
  for (const project of ["prj_twin_short", "prj_hobby"]) {
    await server.importEvents(project, events(2), NOW);
  }
  brokenStore = "prj_hobby";
  const then = NOW + 30 * DAY + 1;
  assert.deepEqual(await daily(then), { ok: false, deleted: 2, failed_projects: 1 });
  brokenStore = "";
  assert.deepEqual(await daily(then), { ok: true, deleted: 2, failed_projects: 0 });
});

test("each day begins elsewhere: a job that is always ended early comes to every project soon", async () => {
  const projects = 100;
  const reached = 10; // of them, until the platform's limit
  server.harness.control("UPDATE projects SET retention_days = 0");
  for (let i = 0; i < projects; i++) {
    server.harness.control(
      "INSERT INTO projects (id, account_id, slug, name, created_at) " +
        `VALUES ('prj_many_${i}', 'acc_demo', 'many-${i}', 'Many', 0)`,
    );
  }
  const seen = new Set();
  let days = 0;
  for (; seen.size < projects && days < 100; days++) {
    asked = [];
    await daily(NOW + days * DAY);
    assert.equal(new Set(asked).size, projects, "each of them, once it may run to its end");
    for (const store of asked.slice(0, reached)) seen.add(store);
  }
  assert.ok(days <= 30, `${days} days`);

  const before = [...asked];
  asked = [];
  await daily(NOW + (days - 1) * DAY);
  assert.deepEqual(asked, before, "the same moment gives the same order");
});
