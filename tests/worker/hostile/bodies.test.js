/** Bodies that are too long, come slowly, never end, lie about their length, or nest without end. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { RANGE, get, post, rpc, tool } from "./support/calls.js";
import { startWorld } from "./support/tenants.js";
import { exchange, message } from "./support/wire.js";

const LIMIT = 2 ** 20;
const MIB = "a".repeat(LIMIT);

/** @type {import("./support/tenants.js").World} */
let world;
/** @type {import("./support/tenants.js").Project} */
let project;
/** @type {import("./support/tenants.js").Tenant} */
let tenant;

before(async () => {
  world = await startWorld();
  tenant = await world.tenant("Acme", "business", ["site"]);
  [project] = tenant.projects;
});
after(() => world.end());

/** Every route that reads a body, with the key that it reads it for. */
const routes = () =>
  /** @type {[string, string][]} */ ([
    ["/mcp", project.keys.sk],
    ["/mcp/account", tenant.ak],
    ["/v1/track", project.keys.sk],
    ["/v1/batch", project.keys.sk],
    ["/v1/identify", project.keys.sk],
    ["/v1/forget", project.keys.sk],
  ]);

/**
 * @param {string} path
 * @param {string} key
 * @param {string[]} framing
 * @param {string} [body]
 */
const posted = (path, key, framing, body) =>
  message(
    `POST ${path} HTTP/1.1`,
    ["Host: a", `Authorization: Bearer ${key}`, "Content-Type: application/json", ...framing],
    body,
  );

/** @param {string[]} parts */
const chunks = (parts) =>
  [...parts, ""].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("");

/**
 * @param {import("./support/wire.js").Exchange} got
 * @param {number} status
 * @param {string} error
 */
function refused({ answers, rest }, status, error) {
  assert.deepEqual([answers.length, rest], [1, ""]);
  assert.deepEqual([answers[0].status, JSON.parse(answers[0].body).error], [status, error]);
}

describe("a body over the limit", () => {
  test("declared, and not sent", async () => {
    for (const [path, key] of routes()) {
      await Promise.all(
        [LIMIT + 1, 2 ** 31, 2 ** 32 + 1, 2 ** 53].map(async (length) => {
          const bytes = posted(path, key, [`Content-Length: ${length}`]);
          refused(await exchange(world.url, bytes), 413, "payload_too_large");
        }),
      );
    }
  });

  test("in chunks", async () => {
    for (const [path, key] of routes()) {
      const bytes = posted(path, key, ["Transfer-Encoding: chunked"], chunks([MIB, "b"]));
      refused(await exchange(world.url, bytes), 413, "payload_too_large");
    }
  });

  test("in chunks beside a length that says it is short", async () => {
    for (const [path, key] of routes()) {
      const framing = ["Content-Length: 10", "Transfer-Encoding: chunked"];
      const bytes = posted(path, key, framing, chunks([MIB, MIB, MIB]));
      refused(await exchange(world.url, bytes), 413, "payload_too_large");
    }
  });

  test("in a million chunks of one byte", async () => {
    const [path, key] = routes()[0];
    const body = `1\r\na\r\n`.repeat(LIMIT + 1) + "0\r\n\r\n";
    const bytes = posted(path, key, ["Transfer-Encoding: chunked"], body);
    refused(await exchange(world.url, bytes), 413, "payload_too_large");
  });

  test("that says it is compressed is not unpacked", async () => {
    const { gzipSync } = await import("node:zlib");
    const body = gzipSync(`{"event":"${"a".repeat(10 * LIMIT)}"}`);
    const response = await fetch(`${world.url}/v1/track`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${project.keys.sk}`,
        "content-type": "application/json",
        "content-encoding": "gzip",
      },
      body,
    });
    assert.equal(response.status, 415, await response.text());
  });
});

test("a body that breaks off is the sender's fault, and does nothing", async () => {
  const event = '{"event":"broken"}';
  for (const [framing, body] of /** @type {[string, string][]} */ ([
    ["Content-Length: 400", event],
    ["Transfer-Encoding: chunked", chunks([event]).slice(0, -5)],
    ["Transfer-Encoding: chunked", `zz\r\n${event}\r\n0\r\n\r\n`],
    ["Transfer-Encoding: chunked", `ff\r\n${event}`],
  ])) {
    const bytes = posted("/v1/track", project.keys.sk, [framing], body);
    const got = await exchange(world.url, bytes, { halfClose: true });
    for (const { status, body: text } of got.answers) assert.equal(status, 400, text);
  }
  const stats = await get(world.url, project.keys.rk, "stats", { event: "broken" });
  assert.deepEqual(stats.json.rows, [{ value: 0 }]);
});

describe("slow bodies", () => {
  /**
   * Sends the parts with a pause between, and gives the first bytes of the answer.
   *
   * @param {string[]} parts
   * @returns {Promise<string>}
   */
  function trickle(parts) {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(world.url);
      const socket = connect(Number(port), hostname, async () => {
        for (const part of parts) {
          socket.write(part);
          await new Promise((next) => setTimeout(next, 20));
        }
      });
      socket.on("error", reject);
      socket.on("data", (data) => {
        socket.destroy();
        resolve(data.toString());
      });
    });
  }

  test("a body byte by byte is read", async () => {
    const body = '{"event":"trickled"}';
    const whole = posted("/v1/track", project.keys.sk, [`Content-Length: ${body.length}`]);
    assert.match(await trickle([whole, ...body]), /^HTTP\/1.1 202 /);
    const pieces = [...body].map((c) => `1\r\n${c}\r\n`);
    const head = posted("/v1/track", project.keys.sk, ["Transfer-Encoding: chunked"]);
    assert.match(await trickle([head, ...pieces, "0\r\n\r\n"]), /^HTTP\/1.1 202 /);
  });

  test("a hundred bodies that never end hold up nobody, and end with their clients", async () => {
    const { hostname, port } = new URL(world.url);
    const head = posted("/v1/track", project.keys.sk, ["Content-Length: 1000"], '{"event":"held"');
    const held = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const socket = connect(Number(port), hostname).resume();
        await new Promise((sent) => socket.write(head, sent));
        return socket;
      }),
    );
    assert.equal((await post(world.url, project.keys.sk, "track", { event: "free" })).status, 202);
    // The server closes its side when it is done with the request.
    await Promise.all(held.map((socket) => Promise.all([once(socket, "close"), socket.end()])));
    for (const [event, value] of /** @type {[string, number][]} */ ([
      ["free", 1],
      ["held", 0],
    ])) {
      const stats = await get(world.url, project.keys.rk, "stats", { event });
      assert.deepEqual(stats.json.rows, [{ value }]);
    }
  });
});

describe("nesting", () => {
  const arrays = (/** @type {number} */ levels) => "[".repeat(levels) + "1" + "]".repeat(levels);
  const objects = (/** @type {number} */ levels) =>
    '{"a":'.repeat(levels) + "1" + "}".repeat(levels);
  const open = (/** @type {number} */ levels) => "[".repeat(levels);

  test("512 levels are read, 513 are not", async () => {
    for (const [path, key] of routes()) {
      for (const nest of [arrays, objects]) {
        const got = await send(path, key, nest(512));
        assert.ok(got.status < 500, got.text);
        assert.doesNotMatch(got.text, /deeper/);
        const deep = await send(path, key, nest(513));
        assert.equal(deep.status, 400);
        assert.match(deep.text, /deeper than 512 levels/);
      }
    }
  });

  test("100,000 levels are refused, closed or not", async () => {
    for (const [path, key] of routes()) {
      for (const body of [arrays(100_000), objects(100_000), open(100_000), open(1_000_000)]) {
        assert.equal((await send(path, key, body)).status, 400);
      }
    }
  });

  test("deep properties come back as they went", async () => {
    // The body's own object and `properties` are the first two levels.
    const properties = JSON.parse(`{"deep":${arrays(510)}}`);
    const sent = { event: "deep", properties };
    assert.equal((await post(world.url, project.keys.sk, "track", sent)).status, 202);
    const got = await get(world.url, project.keys.rk, "query", { event: "deep" });
    assert.deepEqual(got.json.rows[0].properties, properties);
    const listed = await tool(world.url, project.keys.rk, "query_events", { event: "deep" });
    assert.deepEqual(listed.json.result.structuredContent.rows[0].properties, properties);
  });

  test("nested text in an argument is not unpacked level by level", async () => {
    let text = '["a"]';
    while (text.length < 150_000) text = JSON.stringify([text]);
    const got = await tool(world.url, project.keys.rk, "get_stats", { group_by: text });
    assert.equal(got.status, 200);
    assert.equal(got.json.result.isError, true);
  });

  /**
   * @param {string} path
   * @param {string} key
   * @param {string} body
   */
  async function send(path, key, body) {
    const response = await fetch(world.url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body,
    });
    return { status: response.status, text: await response.text() };
  }
});

describe("very many", () => {
  const many = (/** @type {number} */ count) => Array.from({ length: count }, (_, at) => `v${at}`);

  test("values, groups, steps and arguments are refused by name", async () => {
    const key = project.keys.rk;
    /** @type {[string, Record<string, unknown>][]} */
    const calls = [
      ["get_stats", { group_by: many(10_000) }],
      ["get_stats", { group_by: Array(1000).fill("source") }],
      ["get_stats", { event: many(10_000) }],
      ["get_stats", Object.fromEntries(many(2000).map((name) => [name, 1]))],
      ["query_events", { user_id: many(10_000) }],
      ["query_events", { cursor: "c".repeat(100_000) }],
      ["top_sources", { source: many(10_000) }],
      ["funnel", { steps: many(11) }],
      ["funnel", { steps: many(10_000) }],
    ];
    for (const [name, given] of calls) {
      const got = await tool(world.url, key, name, given);
      assert.deepEqual([got.status, got.json.result.isError], [200, true], name);
      const { error } = JSON.parse(got.json.result.content[0].text);
      assert.equal(error, "invalid_params");
    }
    const ids = await tool(world.url, tenant.ak, "get_stats", { project_ids: many(10_000) });
    assert.equal(ids.json.result.isError, true);
  });

  test("the same member twice is one member", async () => {
    const body = '{"event":"twice-a","event":"twice-b"}';
    assert.equal((await post(world.url, project.keys.sk, "track", body)).status, 202);
    for (const event of ["twice-a", "twice-b"]) {
      const got = await get(world.url, project.keys.rk, "stats", { event });
      assert.deepEqual(got.json.rows, [{ value: event === "twice-b" ? 1 : 0 }]);
    }
  });

  test("query parameters are refused by name", async () => {
    const { url } = world;
    const query = new URLSearchParams(RANGE);
    for (const name of many(3000)) query.append(name, "1");
    const response = await fetch(`${url}/v1/stats?${query}`, {
      headers: { authorization: `Bearer ${project.keys.rk}` },
    });
    assert.equal(response.status, 400, await response.text());
  });

  test("ids of a million digits are echoed or refused, not counted with", async () => {
    for (const id of [
      "1".repeat(1000),
      "9".repeat(100_000),
      "-1",
      "1e3",
      "0.5",
      "9007199254740993",
    ]) {
      const response = await fetch(`${world.url}/mcp`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${project.keys.rk}`,
          "content-type": "application/json",
        },
        body: `{"jsonrpc":"2.0","id":${id},"method":"ping"}`,
      });
      const text = await response.text();
      const echoed = text === `{"jsonrpc":"2.0","id":${id},"result":{}}`;
      assert.ok(echoed || response.status === 400, text.slice(0, 200));
    }
  });
});

test("after all of it the Worker answers, on little memory", async () => {
  const got = await rpc(world.url, project.keys.rk, "ping");
  assert.deepEqual(got.json, { jsonrpc: "2.0", id: 1, result: {} });
});
