/** Requests that come again: an event is stored once, and nothing else is remembered between two. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { RANGE, get, post, rpc, store, tool } from "./support/calls.js";
import { startWorld } from "./support/tenants.js";

/** @type {import("./support/tenants.js").World} */
let world;
/** @type {import("./support/tenants.js").Project} */
let project;
/** @type {import("./support/tenants.js").Project} */
let other;

before(async () => {
  world = await startWorld();
  [project, other] = (await world.tenant("Acme", "business", ["site", "other"])).projects;
});
after(() => world.end());

/**
 * @param {string} event
 * @param {import("./support/tenants.js").Project} [of]
 */
async function count(event, of = project) {
  const got = await get(world.url, of.keys.rk, "stats", { event });
  return got.json.rows[0].value;
}

describe("the same event_id", () => {
  test("twenty times at once and again is one event", async () => {
    const event = { event: "once", event_id: "once-1", anonymous_id: "a" };
    const send = () => post(world.url, project.keys.sk, "track", event);
    const answers = [...(await Promise.all(Array.from({ length: 20 }, send))), await send()];
    for (const { status, json } of answers) {
      assert.deepEqual([status, json], [202, { ok: true, event_id: "once-1" }]);
    }
    assert.equal(await count("once"), 1);
  });

  test("over another route, another key or with another content is still that event", async () => {
    const event = { event: "first", event_id: "routes-1" };
    await store(world.url, project.keys.sk, [event]);
    const again = { ...event, event: "changed", user_id: "mallory" };
    assert.equal((await store(world.url, project.keys.sk, [again, again])).duplicates, 2);
    const called = await tool(world.url, project.keys.sk, "track_event", again);
    assert.deepEqual(called.json.result.structuredContent, { ok: true, event_id: "routes-1" });
    const page = await fetch(`${world.url}/v1/track`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${project.keys.pk}`,
        "content-type": "application/json",
        origin: "https://page.example",
      },
      body: JSON.stringify(again),
    });
    assert.equal(page.status, 202);
    assert.deepEqual([await count("first"), await count("changed")], [1, 0]);
  });

  test("in another project is another event", async () => {
    const event = { event: "both", event_id: "both-1" };
    await store(world.url, project.keys.sk, [event]);
    await store(world.url, other.keys.sk, [event]);
    assert.deepEqual([await count("both"), await count("both", other)], [1, 1]);
  });

  test("as it is forgotten, it does not come back by itself", async () => {
    const event = { event: "gone", event_id: "gone-1", user_id: "leaving" };
    await store(world.url, project.keys.sk, [event]);
    const forget = () => post(world.url, project.keys.sk, "forget", { user_id: "leaving" });
    assert.deepEqual((await forget()).json, { ok: true, deleted: 1 });
    assert.deepEqual((await forget()).json, { ok: true, deleted: 0 });
    assert.equal(await count("gone"), 0);
  });
});

describe("the same JSON-RPC id", () => {
  test("at once with other questions gets each its own answer", async () => {
    const names = Array.from({ length: 8 }, (_, at) => `name_${at}`);
    await store(
      world.url,
      project.keys.sk,
      names.flatMap((event, at) => Array.from({ length: at + 1 }, () => ({ event }))),
    );
    const answers = await Promise.all(
      names.map((event) => tool(world.url, project.keys.rk, "get_stats", { ...RANGE, event })),
    );
    const values = answers.map(({ json }) => [
      json.id,
      json.result.structuredContent.rows[0].value,
    ]);
    assert.deepEqual(
      values,
      names.map((_, at) => [1, at + 1]),
    );
  });

  test("of another key gets that key's answer", async () => {
    const asked = /** @type {const} */ (["tools/list", undefined]);
    const [rk, sk, again] = [
      await rpc(world.url, project.keys.rk, ...asked),
      await rpc(world.url, project.keys.sk, ...asked),
      await rpc(world.url, project.keys.rk, ...asked),
    ];
    assert.equal(rk.text, again.text);
    assert.notEqual(rk.text, sk.text);
    const call = { name: "track_event", arguments: { event: "x" } };
    assert.equal((await rpc(world.url, project.keys.sk, "tools/call", call)).status, 200);
    const refused = await rpc(world.url, project.keys.rk, "tools/call", call);
    assert.equal(refused.json.error.data.error, "insufficient_scope");
    assert.equal(await count("x"), 1);
  });

  test("a notification does nothing, however often", async () => {
    for (let sent = 0; sent < 3; sent++) {
      const response = await fetch(`${world.url}/mcp`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${project.keys.sk}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({
          jsonrpc: "2.0",
          method: "tools/call",
          params: { name: "track_event", arguments: { event: "notified" } },
        }),
      });
      assert.deepEqual([response.status, await response.text()], [202, ""]);
    }
    assert.equal(await count("notified"), 0);
  });
});
