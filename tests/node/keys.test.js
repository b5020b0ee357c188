/** How long a key is remembered, and what is seen at once all the same. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { NOW, startServer } from "./support/server.js";

const MINUTE = 60_000;

/** @type {import("./support/server.js").Server} */
let server;
beforeEach(() => {
  server = startServer();
});
afterEach(() => server.dispose());

const revoke = (/** @type {string} */ prefix) =>
  server.harness.control(`UPDATE api_keys SET revoked_at = 1 WHERE prefix = '${prefix}'`);
const addProject = () =>
  server.harness.control(
    "INSERT INTO projects (id, account_id, slug, name, created_at) " +
      "VALUES ('prj_new', 'acc_demo', 'new', 'New', 0)",
  );

describe("a revoked key", () => {
  test("is refused within a minute", async () => {
    assert.equal((await server.rpc("shoprk01", "ping", {}, NOW)).status, 200);
    revoke("shoprk01");
    assert.equal((await server.rpc("shoprk01", "ping", {}, NOW + MINUTE - 1)).status, 200);
    const late = await server.rpc("shoprk01", "ping", {}, NOW + MINUTE);
    assert.deepEqual([late.status, late.json.error], [401, "invalid_api_key"]);
  });

  test("is not remembered longer for being used", async () => {
    await server.rpc("shoprk01", "ping", {}, NOW);
    revoke("shoprk01");
    for (const after of [20, 40, 59]) {
      assert.equal((await server.rpc("shoprk01", "ping", {}, NOW + after * 1000)).status, 200);
    }
    assert.equal((await server.rpc("shoprk01", "ping", {}, NOW + MINUTE)).status, 401);
  });

  test("is refused at once by what looks at the control plane anyway", async () => {
    await server.tool("demoak01", "list_projects");
    revoke("demoak01");
    const listed = await server.tool("demoak01", "list_projects");
    assert.deepEqual([listed.status, listed.json.error], [401, "invalid_api_key"]);
    const asked = await server.tool("demoak01", "get_stats", { project_id: "prj_none" });
    assert.deepEqual([asked.status, asked.json.error], [401, "invalid_api_key"]);
  });

  test("is refused when the clock has stepped back behind its verification", async () => {
    await server.rpc("shoprk01", "ping", {}, NOW);
    revoke("shoprk01");
    assert.equal((await server.rpc("shoprk01", "ping", {}, NOW - 1)).status, 401);
  });
});

describe("a new project", () => {
  test("is found at once by a key that is remembered", async () => {
    await server.rpc("demoak01", "ping");
    addProject();
    for (const named of [{ project_id: "prj_new" }, { project_slug: "new" }]) {
      const got = await server.tool("demoak01", "get_stats", named);
      assert.deepEqual(got.json.result.structuredContent.rows, [{ value: 0 }]);
    }
    const { json } = await server.tool("demoak01", "list_projects");
    const slugs = json.result.structuredContent.rows.map((/** @type {any} */ row) => row.slug);
    assert.deepEqual(slugs, ["blog", "new", "shop"]);
  });

  test("is found at once by a key that saw none", async () => {
    assert.equal((await server.tool("emptak01", "get_stats")).json.error.code, -32005);
    server.harness.control(
      "INSERT INTO projects (id, account_id, slug, name, created_at) " +
        "VALUES ('prj_first', 'acc_empty', 'first', 'First', 0)",
    );
    const { json } = await server.tool("emptak01", "get_stats");
    assert.deepEqual(json.result.structuredContent.rows, [{ value: 0 }]);
  });
});

describe("many keys", () => {
  test("are told apart, more of them than are remembered", async () => {
    const prefixes = Array.from(
      { length: 1500 },
      (_, i) => `k${String(i).padStart(3, "0")}rk0${i > 999 ? 2 : 1}`,
    ).map((prefix, i) =>
      i > 999 ? prefix.replace(/^k\d+/, `m${String(i - 1000).padStart(3, "0")}`) : prefix,
    );
    for (const prefix of prefixes) {
      server.harness.control(
        "INSERT INTO api_keys (prefix, kind, env, secret_hash, account_id, project_id, created_at) " +
          `SELECT '${prefix}', 'rk', env, secret_hash, account_id, project_id, 0 FROM api_keys ` +
          "WHERE prefix = 'shoprk01'",
      );
    }
    for (const prefix of prefixes) assert.equal((await server.rpc(prefix, "ping")).status, 200);
    const bytes = server.harness.memoryBytes;
    for (const prefix of prefixes) assert.equal((await server.rpc(prefix, "ping")).status, 200);
    assert.equal(server.harness.memoryBytes, bytes);
  });
});
