/**
 * What `pnpm conformance` runs, held by the tests.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { revisions, runSuite } from "../conformance/suite.js";
import { surfaces } from "./support/surface.js";
import { startWorker } from "./support/worker.js";

/** @type {import("./support/worker.js").RunningWorker} */
let worker;

before(async () => {
  worker = await startWorker({ events: true, localOrigins: true });
});
after(() => worker.dispose());

for (const { kind, path, key } of surfaces) {
  for (const revision of revisions) {
    test(`the official suite for ${revision}, ${kind} at ${path}`, async () => {
      const { passed, summary } = await runSuite({ origin: worker.url, path, key }, revision);
      assert.ok(passed, summary);
    });
  }
}
