/**
 * What a project's clients know of its events, held against what is stored: what was acknowledged is
 * there exactly once, what had no answer at most once, what was acknowledged as deleted not at all.
 */
import assert from "node:assert/strict";
import { ADMIN_TOKEN } from "./worker.js";

/**
 * @typedef {import("./worker.js").RunningWorker} RunningWorker
 * @typedef {{ event: string, event_id: string, timestamp: string, anonymous_id?: string }} Event
 */

/**
 * @param {RunningWorker} worker
 * @param {string} path
 * @param {string} token
 * @param {object} body
 * @param {string} [method]
 */
export async function send({ url }, path, token, body, method = "POST") {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text };
}

/**
 * @param {RunningWorker} worker
 * @param {string} path of the operator's interface
 */
async function read({ url }, path) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const response = await fetch(`${url}${path}`, { headers });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}

export class Ledger {
  /** @type {Map<string, Event>} acknowledged */
  kept = new Map();
  /** @type {Map<string, Event>} each may be there or not: no answer has come, or it may be deleted */
  unsure = new Map();

  /** @param {string} project its id */
  constructor(project) {
    this.project = project;
  }

  /** @param {RunningWorker} worker */
  storage(worker) {
    return read(worker, `/admin/storage?project=${this.project}`);
  }

  /**
   * All that is stored: how often each id is there.
   *
   * @param {RunningWorker} worker
   */
  async stored(worker) {
    /** @type {Map<string, number>} */
    const found = new Map();
    for (let cursor = ""; ;) {
      const path = `/admin/export?project=${this.project}&limit=1000${cursor}`;
      const { rows, next_cursor: next } = await read(worker, path);
      for (const { event_id: id } of rows) found.set(id, (found.get(id) ?? 0) + 1);
      if (next === undefined) return found;
      cursor = `&cursor=${next}`;
    }
  }

  /**
   * @param {RunningWorker} worker
   * @returns {Promise<any>} what /admin/storage says
   */
  async check(worker) {
    const found = await this.stored(worker);
    const missing = [...this.kept.keys()].filter((id) => !found.has(id));
    const doubled = [...found].filter(([, times]) => times > 1);
    const strangers = [...found.keys()].filter((id) => !this.kept.has(id) && !this.unsure.has(id));
    assert.deepEqual({ missing, doubled, strangers }, { missing: [], doubled: [], strangers: [] });
    const storage = await this.storage(worker);
    assert.equal(storage.damaged_segments, 0);
    assert.equal(storage.events, found.size);
    return storage;
  }

  /**
   * Imports events, of which the server has promised to keep those that it has acknowledged.
   *
   * @param {RunningWorker} worker
   * @param {Event[]} events
   * @returns {Promise<{ status: number, text: string }>}
   */
  async import(worker, events) {
    for (const event of events) this.unsure.set(event.event_id, event);
    const path = `/admin/import?project=${this.project}`;
    const answer = await send(worker, path, ADMIN_TOKEN, { events });
    if (answer.status === 200) this.acknowledged(events);
    return answer;
  }

  /** @param {Event[]} events */
  acknowledged(events) {
    for (const event of events) {
      this.unsure.delete(event.event_id);
      this.kept.set(event.event_id, event);
    }
  }

  /**
   * From now on these may be deleted at any moment.
   *
   * @param {(event: Event) => boolean} which
   */
  mayGo(which) {
    for (const [id, event] of this.kept) {
      if (!which(event)) continue;
      this.kept.delete(id);
      this.unsure.set(id, event);
    }
  }

  /**
   * These are deleted: none of them may be there any more.
   *
   * @param {(event: Event) => boolean} which
   */
  gone(which) {
    this.mayGo(which);
    for (const [id, event] of this.unsure) if (which(event)) this.unsure.delete(id);
  }
}
