/** The Node harness, set up for the cases. */
import { createHarness } from "../../host-js/node-harness.js";
import { ADMIN_TOKEN, ALLOWED_ORIGINS, PEPPER, bodyOf, controlSql, momentOf } from "./cases.js";

/** @param {Partial<import("../../host-js/node-harness.js").HarnessOptions>} [options] */
export function caseHarness(options = {}) {
  const harness = createHarness({
    pepper: PEPPER,
    adminToken: ADMIN_TOKEN,
    mcpAllowedOrigins: ALLOWED_ORIGINS,
    ...options,
  });
  harness.control(controlSql);
  return harness;
}

/**
 * @param {import("../../host-js/node-harness.js").Harness} harness
 * @param {import("./cases.js").CaseFile} content
 * @param {number} index of the step
 */
export function runStep(harness, content, index) {
  const { request } = content.steps[index];
  const { method, path, headers = {} } = request;
  return harness.fetch(method, path, headers, bodyOf(request), momentOf(content, index));
}
