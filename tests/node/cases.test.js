/** The cases of tests/data, on the module in Node. */
import { after, before, describe, test } from "node:test";
import { caseFiles, checkResponse } from "../data/cases.js";
import { caseHarness, runStep } from "../data/harness.js";

for (const { file, content } of caseFiles()) {
  describe(`${file}: ${content.name}`, () => {
    /** @type {import("../../host-js/node-harness.js").Harness} */
    let harness;
    before(() => {
      harness = caseHarness();
    });
    after(() => harness.dispose());

    for (const [index, { name, times = 1, expect }] of content.steps.entries()) {
      test(`${index + 1} ${name}`, async () => {
        for (let sent = 0; sent < times; sent++) {
          checkResponse(await runStep(harness, content, index), expect, "exactly");
        }
      });
    }
  });
}
