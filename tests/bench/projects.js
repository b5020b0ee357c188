/**
 * Projects of a benchmark's own, in the account of the demo.
 */
import { createHmac } from "node:crypto";
import { PEPPER } from "../worker/support/worker.js";

const SECRET = "a-secret-of-the-bench-0123456789";

/**
 * @param {import("@cloudflare/workers-types").D1Database} control
 * @param {string[]} names of eight characters at most; they keep their events for ever
 * @returns {Promise<string[]>} a secret key of each; the projects' ids are `prj_NAME`
 */
export async function addProjects(control, names) {
  const hash = createHmac("sha256", PEPPER).update(SECRET).digest("hex");
  const project = control.prepare(
    "INSERT OR REPLACE INTO projects (id, account_id, slug, name, retention_days, created_at) " +
      "VALUES (?, 'acc_demo', ?, ?, 0, 0)",
  );
  const key = control.prepare(
    "INSERT OR REPLACE INTO api_keys (prefix, kind, env, secret_hash, account_id, project_id, " +
      "created_at) VALUES (?, 'sk', 'live', ?, 'acc_demo', ?, 0)",
  );
  const prefixes = names.map((name) => name.padEnd(8, "0"));
  await control.batch(
    names.flatMap((name, i) => [
      project.bind(`prj_${name}`, name, name),
      key.bind(prefixes[i], hash, `prj_${name}`),
    ]),
  );
  return prefixes.map((prefix) => `sk_live_${prefix}_${SECRET}`);
}
