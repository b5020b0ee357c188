/** A funnel over decades with few events needs no more memory than they do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../scripts/demo/random.js";
import { NOW, startServer } from "./support/server.js";

const YEARS = 55;
const YEAR_MS = 365 * 86_400_000;
const VISITORS = 5_000;
/** Of all that the events and the answer need; an instance starts with some 3 MB. */
const MOST_BYTES = 16 * 1024 * 1024;

test("visitors who come back after decades are followed in little memory", async (t) => {
  const server = startServer();
  t.after(() => server.dispose());
  const random = new Random(1);
  // Each once at any time, and a year later: no two visitors are near each other.
  const starts = Array.from(
    { length: VISITORS },
    () => NOW - random.integer(YEAR_MS + 1, YEARS * YEAR_MS),
  );
  for (const [event, later] of /** @type {const} */ ([
    ["signup", 0],
    ["renewal", YEAR_MS],
  ])) {
    const events = starts.map((start, i) => ({
      event,
      anonymous_id: `v${i}`,
      timestamp: new Date(start + later).toISOString(),
    }));
    for (let at = 0; at < events.length; at += 1000)
      await server.importEvents("prj_shop", events.slice(at, at + 1000));
  }
  const given = { steps: ["signup", "renewal"], from: "1970-01-01" };
  for (const window of [undefined, "365d"]) {
    const { json, text } = await server.tool("shoprk01", "funnel", { ...given, window });
    const [first, second] = json.result?.structuredContent?.rows ?? assert.fail(text);
    assert.deepEqual([first.visitors, second.visitors], [VISITORS, VISITORS]);
    assert.equal(second.median_seconds, YEAR_MS / 1000);
  }
  assert.ok(server.harness.memoryBytes < MOST_BYTES, `${server.harness.memoryBytes} bytes`);
});
