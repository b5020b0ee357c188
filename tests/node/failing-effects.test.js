/**
 * The gateway's effects fail, each of a request's in turn: before it is carried out, or behind that,
 * when only the answer is lost. The request is refused as the contract says, and sent again it leaves
 * everything as if nothing had failed.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ADMIN_TOKEN } from "../data/cases.js";
import { NOW, keyOf, startServer } from "./support/server.js";

const INTERNALS = "table sqlite_secret is on fire";
const SHOP = "prj_shop";
/** Of three shards. */
const SOLO = "prj_solo";
const EVENTS = 30;

/** @typedef {{ method: string, path: string, token: string, body?: object }} Sent */

/** How many effects there are up to the one that fails. */
let left = Infinity;
let isCarriedOut = false;
let requests = 0;

function startWorld() {
  const server = startServer({
    wrapEffects: (perform) => async (effect) => {
      if (--left !== 0) return perform(effect);
      if (isCarriedOut) await perform(effect);
      throw new Error(INTERNALS);
    },
  });
  server.harness.control(`UPDATE projects SET generation = 1, shards = 3 WHERE id = '${SOLO}'`);
  return server;
}

/** @typedef {ReturnType<typeof startWorld>} World */

/**
 * @param {World} world
 * @param {Sent} sent
 */
async function send({ harness }, { method, path, token, body }) {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, ++requests, true);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const text = body === undefined ? undefined : JSON.stringify(body);
  const got = await harness.fetch(method, path, headers, text, { now: NOW, seed });
  const answer = new TextDecoder().decode(got.body);
  return { status: got.status, headers: got.headers, text: answer, json: JSON.parse(answer) };
}

/**
 * @param {number} i
 * @param {object} [more]
 */
const event = (i, more) => ({
  event: "e",
  event_id: `id-${i}`,
  anonymous_id: `v${i % 7}`,
  user_id: i % 3 === 0 ? `u${i % 4}` : undefined,
  timestamp: new Date(NOW - (i + 1) * 3_600_000).toISOString(),
  ...more,
});

/** @param {World} world */
async function fill(world) {
  const events = Array.from({ length: EVENTS }, (_, i) => event(i));
  for (const project of [SHOP, SOLO]) await world.importEvents(project, events);
}

/**
 * All that a request could have changed.
 *
 * @param {World} world
 */
async function stateOf(world) {
  const get = async (/** @type {string} */ path) => {
    const { json } = await send(world, {
      method: "GET",
      path: `/admin/${path}`,
      token: ADMIN_TOKEN,
    });
    return json.rows;
  };
  /** @type {Record<string, unknown>} */
  const state = {};
  for (const project of [SHOP, SOLO]) {
    const rows = await get(`export?project=${project}`);
    state[project] = rows.map((/** @type {any} */ { event_id, anonymous_id, user_id }) =>
      [event_id, anonymous_id, user_id].join(),
    );
  }
  for (const list of ["usage", "projects", "accounts", "keys"]) state[list] = await get(list);
  return state;
}

const sk = { shop: keyOf("shopsk01"), solo: keyOf("solosk01") };
const about = { context: { ip: "203.0.113.9" } };
const many = Array.from({ length: 9 }, (_, i) => event(100 + i, about));
const post = (
  /** @type {string} */ path,
  /** @type {string} */ token,
  /** @type {object} */ body,
) => ({
  method: "POST",
  path,
  token,
  body,
});

/** @type {Record<string, Sent>} */
const REQUESTS = {
  "an event": post("/v1/track", sk.shop, event(100, about)),
  "an event for shards": post("/v1/track", sk.solo, event(100, about)),
  "a batch": post("/v1/batch", sk.shop, { events: many }),
  "a batch for shards": post("/v1/batch", sk.solo, { events: many }),
  "an import for shards": post(`/admin/import?project=${SOLO}`, ADMIN_TOKEN, { events: many }),
  "an identify": post("/v1/identify", sk.solo, { ...event(100), user_id: "u9" }),
  "a tool's event": post("/mcp", sk.shop, {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "track_event", arguments: event(100) },
  }),
  "to forget": post("/v1/forget", sk.shop, { user_id: "u1" }),
  "to forget in shards": post("/v1/forget", sk.solo, { user_id: "u1" }),
  "another plan": {
    ...post("/admin/accounts/acc_demo", ADMIN_TOKEN, { plan: "pro" }),
    method: "PATCH",
  },
  "another slug": {
    ...post(`/admin/projects/${SHOP}`, ADMIN_TOKEN, { slug: "other" }),
    method: "PATCH",
  },
  "a revocation": { method: "DELETE", path: "/admin/keys/shopsk01", token: ADMIN_TOKEN },
};

const { error: log } = console;
before(() => {
  console.error = () => {}; // the hosts log each failure
});
after(() => {
  console.error = log;
});

/**
 * What is made gets an id of its own each time, so that sending it again makes another: whatever fails,
 * nothing may have been made.
 *
 * @type {Record<string, [list: string, Sent]>}
 */
const CREATIONS = {
  "an account": ["accounts", post("/admin/accounts", ADMIN_TOKEN, { name: "New" })],
  "a project": [
    "projects",
    post("/admin/projects", ADMIN_TOKEN, { account_id: "acc_demo", slug: "new" }),
  ],
  "a key of a project": [
    "keys",
    post("/admin/keys", ADMIN_TOKEN, { kind: "rk", project_id: SHOP }),
  ],
  "a key of an account": [
    "keys",
    post("/admin/keys", ADMIN_TOKEN, { kind: "ak", account_id: "acc_demo", project_ids: [SHOP] }),
  ],
};

for (const [name, [list, sent]] of Object.entries(CREATIONS)) {
  test(`${name} that is refused, whichever effect failed, was not made`, async () => {
    isCarriedOut = false;
    const world = startWorld();
    const listed = async () => (await stateOf(world))[list];
    const before = await listed();
    for (let at = 1; ; at++) {
      left = at;
      const { status, text } = await send(world, sent);
      const struck = left <= 0;
      left = Infinity;
      if (!struck) {
        assert.equal(status, 201, text);
        assert.ok(at > 2);
        break;
      }
      assert.equal(status, 502, text);
      assert.deepEqual(await listed(), before, `effect ${at}`);
    }
    world.dispose();
  });
}

/**
 * @param {Sent} sent
 * @param {number} at
 * @param {unknown} right
 * @returns {Promise<boolean>} whether there was an effect to fail
 */
async function failsAt(sent, at, right) {
  const world = startWorld();
  try {
    await fill(world);
    left = at;
    const got = await send(world, sent);
    const struck = left <= 0;
    left = Infinity;
    if (!struck) return false;
    assert.ok(!got.text.includes("fire"), got.text);
    assert.match(got.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
    const code = got.json.error?.data?.error ?? got.json.error;
    assert.equal(code, got.status === 200 ? "tool_failed" : "upstream_failed");
    assert.ok([200, 502].includes(got.status));
    const again = await send(world, sent);
    assert.ok(again.status < 300 && again.json.error === undefined, again.text);
    assert.deepEqual(await stateOf(world), right);
    return true;
  } finally {
    left = Infinity;
    world.dispose();
  }
}

for (const [name, sent] of Object.entries(REQUESTS)) {
  describe(name, () => {
    for (const [how, carriedOut] of /** @type {[string, boolean][]} */ ([
      ["fails", false],
      ["is carried out, and its answer is lost", true],
    ])) {
      test(`each effect in turn ${how}`, async () => {
        const world = startWorld();
        await fill(world);
        assert.ok((await send(world, sent)).status < 300);
        const right = await stateOf(world);
        world.dispose();
        isCarriedOut = carriedOut;
        let at = 1;
        while (await failsAt(sent, at, right)) at++;
        assert.ok(at > 1);
      });
    }
  });
}
