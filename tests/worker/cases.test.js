/** The cases of tests/data, over HTTP on workerd, with D1 and Durable Objects: the same bytes. */
import { after, before, describe, test } from "node:test";
import { ADMIN_TOKEN, ALLOWED_ORIGINS, PEPPER } from "../data/cases.js";
import { bodyOf, caseFiles, checkResponse, controlSql, momentOf } from "../data/cases.js";
import { rawFetch } from "./support/raw.js";
import { inTree } from "./support/root.js";
import { startWorker } from "./support/worker.js";

/** @type {import("./support/worker.js").RunningWorker} */
let worker;

before(async () => {
  worker = await startWorker({
    entry: inTree("tests", "worker", "support", "entries", "cases.js"),
    seed: false,
    bindings: { PEPPER, ADMIN_TOKEN, MCP_ALLOWED_ORIGINS: ALLOWED_ORIGINS },
  });
});
after(() => worker.dispose());

for (const { file, content } of caseFiles()) {
  describe(`${file}: ${content.name}`, () => {
    before(() => resetControlPlane());

    for (const [index, { name, times = 1, request, expect }] of content.steps.entries()) {
      test(`${index + 1} ${name}`, async () => {
        const { now, seed } = momentOf(content, index);
        const given = `${file} ${now} ${Buffer.from(seed).toString("hex")}`;
        for (let sent = 0; sent < times; sent++) {
          const got = await rawFetch(`${worker.url}${request.path}`, {
            method: request.method,
            headers: { ...request.headers, "x-test-case": given },
            body: bodyOf(request),
          });
          checkResponse(got, expect, "at least");
        }
      });
    }
  });
}

/** As every file finds it: the accounts, projects and keys of the cases and nothing else. */
async function resetControlPlane() {
  const tables = ["api_key_projects", "api_keys", "projects", "accounts"];
  await worker.control.batch(tables.map((name) => worker.control.prepare(`DELETE FROM ${name}`)));
  await worker.control.prepare(controlSql).run();
}
