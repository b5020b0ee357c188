/** The frames of the host boundary, as the hosts in JavaScript write and read them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FrameReader,
  FrameWriter,
  readEffects,
  writeAnswer,
  writeHttpRequest,
} from "../../host-js/frames.js";

/** @typedef {import("../../host-js/frames.js").Value} Value */

/**
 * The values as the core would get them and give them back: written, then read as the parameters of
 * a statement.
 *
 * @param {(Value | undefined)[]} values
 */
function throughFrame(values) {
  const out = new FrameWriter().u32(1).u32(7).u8(1).u32(1).text("SELECT").u32(values.length);
  for (const value of values) out.value(value);
  const [effect] = readEffects(FrameReader.of(out.frame.slice()));
  assert.ok(effect.kind === "sql");
  assert.equal(effect.id, 7);
  return effect.statements[0].params;
}

test("values come back as they went", () => {
  const values = [
    null,
    ...[0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
    ...[0.5, -0.1, 5e-324, Number.MAX_VALUE, Infinity, -Infinity, NaN],
    ...["", "a", "\0", "ü世😀", "x".repeat(100_000)],
    ...[new Uint8Array(), new Uint8Array([0, 255, 128]), new Uint8Array(100_000).fill(7)],
  ];
  assert.deepEqual(throughFrame(values), values);
});

test("whole numbers keep their value, however large", () => {
  const exact = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, -(2n ** 53n) - 1n];
  assert.deepEqual(throughFrame(exact), exact);
  assert.deepEqual(throughFrame([7n, -(2n ** 53n) + 1n]), [7, Number.MIN_SAFE_INTEGER]);
  // A number beyond 2^53 is one that was rounded: it travels as what it is.
  assert.deepEqual(throughFrame([2 ** 53, 2 ** 63, 1e300]), [2 ** 53, 2 ** 63, 1e300]);
});

test("what a database gives for nothing and for bytes is understood", () => {
  const buffer = new Uint8Array([1, 2]).buffer;
  assert.deepEqual(throughFrame([undefined, /** @type {any} */ (buffer)]), [
    null,
    new Uint8Array([1, 2]),
  ]);
});

test("half a surrogate pair becomes the replacement character", () => {
  assert.deepEqual(throughFrame(["a\ud800b"]), ["a\ufffdb"]);
});

test("a text in parts is as one text, whatever its parts are", () => {
  const parts = [
    "",
    "a",
    "\u007f",
    "\u0080",
    "a😀",
    "x".repeat(256),
    "ü".repeat(256),
    "y".repeat(257),
  ];
  const out = new FrameWriter().beginText();
  for (const part of parts) out.part(part);
  const joined = new TextEncoder().encode(parts.join(""));
  assert.deepEqual(out.endText().frame, new FrameWriter().bytes(joined).frame);
});

test("a number is written as the bigint of it would be", () => {
  for (const n of [
    0,
    1,
    -1,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 32,
    -(2 ** 32),
    Number.MIN_SAFE_INTEGER,
  ]) {
    const { frame } = new FrameWriter().integer(n);
    assert.deepEqual(frame, new FrameWriter().i64(BigInt(n)).frame);
  }
});

test("a writer is used again, also after it grew", () => {
  const out = new FrameWriter();
  const small = out.u8(1).text("a").frame.slice();
  out.reset().bytes(new Uint8Array(1_000_000));
  assert.equal(out.frame.length, 1_000_004);
  assert.deepEqual(out.reset().u8(1).text("a").frame, small);
  assert.equal(out.reset().frame.length, 0);
});

test("a writer that is exactly full makes room", () => {
  for (let length = 16_370; length < 16_390; length++) {
    const out = new FrameWriter().bytes(new Uint8Array(length)).i64(-1n).f64(0.5).u32(9).u8(3);
    const view = new DataView(out.frame.slice().buffer);
    assert.equal(view.getBigInt64(length + 4, true), -1n);
    assert.equal(view.getFloat64(length + 12, true), 0.5);
    assert.equal(view.getUint32(length + 20, true), 9);
    assert.equal(view.getUint8(length + 24), 3);
  }
});

test("every kind of effect is read", () => {
  const out = new FrameWriter().u32(4);
  out.u32(1).u8(1).u32(1).text("SELECT ?").u32(1).value("x");
  out
    .u32(2)
    .u8(2)
    .text("prj")
    .bytes(new Uint8Array([9]));
  out
    .u32(3)
    .u8(3)
    .u8(0)
    .bytes(new Uint8Array())
    .u32(2)
    .bytes(new Uint8Array([1]))
    .bytes(new Uint8Array());
  out.u32(4).u8(4).u32(16);
  assert.deepEqual(readEffects(FrameReader.of(out.frame.slice())), [
    { id: 1, kind: "sql", statements: [{ sql: "SELECT ?", params: ["x"] }] },
    { id: 2, kind: "store", store: "prj", request: new Uint8Array([9]) },
    { id: 3, kind: "hmac", key: null, data: [new Uint8Array([1]), new Uint8Array()] },
    { id: 4, kind: "random", size: 16 },
  ]);
  assert.deepEqual(readEffects(FrameReader.of(new FrameWriter().u32(0).frame)), []);
});

test("a given key is told from the pepper, also when it is empty", () => {
  const out = new FrameWriter().u32(1).u32(1).u8(3).u8(1).text("").u32(1).text("data");
  const [effect] = readEffects(FrameReader.of(out.frame.slice()));
  assert.ok(effect.kind === "hmac");
  assert.deepEqual(effect.key, new Uint8Array());
});

test("an effect that nobody knows is an error", () => {
  assert.throws(
    () => readEffects(FrameReader.of(new FrameWriter().u32(1).u32(1).u8(99).frame)),
    /unknown kind/,
  );
});

test("an answer says which of its three kinds it is", () => {
  const kinds = [{ failure: "no" }, { results: [] }, new Uint8Array([1])].map(
    (answer) => writeAnswer(new FrameWriter(), answer).frame[0],
  );
  assert.deepEqual(kinds, [0, 1, 2]);
});

test("a request's target is its path and query, whatever the address", () => {
  for (const [url, target] of [
    ["http://localhost:8787/mcp?x=1", "/mcp?x=1"],
    ["https://a.example", "/"],
    ["https://user@a.example/", "/"],
    ["http://[::1]:80//a?b=http://c/d", "//a?b=http://c/d"],
  ]) {
    const request = /** @type {any} */ ({ method: "GET", url, headers: new Headers() });
    const moment = { now: 0, seed: new Uint8Array() };
    const body = { bytes: new Uint8Array(), cut: false };
    const { frame } = writeHttpRequest(new FrameWriter(), moment, request, body);
    const text = new TextDecoder().decode(frame);
    assert.ok(text.includes(`GET\n${target}\0`), JSON.stringify(text));
  }
});
