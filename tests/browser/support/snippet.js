/**
 * What the snippet's tests share: a world for each file that imports this, times of the snippet, and
 * what is said of requests and rows.
 */
import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { openWorld } from "./visitors.js";

const KEEPALIVE_LIMIT = 60 * 1024;
export const FLUSH_MS = 2000;
export const ANSWER_MS = 30_000;

/** What happens when a page goes to the background. */
export const HIDE =
  "Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });" +
  "document.dispatchEvent(new Event('visibilitychange'))";

/** @type {import("./visitors.js").World} from the file's first test on */
export let world;
before(async () => {
  world = await openWorld();
});
after(() => world?.close());
afterEach(checkRequests);

/** All requests must be ones that outlive their pages, at their routes. */
function checkRequests() {
  for (const { bytes, path, contentType, events } of world.proxy.seen) {
    assert.ok(bytes < KEEPALIVE_LIMIT, `a body of ${bytes} bytes may not outlive its page`);
    assert.equal(path, events.length === 1 ? "/v1/track" : "/v1/batch");
    assert.equal(contentType, "application/json");
  }
}

/** @param {any[]} rows stored, or as sent */
export const names = (rows) => rows.map((row) => row.event_name ?? row.event);
/** @param {string} prefix @param {number} count */
export const numbered = (prefix, count) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
/**
 * @param {string} event
 * @returns {Promise<void>} when a request that holds it was answered by the Worker
 */
export const arrived = (event) =>
  world.proxy.until((seen) =>
    seen.some(
      ({ status, events }) => status === 202 && events.some((sent) => sent.event === event),
    ),
  );
