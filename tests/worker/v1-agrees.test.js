/** The same question over /v1 and as a tool has the same rows, to the byte. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bareRequest } from "./support/requests.js";
import { startWorker } from "./support/worker.js";

const NOW = Date.parse("2026-11-20T12:34:56.789Z");
const DAY = 86_400_000;
const QUESTIONS = 300;

/** @type {import("./support/worker.js").RunningWorker} */
let worker;
before(async () => {
  worker = await startWorker({ now: NOW, events: true });
});
after(() => worker.dispose());

/**
 * The same numbers in every run, from 0 to below `below`.
 *
 * @param {number} seed
 */
function numbers(seed) {
  let state = seed;
  return (/** @type {number} */ below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const GROUPS = "event_name source medium campaign country device_type browser os path".split(" ");
/** Filters, by the column whose values they take. */
const FILTERS = {
  event: "event_name",
  ...Object.fromEntries(GROUPS.slice(1).map((name) => [name, name])),
  user_id: "user_id",
  anonymous_id: "anonymous_id",
};

/** @typedef {Record<string, string | number | string[] | object[]>} Arguments */
/** @typedef {{ event_name: string, [column: string]: any }} Row */

/**
 * @param {(below: number) => number} random
 * @param {Row[]} seen rows to take values from
 * @returns {{ route: string, tool: string, args: Arguments }}
 */
function question(random, seen) {
  const some = (/** @type {readonly any[]} */ list) => list[random(list.length)];
  const maybe = (/** @type {object} */ args) => (random(2) === 0 ? args : {});
  const days = random(40) + 1;
  const from = NOW - (days + random(25)) * DAY + random(DAY);
  const iso = (/** @type {number} */ time) => new Date(time).toISOString();
  /** @type {Arguments} */
  const shared = {
    from: iso(from),
    to: random(4) === 0 ? iso(NOW).slice(0, 10) : iso(from + days * DAY),
  };
  if (shared.to <= shared.from) shared.from = iso(NOW - 45 * DAY);
  for (let n = random(3); n > 0; n--) {
    const [name, column] = some(Object.entries(FILTERS));
    const values = [some(seen)[column], some(seen)[column]].filter((v) => v !== null);
    if (values.length > 0) shared[name] = random(2) === 0 ? values : values[0];
  }
  const groups = () => [...new Set(Array.from({ length: 1 + random(3) }, () => some(GROUPS)))];
  const steps = () =>
    Array.from({ length: 2 + random(3) }, () => {
      const { event_name: event, path } = some(seen);
      return random(3) === 0 && path !== null ? { event, path } : event;
    });
  const asked = [
    { route: "query", tool: "query_events", args: { limit: 1 + random(200) } },
    {
      route: "stats",
      tool: "get_stats",
      args: {
        ...maybe({ metric: some(["count", "uniques", "users", "sessions"]) }),
        ...maybe({ group_by: groups() }),
        ...maybe({ interval: some(["hour", "day", "week", "month"]) }),
        ...maybe({ limit: 1 + random(1000) }),
      },
    },
    {
      route: "sources",
      tool: "top_sources",
      args: {
        ...maybe({ breakdown: some(["source", "source_medium"]) }),
        ...maybe({ limit: 1 + random(200) }),
      },
    },
    {
      route: "funnel",
      tool: "funnel",
      args: {
        steps: steps(),
        ...maybe({ by: some(["anonymous_id", "user_id", "person"]) }),
        ...maybe({ window: some(["30m", "6h", "7d", "2w"]) }),
        ...maybe({ group_by: some(GROUPS) }),
      },
    },
  ];
  const { route, tool, args } = some(asked);
  return { route, tool, args: { ...shared, ...args } };
}

/**
 * A list is given as a repeated parameter, or as JSON where it has objects.
 *
 * @param {Arguments} args
 */
function queryString(args) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(args)) {
    if (name === "steps") query.append(name, JSON.stringify(value));
    else for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  return query;
}

/**
 * The text of the first array behind "rows".
 *
 * @param {string} answer
 */
function rowsText(answer) {
  const from = answer.indexOf('"rows":') + '"rows":'.length;
  let depth = 0;
  for (const { 0: token, index } of answer.slice(from).matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === "[" || token === "{") depth++;
    if ((token === "]" || token === "}") && --depth === 0) {
      return answer.slice(from, from + index + 1);
    }
  }
  throw new Error(`no rows in ${answer.slice(0, 500)}`);
}

/**
 * @param {string} route
 * @param {Arguments} args
 */
async function overHttp(route, args) {
  const response = await fetch(`${worker.url}/v1/${route}?${queryString(args)}`, {
    headers: { authorization: `Bearer ${worker.keys.shop.rk}` },
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return rowsText(text);
}

/**
 * @param {string} name
 * @param {Arguments} args
 */
async function asTool(name, args) {
  const call = { method: "tools/call", params: { name, arguments: args } };
  const response = await fetch(`${worker.url}/mcp`, bareRequest(worker.keys.shop.rk, call));
  const text = await response.text();
  const { result } = JSON.parse(text);
  assert.equal(result?.isError, undefined, text.slice(0, 500));
  return {
    content: result.content[0].text,
    rows: rowsText(text.slice(text.indexOf('"structuredContent"'))),
  };
}

test(`${QUESTIONS} random questions`, async () => {
  const range = { from: "2026-09-01", to: "2026-12-01", limit: 1000 };
  const seen = JSON.parse(await overHttp("query", range));
  assert.equal(seen.length, 1000);
  const random = numbers(20_261_120);
  /** @type {Record<string, number>} */
  const answered = {};
  for (let asked = 0; asked < QUESTIONS; asked++) {
    const { route, tool, args } = question(random, seen);
    const shown = `${route} ${JSON.stringify(args)}`;
    const [rows, called] = await Promise.all([overHttp(route, args), asTool(tool, args)]);
    assert.equal(rows, called.rows, shown);
    assert.equal(rows, called.content, shown);
    if (rows !== "[]") answered[route] = (answered[route] ?? 0) + 1;
  }
  for (const route of ["query", "stats", "sources", "funnel"]) {
    assert.ok(answered[route] > 20, `${route} has rows often enough`);
  }
});
