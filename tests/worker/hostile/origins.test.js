/** Pages that are not ours to trust: DNS rebinding at the MCP endpoints, and pk keys on other pages. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { rawFetch } from "../support/raw.js";
import { PAGE, startWorld } from "./support/tenants.js";

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

/** Origins that look like this machine's, and are not. */
const STRANGERS = [
  "http://evil.example",
  "https://evil.example:443",
  "http://localhost.evil.example",
  "http://localhost@evil.example",
  "http://localhost:80@evil.example",
  "http://localhost:8080.evil.example",
  "http://evil.example/http://localhost:80",
  "http://localhost:",
  "http://localhost:8080/",
  "http://localhost:80a",
  "http://127.0.0.1.evil.example",
  "http://127.0.0.1:80.evil.example",
  "http://127.0.0.2:80",
  "http://2130706433",
  "http://[::1].evil.example",
  "http://[::ffff:127.0.0.1]",
  "https://localhost.evil.example",
  "app://localhost:8080",
  "file://localhost",
  "null",
  "*",
  "http://localhost:8080, http://evil.example",
  "http://evil.example http://localhost:8080",
  "http://\u00e9vil.example",
];

for (const [name, localOrigins, allowed] of /** @type {[string, boolean, string[]][]} */ ([
  ["with no origin allowed", false, []],
  [
    "with this machine's allowed",
    true,
    ["", "s"].flatMap((s) =>
      ["localhost", "localhost:1", "127.0.0.1:65535", "[::1]:3000"].map((h) => `http${s}://${h}`),
    ),
  ],
])) {
  describe(`MCP ${name}`, () => {
    /** @type {import("./support/tenants.js").World} */
    let world;
    /** @type {import("./support/tenants.js").Tenant} */
    let tenant;
    before(async () => {
      world = await startWorld({ localOrigins });
      tenant = await world.tenant("Acme", "business", ["site"]);
    });
    after(() => world.end());

    const endpoints = () =>
      /** @type {[string, string][]} */ ([
        ["/mcp", tenant.projects[0].keys.sk],
        ["/mcp/", tenant.projects[0].keys.rk],
        ["/mcp/account", tenant.ak],
      ]);

    /**
     * @param {string} path
     * @param {string} key
     * @param {Record<string, string>} headers
     * @param {string} [method]
     */
    const send = (path, key, headers, method = "POST") =>
      rawFetch(world.url + path, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
        body: method === "POST" ? PING : "",
      });

    test("strangers' pages are refused, whatever Host they bring", async () => {
      const { host: own } = new URL(world.url);
      for (const [path, key] of endpoints()) {
        for (const origin of STRANGERS) {
          for (const host of [own, origin.replace(/^.*\/\//, "").replace(/[^\w.:-]/g, "") || own]) {
            for (const method of ["POST", "OPTIONS", "GET"]) {
              const got = await send(path, key, { host, origin }, method);
              const { error } = JSON.parse(Buffer.from(got.body).toString());
              assert.deepEqual([got.status, error], [403, "origin_not_allowed"], origin);
              assert.equal(got.headers.get("access-control-allow-origin"), null);
            }
          }
        }
      }
    });

    test("a Host of its own name does not make a page the server's", async () => {
      for (const host of ["evil.example", "evil.example:8787", "localhost"]) {
        for (const scheme of ["http", "https"]) {
          const origin = `${scheme}://${host}:9`;
          if (allowed.length > 0 && host === "localhost") continue;
          const headers = { host, origin };
          assert.equal((await send("/mcp", endpoints()[0][1], headers)).status, 403);
        }
      }
    });

    test("allowed ones, and clients that are no pages, are answered", async () => {
      for (const [path, key] of endpoints()) {
        for (const host of [new URL(world.url).host, "evil.example"]) {
          assert.equal((await send(path, key, { host })).status, 200);
          for (const origin of allowed) {
            const got = await send(path, key, { host, origin });
            assert.equal(got.status, 200, origin);
            assert.equal(got.headers.get("access-control-allow-origin"), origin);
            assert.equal(got.headers.get("access-control-allow-credentials"), null);
          }
        }
      }
    });
  });
}

describe("a pk key", () => {
  /** @type {import("./support/tenants.js").World} */
  let world;
  /** @type {string} */
  let pk;
  before(async () => {
    world = await startWorld();
    const [project] = (await world.tenant("Acme", "business", ["site"])).projects;
    await world.tenant("Other", "business", ["elsewhere"]);
    pk = project.keys.pk;
  });
  after(() => world.end());

  test("sends from its page alone", async () => {
    for (const [origin, status] of /** @type {[string, number][]} */ ([
      [PAGE, 202],
      [PAGE.toUpperCase(), 202],
      [`${PAGE}/`, 403],
      [`${PAGE}:443`, 403],
      [PAGE.replace("https", "http"), 403],
      [`${PAGE}.evil.example`, 403],
      ["https://evil-page.example", 403],
      [`https://sub.${new URL(PAGE).host}`, 403],
      [`${PAGE}, ${PAGE}`, 403],
      ["null", 403],
      ["", 403],
      ...STRANGERS.map((stranger) => /** @type {[string, number]} */ ([stranger, 403])),
    ])) {
      const got = await rawFetch(`${world.url}/v1/track`, {
        method: "POST",
        headers: { authorization: `Bearer ${pk}`, "content-type": "application/json", origin },
        body: '{"event":"a"}',
      });
      assert.equal(got.status, status, origin);
      const echoed = got.headers.get("access-control-allow-origin");
      assert.equal(echoed, status === 202 ? origin : null);
    }
  });

  test("a preflight lets no stranger through", async () => {
    for (const origin of STRANGERS) {
      for (const path of ["/v1/track", "/v1/batch", "/v1/identify"]) {
        const got = await rawFetch(world.url + path, { method: "OPTIONS", headers: { origin } });
        assert.equal(got.headers.get("access-control-allow-origin"), null, origin);
      }
    }
  });
});
