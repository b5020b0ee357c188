/** A client that keeps no pace: what is over the limit is refused as promised, and nothing is lost. */
import assert from "node:assert/strict";
import { Connection } from "./client.js";

const AT_ONCE = 16;
const SENT = 300;
/** The server's bucket for single events. */
const BURST = 200;
const PER_SECOND = 50;

/**
 * Sends more than the limit, and counts afterwards.
 *
 * @param {import("./world.js").World} world
 * @param {import("./model.js").Project} project its own
 * @param {number} stored how many events it has already
 * @returns {Promise<{ taken: number, refused: number }>}
 */
export async function flood(world, project, stored) {
  /** @type {Map<string, number[]>} */
  const timings = new Map();
  const connections = Array.from({ length: AT_ONCE }, () => new Connection(world.url, timings));
  const start = performance.now();
  let left = SENT;
  let taken = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (left-- > 0) {
        const body = { event: "flood" };
        const got = await connection.send("flood", "/v1/track", project.sk, body);
        if (got.status === 202) taken += 1;
        else assert.deepEqual([got.status, got.body.error], [429, "rate_limited"]);
        if (got.status === 429) {
          assert.equal(got.headers["retry-after"], String(got.body.retry_after_s));
          assert.ok(got.body.retry_after_s >= 1);
        }
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  assert.ok(taken <= BURST + PER_SECOND * (seconds + 1), `${taken} taken in ${seconds} s`);
  const given = { from: "2020-01-01", to: "2100-01-01", event: "flood" };
  const { body } = await connections[0].tool(project.rk, "get_stats", given);
  assert.deepEqual(body.rows, [{ value: stored + taken }]);
  for (const connection of connections) connection.close();
  return { taken, refused: SENT - taken };
}
