/**
 * The module's JSON parser, which is a kernel of its own in WebAssembly, against JSON.parse: documents
 * that cross its blocks of 64 bytes at every place, and such as are damaged.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Random } from "../../scripts/demo/random.js";
import { keyOf, startServer } from "./support/server.js";

const PIECES = [
  "a",
  "plain text ",
  '"',
  "\\",
  "\\\\",
  "\n",
  "\u0001",
  "é",
  "漢字",
  "🦉",
  "/",
  "{}",
];
const DAMAGE = [...'{}[]":,\\ x0e-.\n'].map((c) => c.charCodeAt(0)).concat(0x00, 0x80, 0xc3, 0xff);
const APPEND_ANSWER_BYTES = 17; // store/protocol.h: a status and an append_answer

/** @type {Uint8Array | undefined} what was to be stored last */
let record;
/** @type {import("./support/server.js").Server} */
let server;

before(() => {
  server = startServer({
    wrapEffects: (perform) => async (effect) => {
      if (effect.kind !== "store") return perform(effect);
      record = effect.request;
      return new Uint8Array(APPEND_ANSWER_BYTES);
    },
  });
});
after(() => server.dispose());

/**
 * @param {Random} random
 * @param {number} depth
 * @returns {unknown}
 */
function value(random, depth) {
  const kind = random.integer(0, depth > 0 ? 6 : 4);
  if (kind <= 1) return text(random);
  if (kind === 2) return random.integer(-99999, 99999);
  if (kind === 3) return random.chance(0.5);
  if (kind === 4) return null;
  const items = Array.from({ length: random.integer(0, 4) }, () => value(random, depth - 1));
  if (kind === 5) return items;
  return Object.fromEntries(items.map((item, i) => [`${i}${text(random)}`, item]));
}

/** @param {Random} random */
function text(random) {
  const length = random.integer(0, 12);
  return Array.from({ length }, () => PIECES[random.integer(0, PIECES.length - 1)]).join("");
}

/**
 * @param {Random} random
 * @returns {{ body: Uint8Array, properties: string }}
 */
function document(random) {
  const properties = JSON.stringify({ p: value(random, 3), q: text(random) });
  // White space moves what follows over the borders of the parser's blocks.
  const padding = " ".repeat(random.integer(0, 70));
  const body = `{"event":"e",${padding}"properties":${properties}}`;
  return { body: new TextEncoder().encode(body), properties };
}

/**
 * @param {Random} random
 * @param {Uint8Array} body
 */
function damaged(random, body) {
  const at = random.integer(0, body.length - 1);
  const byte = DAMAGE[random.integer(0, DAMAGE.length - 1)];
  const kept = random.integer(0, 1); // 0: in place of another byte
  return Uint8Array.of(...body.subarray(0, at), byte, ...body.subarray(at + 1 - kept));
}

/** @param {Uint8Array} body */
async function track(body) {
  const headers = {
    authorization: `Bearer ${keyOf("shopsk01")}`,
    "content-type": "application/json",
  };
  const moment = { now: Date.parse("2026-11-20T12:00:00Z"), seed: new Uint8Array(32) };
  const response = await server.harness.fetch("POST", "/v1/track", headers, body, moment);
  return { status: response.status, text: new TextDecoder().decode(response.body) };
}

/** @param {Uint8Array} body */
function isJson(body) {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
    return true;
  } catch {
    return false;
  }
}

test("what JSON.stringify writes is read as it was meant", async () => {
  const random = new Random(1);
  for (let i = 0; i < 1000; i++) {
    const { body, properties } = document(random);
    const { status, text: answer } = await track(body);
    assert.equal(status, 202, `${answer}: ${properties}`);
    assert.ok(Buffer.from(record ?? []).includes(properties), properties);
  }
});

test("a damaged document is refused when JSON.parse refuses it, and only then", async () => {
  const random = new Random(2);
  let refused = 0;
  for (let i = 0; i < 3000; i++) {
    const body = damaged(random, document(random).body);
    const expected = isJson(body);
    const { text: answer } = await track(body);
    assert.equal(!answer.includes("not valid JSON"), expected, new TextDecoder().decode(body));
    if (!expected) refused++;
  }
  assert.ok(refused > 500 && refused < 2900, `${refused} refused`);
});
