/**
 * What a plain JavaScript Worker needs to keep events: JSON.parse, and the simplest insert of each
 * event into its Durable Object's SQLite. It checks nothing, derives nothing and has no index.
 */
import { DurableObject } from "cloudflare:workers";

/**
 * @typedef {{ EVENTS: import("@cloudflare/workers-types").DurableObjectNamespace }} Bindings
 */

const INSERT =
  "INSERT INTO events (event, event_id, timestamp, anonymous_id, user_id, url, referrer, " +
  "properties, context) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

/** @param {unknown} value */
const json = (value) => (value === undefined ? null : JSON.stringify(value));

export class Events extends DurableObject {
  #sql = this.ctx.storage.sql;

  /**
   * @param {any} state
   * @param {any} env
   */
  constructor(state, env) {
    super(state, env);
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS events (event TEXT, event_id TEXT, timestamp TEXT, " +
        "anonymous_id TEXT, user_id TEXT, url TEXT, referrer TEXT, properties TEXT, context TEXT)",
    );
  }

  /**
   * The runtime commits what is written in one go at once, and holds the answer back until then.
   *
   * @param {string} body
   * @returns {number}
   */
  append(body) {
    const { events } = JSON.parse(body);
    for (const e of events) {
      this.#sql.exec(
        INSERT,
        e.event,
        e.event_id,
        e.timestamp,
        e.anonymous_id,
        e.user_id ?? null,
        e.url ?? null,
        e.referrer ?? null,
        json(e.properties),
        json(e.context),
      );
    }
    return events.length;
  }

  count() {
    return this.#sql.exec("SELECT COUNT(*) AS count FROM events").one().count;
  }
}

export default {
  /**
   * @param {Request} request
   * @param {Bindings} env
   */
  async fetch(request, env) {
    const store = /** @type {any} */ (env.EVENTS.get(env.EVENTS.idFromName("project")));
    if (request.method === "GET") return Response.json({ count: await store.count() });
    const count = await store.append(await request.text());
    return Response.json({ ok: true, count }, { status: 202 });
  },
};
