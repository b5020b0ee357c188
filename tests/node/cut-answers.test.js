/** Answers with more rows than were asked for, or fit, say so where an agent reads it. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { NOW, startServer } from "./support/server.js";

const KEY = "shoprk01";

/** @type {import("./support/server.js").Server} */
let server;
beforeEach(async () => {
  server = startServer();
  const events = Array.from({ length: 101 }, (_, i) => ({
    event: "view",
    timestamp: new Date(NOW - (i + 1) * 3_600_000).toISOString(),
    url: `https://shop.example/p${i}?utm_source=s${i % 51}`,
    anonymous_id: `v${i}`,
  }));
  await server.importEvents("prj_shop", events);
});
afterEach(() => server.dispose());

/**
 * @param {string} tool
 * @param {object} args
 */
async function asked(tool, args) {
  const { json } = await server.tool(KEY, tool, args);
  const { content, structuredContent } = json.result;
  const { rows, notice, meta } = structuredContent;
  assert.equal(content[1]?.text, notice);
  return { rows: rows.length, notice, truncated: meta.truncated };
}

for (const [
  what,
  tool,
  args,
  rows,
  notice,
] of /** @type {[string, string, object, number, RegExp][]} */ ([
  ["groups", "get_stats", { group_by: "path" }, 100, /^Only 100 of 101 rows.* limit/],
  [
    "intervals",
    "get_stats",
    { interval: "hour" },
    100,
    /^Only 100 of 101 rows, the latest left out/,
  ],
  ["sources", "top_sources", {}, 50, /^Only 50 of 51 rows/],
  [
    "groups of a funnel",
    "funnel",
    { steps: ["view", "view"], group_by: "path" },
    200,
    /^Only 100 of 101 groups, those that most visitors entered/,
  ],
])) {
  test(`${what} that the limit cut by itself are told of`, async () => {
    const got = await asked(tool, args);
    assert.deepEqual([got.rows, got.truncated], [rows, true]);
    assert.match(got.notice, notice);
  });
}

test("a limit that was asked for is not", async () => {
  for (const [tool, args] of /** @type {[string, object][]} */ ([
    ["get_stats", { group_by: "path", limit: 5 }],
    ["top_sources", { limit: 5 }],
  ])) {
    assert.deepEqual(await asked(tool, args), { rows: 5, notice: undefined, truncated: true });
  }
});
