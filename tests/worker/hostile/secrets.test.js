/** Secrets where something is broken, missing or listed: nothing is shown, and nothing opens. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ADMIN_TOKEN } from "../support/worker.js";
import { get, post, rpc } from "./support/calls.js";
import { startWorld } from "./support/tenants.js";

/**
 * @param {string} url
 * @param {string} path below /admin
 * @param {string} token
 */
const listed = (url, path, token) =>
  fetch(`${url}/admin/${path}`, { headers: { authorization: `Bearer ${token}` } });

describe("the operator's lists", () => {
  /** @type {import("./support/tenants.js").World} */
  let world;
  before(async () => {
    world = await startWorld();
    await world.tenant("Acme", "business", ["site"]);
  });
  after(() => world.end());

  test("have no secret and no hash", async () => {
    const hashes = await world.worker.control.prepare("SELECT secret_hash FROM api_keys").all();
    assert.equal(hashes.results.length, 4);
    for (const path of ["accounts", "projects", "keys", "usage"]) {
      const text = await (await listed(world.url, path, ADMIN_TOKEN)).text();
      world.checkSilent(text, path);
      for (const { secret_hash } of hashes.results) assert.ok(!text.includes(String(secret_hash)));
      assert.doesNotMatch(text, /hash/);
    }
  });

  test("open to the whole token alone", async () => {
    for (const token of [
      "",
      "undefined",
      ADMIN_TOKEN.slice(0, -1),
      `${ADMIN_TOKEN}x`,
      ADMIN_TOKEN.toUpperCase(),
      `${ADMIN_TOKEN}, Bearer ${ADMIN_TOKEN}`,
    ]) {
      assert.equal((await listed(world.url, "accounts", token)).status, 401);
    }
  });
});

test("a control plane that is broken shows nothing of itself", async () => {
  const world = await startWorld();
  const tenant = await world.tenant("Acme", "business", ["site"]);
  const [{ keys }] = tenant.projects;
  await world.worker.control.prepare("ALTER TABLE api_keys RENAME TO api_keys_gone").run();
  for (const { status, text } of [
    await post(world.url, keys.sk, "track", { event: "a" }),
    await get(world.url, keys.rk, "query", {}),
    await rpc(world.url, keys.sk, "tools/list"),
    await rpc(world.url, tenant.ak, "tools/list"),
  ]) {
    assert.equal(status, 502, text);
    assert.doesNotMatch(text, /api_keys|SQL|D1|table|\bat /);
    world.checkSilent(text, "an answer");
  }
  const response = await listed(world.url, "keys", ADMIN_TOKEN);
  assert.equal(response.status, 502);
  assert.doesNotMatch(await response.text(), /api_keys|SQL|D1|table/);
  await world.end();
});

test("without a pepper no key can be minted, and none opens", async () => {
  const world = await startWorld({ bindings: { PEPPER: "" } });
  const { account_id } = await world.admin("accounts", { name: "Acme", plan: "business" });
  const minted = await fetch(`${world.url}/admin/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ kind: "ak", account_id }),
  });
  assert.equal(minted.status, 502, await minted.text());
  const key = `ak_live_ab12CD34_${"s".repeat(32)}`;
  assert.equal((await rpc(world.url, key, "tools/list")).status, 502);
  await world.end();
});

test("without an admin token there is no admin API, for an empty one either", async () => {
  const world = await startWorld({ bindings: { ADMIN_TOKEN: "" } });
  for (const authorization of ["", "Bearer ", "Bearer"]) {
    const headers = { authorization };
    const response = await fetch(`${world.url}/admin/accounts`, { headers });
    assert.equal(response.status, 404, await response.text());
  }
  await world.end();
});
