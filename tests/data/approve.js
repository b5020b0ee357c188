/**
 * Writes what the Node harness answers into the case files as what is expected, and names the steps
 * that changed. Read every change against what the answer should be before it is committed.
 *
 *   node tests/data/approve.js            all files
 *   node tests/data/approve.js errors     those whose name contains this
 */
import { writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { caseFiles, expectationOf } from "./cases.js";
import { caseHarness, runStep } from "./harness.js";

const wanted = process.argv[2] ?? "";

for (const { url, file, content } of caseFiles()) {
  if (!file.includes(wanted)) continue;
  const harness = caseHarness();
  const changed = [];
  for (const [index, step] of content.steps.entries()) {
    let got = await runStep(harness, content, index);
    for (let sent = 1; sent < (step.times ?? 1); sent++) {
      got = await runStep(harness, content, index);
    }
    const expect = expectationOf(got, step.expect);
    if (isDeepStrictEqual(expect, step.expect)) continue;
    changed.push(step.name);
    step.expect = expect;
  }
  harness.dispose();
  if (changed.length === 0) continue;
  writeFileSync(url, `${JSON.stringify(content, null, 2)}\n`);
  console.log(`${file}:\n${changed.map((name) => `  ${name}`).join("\n")}`);
}
