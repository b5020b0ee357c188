/**
 * The least that keeping an event takes on this runtime: its text, unseen, as a row of its project's
 * Durable Object.
 */
import { DurableObject } from "cloudflare:workers";

/**
 * @typedef {{ EVENTS: import("@cloudflare/workers-types").DurableObjectNamespace }} Bindings
 */

export class Events extends DurableObject {
  #sql = this.ctx.storage.sql;

  /**
   * @param {any} state
   * @param {any} env
   */
  constructor(state, env) {
    super(state, env);
    this.#sql.exec("CREATE TABLE IF NOT EXISTS events (event TEXT)");
  }

  /** @param {string} event */
  append(event) {
    this.#sql.exec("INSERT INTO events VALUES (?)", event);
  }
}

export default {
  /**
   * @param {Request} request the key stands for its project
   * @param {Bindings} env
   */
  async fetch(request, env) {
    const project = env.EVENTS.idFromName(request.headers.get("authorization") ?? "");
    const store = /** @type {any} */ (env.EVENTS.get(project));
    await store.append(await request.text());
    return Response.json({ ok: true }, { status: 202 });
  },
};
