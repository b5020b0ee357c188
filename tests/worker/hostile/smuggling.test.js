/**
 * Requests whose end two readers could see in two places, and others that no client library sends, as
 * bytes on a socket. Each is refused or gets one well-formed answer. Where a transfer encoding says
 * where the body ends, what follows is a request of its own, as RFC 9112 has it: it must have none of
 * the rights of the one before it.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startWorld } from "./support/tenants.js";
import { exchange, message } from "./support/wire.js";

/** @type {import("./support/tenants.js").World} */
let world;
/** @type {import("./support/tenants.js").Project} */
let project;

before(async () => {
  world = await startWorld();
  [project] = (await world.tenant("Acme", "business", ["site"])).projects;
});
after(() => world.end());

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const PONG = '{"jsonrpc":"2.0","id":1,"result":{}}';
/** What is smuggled: it has no key, and would show what only a key opens. */
const INNER = "GET /v1/query?from=2020-01-01&to=2040-01-01 HTTP/1.1\r\nHost: inner.example\r\n\r\n";
const CHUNKED_PING = `${PING.length.toString(16)}\r\n${PING}\r\n0\r\n\r\n`;
const NO_BODY = "0\r\n\r\n";

/**
 * @typedef {"refused" | "one" | "separate"} Outcome
 *   `refused`: at most one answer, and no success; `one`: at most one answer; `separate`: the first
 *   answer, and after it none but the refusal of a request without a key
 *
 * @typedef {[name: string, outcome: Outcome, headers: string[], body: string]} Framing
 */

const length = (/** @type {string} */ body) => `Content-Length: ${body.length}`;
const chunked = "Transfer-Encoding: chunked";

/** @type {Framing[]} */
const FRAMINGS = [
  ["two equal lengths", "one", [length(PING), length(PING)], PING],
  ["two lengths, the shorter first", "refused", [length(PING), length(PING + INNER)], PING + INNER],
  ["two lengths, the longer first", "refused", [length(PING + INNER), length(PING)], PING + INNER],
  ["a list of lengths", "one", [`${length(PING)}, ${PING.length}`], PING],
  ["a list of two lengths", "refused", [`${length(PING)}, 400`], PING + INNER],
  ["a length with a sign", "refused", [`Content-Length: +${PING.length}`], PING],
  ["a negative length", "refused", ["Content-Length: -1"], PING],
  ["a hexadecimal length", "refused", ["Content-Length: 0x28"], PING],
  ["a length in two parts", "refused", ["Content-Length: 4 0"], PING],
  ["a length that no integer holds", "refused", ["Content-Length: 99999999999999999999"], PING],
  ["no length", "separate", [], INNER],
  ["a space before the colon", "one", [`Content-Length : ${PING.length}`], PING],

  ["a length and chunks", "separate", [length(NO_BODY + INNER), chunked], NO_BODY + INNER],
  ["chunks and a length", "separate", [chunked, "Content-Length: 4"], CHUNKED_PING],
  ["chunks in capitals", "separate", ["TRANSFER-ENCODING: CHUNKED", length("")], NO_BODY + INNER],
  ["chunks behind a tab", "separate", ["Transfer-Encoding:\tchunked"], NO_BODY + INNER],
  ["chunks before a colon with a space", "separate", ["Transfer-Encoding : chunked"], CHUNKED_PING],
  ["chunks behind a vertical tab", "refused", ["Transfer-Encoding: \vchunked"], NO_BODY + INNER],
  ["a misspelt encoding", "refused", ["Transfer-Encoding: xchunked", length(PING)], PING + INNER],
  ["two encodings", "refused", [chunked, "Transfer-Encoding: identity"], CHUNKED_PING + INNER],
  ["a list of encodings", "refused", ["Transfer-Encoding: identity, chunked"], CHUNKED_PING],
  ["chunks twice", "separate", [chunked, chunked], CHUNKED_PING + INNER],

  ["a folded header", "one", ["X-A: b", "\tTransfer-Encoding: chunked", length(PING)], PING],
  ["a folded encoding", "refused", ["Transfer-Encoding:", "  chunked"], NO_BODY + INNER],
  ["an encoding behind a line feed", "separate", [`X-A: b\n${chunked}`], CHUNKED_PING],
  ["an encoding behind a carriage return", "refused", [`X-A: b\r${chunked}`, length(PING)], PING],
  ["a NUL in a header", "refused", ["X-A: b\0c", length(PING)], PING],
  ["a header without a name", "refused", [": b", length(PING)], PING],
  ["a header without a colon", "refused", ["just text", length(PING)], PING],
  ["a header's name with a space", "refused", ["X A: b", length(PING)], PING],

  ["a chunk's extension", "one", [chunked], CHUNKED_PING.replace("\r\n", ";a=b\r\n")],
  ["a chunk too long for an integer", "refused", [chunked], `${"f".repeat(17)}\r\n${PING}`],
  ["a negative chunk", "refused", [chunked], `-1\r\n${PING}\r\n${NO_BODY}`],
  ["a chunk's length with a prefix", "refused", [chunked], `0x28\r\n${PING}\r\n${NO_BODY}`],
  ["a chunk that does not end", "refused", [chunked], CHUNKED_PING.replace("}\r\n", "}XX")],
  ["a chunk's length that is none", "refused", [chunked], `zz\r\n${PING}\r\n${NO_BODY}`],
  ["fewer bytes than announced", "refused", ["Content-Length: 400"], PING],
];

/**
 * @param {import("./support/wire.js").Exchange} got
 * @param {Outcome} outcome
 */
function check({ answers, rest }, outcome) {
  assert.equal(rest, "");
  for (const { body, headers } of answers) world.checkSilent(body + [...headers], "an answer");
  const [first, second, ...more] = answers;
  assert.deepEqual(more, []);
  if (outcome === "refused" && first !== undefined) assert.ok(first.status >= 400, first.body);
  if (second === undefined) return;
  assert.equal(outcome, "separate", `a second answer: ${second.body}`);
  const { error } = JSON.parse(second.body);
  assert.deepEqual([second.status, error], [401, "missing_bearer_token"]);
}

describe("a body's end", () => {
  for (const [name, outcome, headers, body] of FRAMINGS) {
    test(`${name}: ${outcome}`, async () => {
      const key = `Authorization: Bearer ${project.keys.sk}`;
      const all = ["Host: a.example", key, "Content-Type: application/json", ...headers];
      const bytes = message("POST /mcp HTTP/1.1", all, body);
      check(await exchange(world.url, bytes, { halfClose: true }), outcome);
    });
  }

  test("two requests on one connection are two, each with its own key", async () => {
    const key = `Authorization: Bearer ${project.keys.sk}`;
    const all = ["Host: a.example", key, "Content-Type: application/json", length(PING)];
    const got = await exchange(world.url, message("POST /mcp HTTP/1.1", all, PING) + INNER);
    check(got, "separate");
    assert.deepEqual([got.answers.length, got.answers[0].body], [2, PONG]);
  });
});

describe("a request line", () => {
  /** @type {[string, Outcome, string, string[]?][]} */
  const LINES = [
    ["an absolute target", "one", "GET http://evil.example/healthz HTTP/1.1"],
    ["an absolute target to what a key opens", "refused", "GET http://a.example/v1/query HTTP/1.1"],
    ["an authority", "refused", "GET a.example:80 HTTP/1.1"],
    ["an asterisk", "refused", "OPTIONS * HTTP/1.1"],
    ["a tunnel", "refused", "CONNECT a.example:80 HTTP/1.1"],
    ["a trace", "refused", "TRACE /healthz HTTP/1.1"],
    ["no path", "refused", "GET healthz HTTP/1.1"],
    ["a backslash", "refused", "GET \\healthz HTTP/1.1"],
    ["a NUL", "refused", "GET /healthz\0 HTTP/1.1"],
    ["an unknown method", "refused", "FOO /healthz HTTP/1.1"],
    ["a method of 1,000 letters", "refused", `${"A".repeat(1000)} /healthz HTTP/1.1`],
    ["HTTP/2's preface", "refused", "PRI * HTTP/2.0"],
    ["dots into the operator's API", "refused", "GET /v1/../admin/accounts HTTP/1.1"],
    ["encoded dots", "refused", "GET /v1/%2e%2e/admin/accounts HTTP/1.1"],
    ["an encoded path", "refused", "GET /%61dmin/accounts HTTP/1.1"],
    ["an encoded slash", "refused", "GET /v1%2fquery HTTP/1.1"],
    ["two slashes", "refused", "GET //v1/query HTTP/1.1"],
    ["a host in the path", "refused", "GET //evil.example/v1/query HTTP/1.1"],
    ["a target of 100,000 bytes", "refused", `GET /v1/query?${"a".repeat(100_000)} HTTP/1.1`],
    ["a method in a header", "refused", "POST /v1/query HTTP/1.1", ["X-HTTP-Method-Override: GET"]],
    ["two hosts", "one", "GET /healthz HTTP/1.1", ["Host: b.example"]],
    ["a header of 200,000 bytes", "refused", "GET /healthz HTTP/1.1", [`X: ${"a".repeat(2e5)}`]],
    [
      "5,000 headers",
      "one",
      "GET /healthz HTTP/1.1",
      Array.from({ length: 5000 }, (_, at) => `X-${at}: a`),
    ],
    [
      "a web socket",
      "refused",
      "GET /mcp HTTP/1.1",
      [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
      ],
    ],
    ["HTTP/2 by upgrade", "one", "GET /healthz HTTP/1.1", ["Connection: Upgrade", "Upgrade: h2c"]],
  ];
  for (const [name, outcome, line, headers = []] of LINES) {
    test(`${name}: ${outcome}`, async () => {
      check(await exchange(world.url, message(line, ["Host: a.example", ...headers])), outcome);
    });
  }

  for (const method of ["GET", "HEAD", "DELETE"]) {
    test(`a ${method} with a body that looks like a request: one`, async () => {
      const bytes = message(`${method} /healthz HTTP/1.1`, ["Host: a", length(INNER)], INNER);
      check(await exchange(world.url, bytes), "one");
    });
  }

  test("no HTTP at all: refused", async () => {
    for (const bytes of [`\x16\x03\x01${"\0".repeat(500)}`, "\r\n\r\n", "\0".repeat(100_000)]) {
      check(await exchange(world.url, bytes, { halfClose: true }), "refused");
    }
  });
});

test("a second Authorization header does not win, and neither does the first", async () => {
  for (const keys of [
    [project.keys.sk, "x"],
    ["x", project.keys.sk],
    [project.keys.rk, project.keys.sk],
  ]) {
    const headers = keys.map((key) => `Authorization: Bearer ${key}`);
    const all = ["Host: a", "Content-Type: application/json", ...headers, length(PING)];
    const { answers } = await exchange(world.url, message("POST /mcp HTTP/1.1", all, PING));
    assert.deepEqual(
      answers.map(({ status, body }) => [status, JSON.parse(body).error]),
      [[401, "malformed_api_key"]],
    );
  }
});

test("a header's value makes no headers of its own", async () => {
  // Folded lines are the only way to a line break inside of a value.
  const folded = ["X-A: b", ` content-type`, ` application/json`, " Authorization: x"];
  const key = `Authorization: Bearer ${project.keys.sk}`;
  for (const before of [folded, folded.slice(0, 2), folded.slice(0, 3)]) {
    const all = ["Host: a", ...before, key, "Content-Type: text/plain", length(PING)];
    const { answers } = await exchange(world.url, message("POST /mcp HTTP/1.1", all, PING));
    for (const { status, body } of answers) assert.equal(status, 415, body);
  }
});

test("after all of it the Worker answers as before", async () => {
  const response = await fetch(`${world.url}/healthz`);
  assert.equal(response.status, 200);
});
