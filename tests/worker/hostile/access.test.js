/** Every way to present a key, at every route, with every method. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { METHODS, ROUTES, credentials, expected } from "./support/table.js";
import { PRIVATE, startWorld } from "./support/tenants.js";

const AT_ONCE = 16;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @type {import("./support/tenants.js").World} */
let world;
/** @type {import("./support/table.js").Credential[]} */
let presented;

before(async () => {
  world = await startWorld();
  const tenant = await world.tenant("Acme", "business", ["site"]);
  const [{ id, keys }] = tenant.projects;
  const revoked = /** @type {import("./support/table.js").KeySet} */ ({});
  for (const kind of /** @type {const} */ (["pk", "sk", "rk", "ak"])) {
    const of = kind === "ak" ? { account_id: tenant.account } : { project_id: id };
    const minted = await world.admin("keys", { kind, ...of });
    revoked[kind] = world.mark(minted.key);
    await revoke(minted.prefix);
  }
  presented = credentials({ ...keys, ak: tenant.ak }, revoked);
});
after(() => world.end());

/** @param {string} prefix */
async function revoke(prefix) {
  const { ADMIN_TOKEN } = await import("../support/worker.js");
  const response = await fetch(`${world.url}/admin/keys/${prefix}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  assert.equal(response.status, 200, await response.text());
}

/**
 * @param {import("./support/table.js").Route} route
 * @param {string} method
 * @param {import("./support/table.js").Credential} credential
 */
async function send(route, method, credential) {
  const sends = !["GET", "HEAD", "OPTIONS"].includes(method);
  const response = await fetch(`${world.url}${route.path}`, {
    method,
    redirect: "manual",
    headers: {
      ...(sends ? { "content-type": "application/json" } : {}),
      "user-agent": PRIVATE.agent,
      "cf-connecting-ip": PRIVATE.address,
      ...credential.headers,
    },
    body: sends ? JSON.stringify(route.body ?? {}) : null,
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** One answer for each refusal, wherever it is given: `status error` to the bytes. */
const bodies = /** @type {Map<string, string>} */ (new Map());

/**
 * @param {Awaited<ReturnType<typeof send>>} got
 * @param {import("./support/table.js").Expected} want
 * @param {string} what
 * @param {{ path: string, methods: Record<string, number> }} route
 * @param {string} method
 */
function check({ status, headers, body }, want, what, route, method) {
  assert.equal(status, want.status, `${what}: ${body}`);
  assert.match(headers.get("x-request-id") ?? "", UUID, what);
  world.checkSilent(body + JSON.stringify([...headers]), what);
  assert.equal(headers.get("www-authenticate") !== null, status === 401, what);
  const allow = headers.get("allow");
  if (status === 405) {
    const listed = (allow ?? "").split(", ").sort();
    // OPTIONS is answered at the MCP endpoints, for pages; the methods to use there are POST alone.
    const wanted = Object.keys(route.methods).filter((name) => name !== "OPTIONS");
    assert.deepEqual(
      listed.filter((name) => name !== "OPTIONS"),
      wanted.sort(),
      what,
    );
  } else {
    assert.equal(allow, null, what);
  }
  if (method === "HEAD" || status === 204) return assert.equal(body, "", what);
  if (want.error === undefined) return assert.doesNotMatch(body, /^\{"error"/, what);

  assert.equal(headers.get("content-type"), "application/json", what);
  const { error, error_description, ...more } = JSON.parse(body);
  assert.deepEqual([error, more], [want.error, {}], what);
  assert.ok(error_description.length > 10, what);
  if (error === "invalid_api_key" && !route.path.startsWith("/admin/")) {
    const first = bodies.get(error) ?? body;
    bodies.set(error, first);
    assert.equal(body, first, `${what}: another answer than for other keys that are not valid`);
  }
}

for (const route of ROUTES) {
  describe(route.path, () => {
    for (const method of METHODS) {
      test(`${method} with every key`, async () => {
        for (let at = 0; at < presented.length; at += AT_ONCE) {
          await Promise.all(
            presented.slice(at, at + AT_ONCE).map(async (credential) => {
              const want = expected(route, method, credential);
              const got = await send(route, method, credential);
              check(got, want, `${method} ${route.path} with ${credential.name}`, route, method);
            }),
          );
        }
      });
    }
  });
}

test("a key in the query string opens nothing", async () => {
  const key = presented[1].headers.authorization.slice("Bearer ".length);
  for (const name of ["key", "api_key", "access_token", "token", "authorization"]) {
    for (const [path, method] of [
      ["/v1/track", "POST"],
      ["/v1/query", "GET"],
      ["/mcp", "POST"],
      ["/admin/accounts", "GET"],
    ]) {
      const response = await fetch(`${world.url}${path}?${name}=${key}`, { method });
      const { error } = /** @type {any} */ (await response.json());
      assert.deepEqual([response.status, error], [401, "missing_bearer_token"]);
    }
  }
});
