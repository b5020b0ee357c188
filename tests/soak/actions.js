/**
 * What a connection does: it sends events, or asks and compares. A question either holds back the
 * project's writers and must get exactly what the model says, or runs among them and must get something
 * between what was acknowledged before it and what was sent until its answer.
 */
import assert from "node:assert/strict";
import {
  NAMES,
  SPAN_MS,
  dailyRows,
  distinct,
  funnelVisitors,
  metrics,
  newestFirst,
  sourceRows,
  statsRows,
} from "./model.js";

/**
 * @typedef {import("../../scripts/demo/random.js").Random} Random
 * @typedef {import("./client.js").Connection} Connection
 * @typedef {import("./model.js").Project} Project
 *
 * @typedef {object} Context
 * @property {Connection} connection
 * @property {Random} random
 * @property {Project} project
 * @property {Project[]} projects all of them, by slug
 * @property {string} ak a key of all projects
 *
 * @typedef {(context: Context) => Promise<void>} Action rejects when an answer is wrong
 */

/** How long an account's key may not see a project that was made after it was verified. */
const KEY_MEMORY_MS = 61_000;

const iso = (/** @type {number} */ time) => new Date(time).toISOString();

/**
 * A project with so many events, large segments among them, takes a new one only where one was forgotten:
 * what a store keeps in memory follows the events that it holds, and is to be level.
 */
const LEVEL_EVENTS = 5_000;
/** Most events of a batch; ten of them are taken at once. */
const FULL_BATCH = 500;

/**
 * An event that the server has already, to be sent again.
 *
 * @param {Context} context
 */
function again({ random, project }) {
  const { events } = project;
  const repeats = events.length >= LEVEL_EVENTS || (events.length > 0 && random.chance(0.1));
  return repeats ? random.pick(events) : undefined;
}

/**
 * Brings a new project to its level.
 *
 * @param {Connection} connection
 * @param {Random} random
 * @param {Project} project that nobody else knows yet
 */
export async function fill(connection, random, project) {
  for (let left = LEVEL_EVENTS; left > 0; left -= FULL_BATCH) {
    const events = Array.from({ length: FULL_BATCH }, () => project.make(random));
    project.willSend(events);
    const body = { events: events.map((event) => event.body) };
    const got = await connection.send("POST /v1/batch", "/v1/batch", project.sk, body);
    assert.equal(got.status, 202, JSON.stringify(got.body));
    assert.deepEqual(got.body, { ok: true, count: FULL_BATCH });
    project.wasStored(events);
  }
}

/** @type {Action} */
async function track(context) {
  const { connection, random, project } = context;
  await project.gate.through("write", async () => {
    const repeated = again(context);
    const event = repeated ?? project.make(random);
    if (repeated === undefined) project.willSend([event]);
    const got = random.chance(0.2)
      ? await connection.tool(project.sk, "track_event", event.body)
      : await connection.send("POST /v1/track", "/v1/track", project.sk, event.body);
    assert.ok([200, 202].includes(got.status), JSON.stringify(got.body));
    assert.deepEqual(got.body, { ok: true, event_id: event.event_id });
    if (repeated === undefined) project.wasStored([event]);
  });
}

/** @type {Action} */
async function batch(context) {
  const { connection, random, project } = context;
  await project.gate.through("write", async () => {
    /** @type {import("./model.js").Event[]} */
    const fresh = [];
    /** @type {object[]} */
    const bodies = [];
    for (let left = random.integer(1, 40); left > 0; left--) {
      const repeated = again(context) ?? (random.chance(0.05) ? fresh.at(-1) : undefined);
      const event = repeated ?? project.make(random);
      if (repeated === undefined) fresh.push(event);
      bodies.push(event.body);
    }
    project.willSend(fresh);
    const body = { events: bodies };
    const got = await connection.send("POST /v1/batch", "/v1/batch", project.sk, body);
    const duplicates = bodies.length - fresh.length;
    assert.equal(got.status, 202, JSON.stringify(got.body));
    const more = duplicates > 0 ? { duplicates } : {};
    assert.deepEqual(got.body, { ok: true, count: bodies.length, ...more });
    project.wasStored(fresh);
  });
}

/** @type {Action} */
async function forget({ connection, random, project }) {
  await project.gate.through("alone", async () => {
    if (project.events.length === 0) return;
    const { anonymous_id } = random.pick(project.events);
    const body = { anonymous_id };
    const got = await connection.send("POST /v1/forget", "/v1/forget", project.sk, body);
    assert.deepEqual(got.body, { ok: true, deleted: project.forget(anonymous_id) });
  });
}

/**
 * A range of whole hours, mostly all of it.
 *
 * @param {Context} context
 */
function range({ random, project }) {
  if (random.chance(0.5)) return project.all;
  const hour = 3_600_000;
  const hours = Math.floor(SPAN_MS / hour);
  const first = random.integer(0, hours - 1);
  const from = Math.floor(project.all.from / hour + 1 + first) * hour;
  return { from, to: from + random.integer(1, hours - first) * hour };
}

/**
 * Asks over MCP or over REST, as chance has it.
 *
 * @param {Context} context
 * @param {{ tool: string, route: string }} where
 * @param {Record<string, unknown>} given
 */
async function ask({ connection, random, project }, { tool, route }, given) {
  const key = random.chance(0.5) ? project.rk : project.sk;
  if (random.chance(0.5)) return (await connection.tool(key, tool, given)).body;
  const query = new URLSearchParams(
    Object.entries(given).flatMap(([name, value]) =>
      [value].flat().map((one) => [name, String(one)]),
    ),
  );
  const path = `/v1/${route}?${query}`;
  return (await connection.send(`GET /v1/${route}`, path, key)).body;
}

const STATS = { tool: "get_stats", route: "stats" };

/** @type {Action} */
async function stats(context) {
  const { random, project } = context;
  await project.gate.through("ask", async () => {
    const { from, to } = range(context);
    const metric = random.pick(metrics);
    const column = random.pick(/** @type {const} */ (["event_name", "source", "medium"]));
    const event = random.chance(0.3) ? random.pick(NAMES) : undefined;
    const events = project.within({ from, to }, (one) => (event ?? one.event) === one.event);
    const given = {
      from: iso(from),
      to: iso(to),
      metric,
      ...(event === undefined ? {} : { event }),
    };
    if (random.chance(0.3)) {
      const got = await ask(context, STATS, { ...given, interval: "day" });
      assert.deepEqual(got.rows, dailyRows(events, metric));
    } else {
      const got = await ask(context, STATS, { ...given, group_by: column });
      assert.deepEqual(got.rows, statsRows(events, metric, column));
    }
  });
}

/** @type {Action} */
async function sources(context) {
  const { project } = context;
  await project.gate.through("ask", async () => {
    const { from, to } = range(context);
    const where = { tool: "top_sources", route: "sources" };
    const got = await ask(context, where, { from: iso(from), to: iso(to) });
    assert.deepEqual(got.rows, sourceRows(project.within({ from, to })));
  });
}

/** @type {Action} */
async function funnel(context) {
  const { random, project } = context;
  await project.gate.through("ask", async () => {
    const { from, to } = range(context);
    const steps = Array.from({ length: random.integer(2, 4) }, () => random.pick(NAMES));
    const where = { tool: "funnel", route: "funnel" };
    const got = await ask(context, where, { from: iso(from), to: iso(to), steps: steps.join(",") });
    const visitors = funnelVisitors(project.within({ from, to }), steps);
    assert.deepEqual(
      got.rows.map((/** @type {any} */ row) => [row.step, row.event, row.visitors]),
      visitors.map((count, at) => [at + 1, steps[at], count]),
    );
  });
}

/** @type {Action} */
async function events(context) {
  const { random, project } = context;
  await project.gate.through("ask", async () => {
    if (project.events.length === 0) return;
    const { anonymous_id } = random.pick(project.events);
    const given = { from: iso(project.all.from), to: iso(project.all.to), anonymous_id, limit: 7 };
    const wanted = newestFirst(project.within(project.all, (e) => e.anonymous_id === anonymous_id));
    const where = { tool: "query_events", route: "query" };
    /** @type {string[]} */
    const ids = [];
    for (let cursor; ;) {
      const more = cursor === undefined ? {} : { cursor };
      const got = /** @type {any} */ (await ask(context, where, { ...given, ...more }));
      ids.push(...got.rows.map((/** @type {any} */ row) => row.event_id));
      cursor = got.next_cursor;
      if (cursor === undefined) break;
      assert.ok(ids.length < wanted.length, "a page behind the last one");
    }
    assert.deepEqual(ids, wanted);
  });
}

/**
 * A count among writers.
 *
 * @type {Action}
 */
async function bounds(context) {
  const { random, project } = context;
  const event = random.pick(NAMES);
  const { epoch } = project;
  const least = project.acknowledged.get(event) ?? 0;
  const given = { from: iso(project.all.from), to: iso(project.all.to), event };
  const got = await ask(context, STATS, given);
  const most = project.sent.get(event) ?? 0;
  const { value } = got.rows[0];
  if (epoch !== project.epoch || project.gate.isAlone) return;
  assert.ok(least <= value && value <= most, `${value} is not in ${least}..${most}`);
}

/**
 * All projects at once, among writers.
 *
 * @type {Action}
 */
async function account({ connection, projects, ak }) {
  const sum = (/** @type {Map<string, number>} */ counts) =>
    [...counts.values()].reduce((all, one) => all + one, 0);
  const before = projects.map((p) => ({ p, epoch: p.epoch, least: sum(p.acknowledged) }));
  const { from, to } = projects[0].all;
  const given = { from: iso(from - SPAN_MS), to: iso(to + SPAN_MS), group_by: "project_id" };
  const { body } = await connection.tool(ak, "get_stats", given);
  const values = new Map(body.rows.map((/** @type {any} */ row) => [row.project_id, row.value]));
  for (const { p, epoch, least } of before) {
    if (epoch !== p.epoch || p.gate.isAlone) continue;
    if (!values.has(p.id) && Date.now() - p.start < KEY_MEMORY_MS) continue;
    const value = Number(values.get(p.id) ?? 0);
    const most = sum(p.sent);
    assert.ok(least <= value && value <= most, `${p.id}: ${value} is not in ${least}..${most}`);
  }
}

/** @type {Action} */
async function uniques(context) {
  const { project } = context;
  await project.gate.through("ask", async () => {
    const { from, to } = range(context);
    const all = project.within({ from, to });
    const given = { from: iso(from), to: iso(to), metric: "uniques" };
    const got = await ask(context, STATS, given);
    assert.deepEqual(got.rows, [{ value: distinct(all, "anonymous_id") }]);
  });
}

/** @type {Action} */
async function list({ connection, project }) {
  const call = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  const { body } = await connection.send("tools/list", "/mcp", project.rk, call);
  assert.equal(body.result.tools.length, 4);
}

/** @type {readonly (readonly [Action, number])[]} each with its weight */
export const writes = [
  [track, 30],
  [batch, 3],
];

/** @type {readonly (readonly [Action, number])[]} */
export const questions = [
  [stats, 8],
  [sources, 4],
  [funnel, 4],
  [events, 4],
  [uniques, 4],
  [bounds, 10],
  [account, 1],
  [list, 4],
  [forget, 0.3],
];

export { batch };
