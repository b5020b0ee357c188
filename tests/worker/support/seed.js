/**
 * The demo's data, as `dev:api` seeds it, in a Worker that a test has started.
 */
import { DEMO, controlSql, keyText } from "../../../scripts/demo/control.js";
import { demoEvents, utcMidnight } from "../../../scripts/demo/events.js";

/** @param {string} prefix */
function demoKey(prefix) {
  const key = DEMO.flatMap((account) => account.keys).find((item) => item.prefix === prefix);
  if (key === undefined) throw new Error(`the demo has no key ${prefix}`);
  return keyText(key);
}

/** The demo's keys: by project, and for account keys by account. */
export const demoKeys = {
  shop: { pk: demoKey("shoppk01"), sk: demoKey("shopsk01"), rk: demoKey("shoprk01") },
  blog: { sk: demoKey("blogsk01"), rk: demoKey("blogrk01") },
  demo: { ak: demoKey("demoak01") },
  solo: { sk: demoKey("solosk01"), rk: demoKey("solork01"), ak: demoKey("soloak01") },
  hobby: { sk: demoKey("hobbsk01"), rk: demoKey("hobbrk01"), ak: demoKey("hobbak01") },
  empty: { ak: demoKey("emptak01") },
};

/** The projects that have events in the demo. */
const WITH_EVENTS = /** @type {const} */ (["shop", "blog"]);

/**
 * @param {import("@cloudflare/workers-types").D1Database} control
 * @param {string} pepper
 * @param {number} [now]
 */
export async function seedControl(control, pepper, now = Date.now()) {
  await control.exec(controlSql(pepper, utcMidnight(now)));
}

/**
 * @param {string} url the running Worker's
 * @param {string} adminToken
 * @param {number} [now]
 */
export async function importDemoEvents(url, adminToken, now = Date.now()) {
  const projects = DEMO.flatMap((account) => account.projects);
  for (const name of WITH_EVENTS) {
    const project = projects.find((item) => item.slug === name);
    if (project === undefined) throw new Error(`the demo has no project ${name}`);
    const events = demoEvents(name, utcMidnight(now));
    await importEvents(url, adminToken, project.id, events);
  }
}

/** The most events that one import request may hold. */
const BATCH = 1000;

/**
 * @param {string} url the running Worker's
 * @param {string} adminToken
 * @param {string} projectId
 * @param {object[]} events
 */
export async function importEvents(url, adminToken, projectId, events) {
  for (let sent = 0; sent < events.length; sent += BATCH) {
    const response = await fetch(`${url}/admin/import?project=${projectId}`, {
      method: "POST",
      headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
      body: JSON.stringify({ events: events.slice(sent, sent + BATCH) }),
    });
    if (!response.ok) throw new Error(`import: ${response.status} ${await response.text()}`);
  }
}
