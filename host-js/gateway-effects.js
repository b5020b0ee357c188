/**
 * The gateway's effects on Cloudflare: D1 for the control plane, a Durable Object for each project's
 * store, WebCrypto for digests.
 */
import { Hmac } from "./hmac.js";

/**
 * @typedef {import("./frames.js").Answer} Answer
 * @typedef {import("./frames.js").Effect} Effect
 * @typedef {import("./frames.js").Rows} Rows
 * @typedef {import("./frames.js").Statement} Statement
 * @typedef {import("./frames.js").Value} Value
 * @typedef {import("@cloudflare/workers-types").D1Database} D1Database
 * @typedef {import("@cloudflare/workers-types").DurableObjectNamespace} DurableObjectNamespace
 *
 * @typedef {object} Bindings
 * @property {D1Database} CONTROL
 * @property {DurableObjectNamespace} PROJECT_STORE
 * @property {string} PEPPER
 * @property {string} [ADMIN_TOKEN]
 * @property {string} [MCP_ALLOWED_ORIGINS]
 * @property {string} [REQUEST_LOG] "off": no line per request
 */

const nothing = new Uint8Array();

/**
 * How long a database or a store is waited for, which both end in 30 s what takes too long. Less than
 * core.js waits before it gives the request up, so that its client gets an answer. What was asked for
 * may still be done, as wherever an answer is lost.
 */
const ANSWER_WITHIN_MS = 45_000;

/** Ids of stores that are remembered: each is a digest of a name. */
const MOST_STORE_IDS = 1000;

/**
 * @template T
 * @param {Promise<T>} answer
 * @returns {Promise<T>}
 * @throws when it takes too long; how it ends then is nobody's concern
 */
function inTime(answer) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`));
    const timer = setTimeout(late, ANSWER_WITHIN_MS);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/**
 * @param {Value[][]} rows
 * @returns {Rows}
 */
function flat(rows) {
  return { width: rows.length === 0 ? 0 : rows[0].length, cells: rows.flat() };
}

/**
 * @param {D1Database} database
 * @param {Statement[]} statements
 * @returns {Promise<Rows[]>}
 */
async function runOnD1(database, statements) {
  const prepared = statements.map(({ sql, params }) => database.prepare(sql).bind(...params));
  if (prepared.length === 1) return [flat(await prepared[0].raw())];
  const results = await database.batch(prepared);
  // A batch answers with objects; their members keep the columns' order.
  return results.map(({ results: rows }) =>
    flat(rows.map((row) => Object.values(/** @type {Record<string, Value>} */ (row)))),
  );
}

/**
 * @param {Bindings} env
 * @returns {(effect: Effect) => Promise<Answer>}
 */
export function gatewayEffects(env) {
  const hmac = new Hmac(env.PEPPER);
  /** @type {Map<string, import("@cloudflare/workers-types").DurableObjectId>} */
  const storeIds = new Map();
  const storeId = (/** @type {string} */ name) => {
    const known = storeIds.get(name);
    if (known !== undefined) return known;
    if (storeIds.size === MOST_STORE_IDS) storeIds.clear();
    const id = env.PROJECT_STORE.idFromName(name);
    storeIds.set(name, id);
    return id;
  };
  return async (effect) => {
    switch (effect.kind) {
      case "sql":
        return { results: await inTime(runOnD1(env.CONTROL, effect.statements)) };
      case "store": {
        const object = /** @type {any} */ (env.PROJECT_STORE.get(storeId(effect.store)));
        const answer = await inTime(object.answer(effect.request));
        return answer instanceof Uint8Array ? answer : new Uint8Array(answer);
      }
      case "hmac":
        return hmac.digest(effect);
      case "random":
        return crypto.getRandomValues(new Uint8Array(effect.size));
      case "wake": {
        const { afterMs } = effect;
        await new Promise((resolve) => void setTimeout(resolve, afterMs));
        return nothing;
      }
    }
  };
}
