/** Preflights, which every visitor begins with: what they ask of the control plane. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NOW, startServer } from "./support/server.js";

const MINUTE = 60_000;

/**
 * A gateway whose questions to the control plane are counted.
 *
 * @param {import("node:test").TestContext} t
 */
function start(t) {
  let asked = 0;
  const { harness, dispose } = startServer({
    wrapEffects: (perform) => (effect) => {
      if (effect.kind === "sql") asked++;
      return perform(effect);
    },
  });
  t.after(dispose);
  let requests = 0;
  return {
    asked: () => asked,
    /** @param {string[]} origins of a project, from now on */
    let: (...origins) =>
      harness.control(
        `UPDATE projects SET origins = '${JSON.stringify(origins)}' WHERE id = 'prj_shop'`,
      ),
    /**
     * @param {string} origin
     * @param {number} [now]
     * @returns {Promise<boolean>} whether it may send
     */
    async preflight(origin, now = NOW) {
      const seed = new Uint8Array(32).fill(++requests);
      const headers = { origin, "access-control-request-method": "POST" };
      const answer = await harness.fetch("OPTIONS", "/v1/track", headers, undefined, { now, seed });
      assert.equal(answer.status, 204);
      return answer.headers.get("access-control-allow-origin") === origin;
    },
  };
}

test("that an origin may send is asked once a minute", async (t) => {
  const server = start(t);
  server.let("https://a.example");
  for (const now of [NOW, NOW + 1, NOW + MINUTE - 1]) {
    assert.equal(await server.preflight("https://a.example", now), true);
  }
  assert.equal(server.asked(), 1);

  server.let("https://b.example");
  assert.equal(await server.preflight("https://a.example", NOW + MINUTE), false);
  assert.equal(server.asked(), 2);
});

test("an origin that is let in does not wait for its minute", async (t) => {
  const server = start(t);
  assert.equal(await server.preflight("https://a.example"), false);
  server.let("https://a.example");
  assert.equal(await server.preflight("https://a.example"), true);
});

test("an origin that takes memory is not remembered", async (t) => {
  const server = start(t);
  server.let("http://localhost:*");
  const long = `http://localhost:${"1".repeat(1000)}`;
  for (const asked of [1, 2]) {
    assert.equal(await server.preflight(long), true);
    assert.equal(server.asked(), asked);
  }
});
