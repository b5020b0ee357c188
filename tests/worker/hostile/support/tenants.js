/**
 * Two businesses on one Worker, each with projects and keys of their own, minted through /admin like
 * any operator's; and what must never leave the Worker.
 */
import assert from "node:assert/strict";
import { ADMIN_TOKEN, PEPPER, startWorker } from "../../support/worker.js";

/** The only origin that the projects' pk keys may send from. */
export const PAGE = "https://page.example";

/** What the requests of these suites carry and no log line may repeat. */
export const PRIVATE = {
  address: "203.0.113.231",
  agent: "HostileSuite/1.0 (private agent)",
};

const KINDS = /** @type {const} */ (["pk", "sk", "rk"]);

/**
 * @typedef {"pk" | "sk" | "rk" | "ak"} Kind
 *
 * @typedef {object} Project
 * @property {string} id
 * @property {string} slug
 * @property {Record<"pk" | "sk" | "rk", string>} keys
 *
 * @typedef {object} Tenant
 * @property {string} account its id
 * @property {string} name
 * @property {Project[]} projects
 * @property {string} ak a key of all its projects
 *
 * @typedef {object} World
 * @property {import("../../support/worker.js").RunningWorker} worker
 * @property {string} url
 * @property {(path: string, body: object) => Promise<any>} admin POSTs to /admin
 * @property {(name: string, plan: string, slugs: string[]) => Promise<Tenant>} tenant
 * @property {(key: string) => string} mark a secret that nothing may show from now on
 * @property {(text: string, where: string) => void} checkSilent no secret is in the text
 * @property {() => Promise<void>} end disposes of the Worker, after a look at all that it logged
 */

/**
 * @param {import("../../support/worker.js").StartOptions} [options]
 * @returns {Promise<World>}
 */
export async function startWorld(options = {}) {
  const worker = await startWorker({ seed: false, ...options });
  const { url } = worker;
  /** @type {Set<string>} */
  const secrets = new Set([ADMIN_TOKEN, PEPPER]);

  /** @type {World["mark"]} */
  const mark = (key) => {
    secrets.add(secretOf(key));
    return key;
  };

  /** @type {World["checkSilent"]} */
  const checkSilent = (text, where) => {
    for (const secret of secrets) assert.ok(!text.includes(secret), `a secret is in ${where}`);
  };

  /** @type {World["admin"]} */
  const admin = async (path, body) => {
    const response = await fetch(`${url}/admin/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const got = /** @type {any} */ (await response.json());
    assert.ok(response.ok, JSON.stringify(got));
    return got;
  };

  /** @type {World["tenant"]} */
  const tenant = async (name, plan, slugs) => {
    const { account_id: account } = await admin("accounts", { name, plan });
    const ak = mark((await admin("keys", { kind: "ak", account_id: account })).key);
    const projects = [];
    for (const slug of slugs) projects.push(await project(account, slug));
    return { account, name, projects, ak };
  };

  /**
   * @param {string} account
   * @param {string} slug
   * @returns {Promise<Project>}
   */
  async function project(account, slug) {
    const made = await admin("projects", { account_id: account, slug, origins: [PAGE] });
    const id = made.project_id;
    const keys = /** @type {Project["keys"]} */ ({});
    for (const kind of KINDS)
      keys[kind] = mark((await admin("keys", { kind, project_id: id })).key);
    return { id, slug, keys };
  }

  return {
    worker,
    url,
    admin,
    tenant,
    mark,
    checkSilent,
    async end() {
      // The runtime writes its lines a moment after it has answered.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const logged = worker.output();
      await worker.dispose();
      checkSilent(logged, "the log");
      for (const text of Object.values(PRIVATE)) {
        assert.ok(!logged.includes(text), `"${text}" is in the log`);
      }
    },
  };
}

/** @param {string} key @returns {string} what only its holder knows of it */
export function secretOf(key) {
  return key.split("_").slice(3).join("_");
}

/** @param {string} key @returns {string} the key with its secret's end changed */
export function withWrongSecret(key) {
  return key.slice(0, -6) + (key.endsWith("000000") ? "111111" : "000000");
}
