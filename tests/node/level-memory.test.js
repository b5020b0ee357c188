/**
 * The memory of an instance follows what it holds, not what it has done: while events come, are asked
 * about and are forgotten, and there are as many as before, it stands still.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../scripts/demo/random.js";
import { Project } from "../soak/model.js";
import { NOW, keyOf, startServer } from "./support/server.js";

const EVENTS = 2_000;
/** In each one a visitor is forgotten, and as many events come as went: 12,600 in all. */
const ROUNDS = 450;
/** Until then the largest of what is ever done at once has been done. */
const SETTLED = 150;

const RANGE = { from: "2026-11-14", to: "2026-11-21" };
/** @type {[string, object][]} */
const QUESTIONS = [
  ["get_stats", { ...RANGE, group_by: ["event"] }],
  ["get_stats", { ...RANGE, metric: "uniques" }],
  ["top_sources", RANGE],
  ["query_events", { ...RANGE, limit: 50 }],
];

test("memory stands still while a project's events are replaced", async () => {
  const server = startServer();
  const keys = { sk: keyOf("shopsk01"), rk: keyOf("shoprk01") };
  const project = new Project({ id: "prj_shop", ...keys }, NOW);
  const random = new Random(1);
  let now = NOW; // goes on with every call, for the buckets

  const put = async (/** @type {number} */ count) => {
    const events = Array.from({ length: count }, () => project.make(random));
    const bodies = events.map((event) => event.body);
    await server.importEvents(project.id, bodies, (now += 1000));
    project.wasStored(events);
  };
  const ask = async () => {
    const [tool, args] = random.pick(QUESTIONS);
    const { status, json } = await server.tool("shoprk01", tool, args, (now += 1000));
    assert.equal(status, 200);
    assert.ok(json.result !== undefined && !json.result.isError, JSON.stringify(json));
  };
  const replaceVisitor = async () => {
    const { anonymous_id } = random.pick(project.events);
    const body = { anonymous_id };
    const { status, json } = await server.post("/v1/forget", project.sk, body, (now += 1000));
    const deleted = project.forget(anonymous_id);
    assert.deepEqual([status, json.deleted], [200, deleted]);
    while (project.events.length < EVENTS) {
      await put(Math.min(EVENTS - project.events.length, random.integer(1, 10)));
      if (random.chance(0.3)) await ask();
    }
  };

  while (project.events.length < EVENTS) await put(500);
  let settled = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    await replaceVisitor();
    if (round === SETTLED) settled = server.harness.memoryBytes;
  }
  assert.equal(server.harness.memoryBytes, settled);
  server.dispose();
});
