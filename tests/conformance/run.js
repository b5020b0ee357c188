/**
 * `pnpm conformance [--verbose]`: the official suite's required scenarios of each revision against
 * both MCP endpoints of our Worker.
 */
import { parseArgs } from "node:util";
import { startWorker } from "../worker/support/worker.js";
import { surfaces } from "../worker/support/surface.js";
import { revisions, runSuite } from "./suite.js";

const { values: options } = parseArgs({ options: { verbose: { type: "boolean" } } });

const worker = await startWorker({ events: true, localOrigins: true });
let failed = 0;
try {
  for (const { kind, path, key } of surfaces) {
    for (const revision of revisions) {
      const outcome = await runSuite({ origin: worker.url, path, key }, revision);
      const verdict = outcome.passed ? "passed" : "FAILED";
      console.log(`${verdict}: ${revision}, ${kind} at ${path}: ${outcome.summary}`);
      if (options.verbose) console.log(outcome.output);
      if (!outcome.passed) failed += 1;
    }
  }
} finally {
  await worker.dispose();
}
process.exitCode = failed > 0 ? 1 : 0;
