/** The server under load, with its account and projects; and the pace that a client keeps. */
import assert from "node:assert/strict";
import { inTree } from "../worker/support/root.js";
import { ADMIN_TOKEN, startWorker } from "../worker/support/worker.js";
import { Project } from "./model.js";

/**
 * @param {string} url
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
async function admin(url, path, body) {
  const response = await fetch(`${url}/admin/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const got = await response.json();
  assert.equal(response.status, 201, JSON.stringify(got));
  return got;
}

/** One deployment with one account. */
export class World {
  #account;
  #made = 0;

  /**
   * @param {import("../worker/support/worker.js").RunningWorker} worker
   * @param {string} account
   * @param {string} ak
   */
  constructor(worker, account, ak) {
    this.worker = worker;
    this.url = worker.url;
    this.#account = account;
    this.ak = ak;
  }

  static async start() {
    const bindings = { REQUEST_LOG: "off" }; // nobody reads it, and it would be kept in memory
    const entry = inTree("tests", "soak", "entry.js");
    const worker = await startWorker({ entry, seed: false, bindings });
    const plan = { name: "Soak", plan: "business" };
    const { account_id } = await admin(worker.url, "accounts", plan);
    const { key } = await admin(worker.url, "keys", { kind: "ak", account_id });
    return new World(worker, account_id, key);
  }

  /** @returns {Promise<Project>} a new one, empty */
  async project() {
    const of = { account_id: this.#account, slug: `p${++this.#made}` };
    const { project_id } = await admin(this.url, "projects", of);
    const mint = async (/** @type {string} */ kind) =>
      (await admin(this.url, "keys", { kind, project_id })).key;
    return new Project({ id: project_id, sk: await mint("sk"), rk: await mint("rk") }, Date.now());
  }
}

/** A bucket a little smaller than the server's, so that none of ours is ever refused. */
export class Pace {
  #left;
  #at = performance.now();

  /** @param {number} perSecond @param {number} most at once */
  constructor(perSecond, most) {
    this.perSecond = perSecond;
    this.most = most;
    this.#left = most;
  }

  /** @returns {boolean} whether another request is within the pace; it then counts */
  take() {
    const now = performance.now();
    this.#left = Math.min(this.most, this.#left + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
