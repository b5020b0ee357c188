/**
 * An instance has little memory left when a call comes, ever a little more: the call is answered
 * rightly or fails, nothing acknowledged is lost or doubled, and the next call is answered. And an
 * effect's answer that comes cut off, or with more behind it, fails its call alone.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ADMIN_TOKEN } from "../data/cases.js";
import { NOW, keyOf, startServer } from "./support/server.js";

/** @typedef {import("../../host-js/exports.js").CoreExports} CoreExports */

const KIB = 1024;
/** What is left: from too little for anything to more than any of the calls needs. */
const ROOMS = [0, 8, 32, 64, 128, 256, 4096];
const EVENTS = 300;
const SHOP = "prj_shop";
const ALL = "from=2026-11-01&to=2026-12-01";

const RealInstance = WebAssembly.Instance;
/** @type {CoreExports[]} of every instance, in the order in which they were made */
let made = [];
/** @type {((args: number[], exports: CoreExports) => number[]) | undefined} what is resumed instead */
let tamper;

const { error: log } = console;
before(() => {
  console.error = () => {}; // the hosts log each failure
  WebAssembly.Instance = /** @type {any} */ (
    class {
      /** @param {ConstructorParameters<typeof RealInstance>} args */
      constructor(...args) {
        const exports = /** @type {any} */ (new RealInstance(...args).exports);
        made.push(exports);
        return {
          exports: {
            ...exports,
            mm_resume: (/** @type {number[]} */ ...given) =>
              exports.mm_resume(...(tamper?.(given, exports) ?? given)),
          },
        };
      }
    }
  );
});
after(() => {
  console.error = log;
  WebAssembly.Instance = RealInstance;
});

/**
 * Takes all the memory that an instance may have, but for a room of so many bytes.
 *
 * @param {CoreExports} exports
 * @param {number} room
 */
function fill(exports, room) {
  /** @type {number[]} */
  const pages = [];
  for (const size of [KIB * KIB, 4 * KIB, 256, 16]) {
    try {
      for (;;) {
        const at = exports.mm_alloc(size);
        if (size === 4 * KIB) pages.push(at);
        // A block in pages, some of which are given back.
        if (size === KIB * KIB && exports.memory.buffer.byteLength > 88 * KIB * KIB) break;
      }
    } catch {
      // There is no block of this size left; the instance is as it was.
    }
  }
  // An answer to no request, of no bytes, does nothing but give its buffer back.
  for (let left = room; left > 0; left -= 4 * KIB) {
    assert.equal(exports.mm_resume(0xffff_ffff, 0, /** @type {number} */ (pages.pop()), 0), 0);
  }
}

/** A server with events, and who is which instance of it. */
async function serverWithEvents() {
  made = [];
  const server = startServer();
  const events = Array.from({ length: EVENTS }, (_, i) => ({
    event: `e${i % 7}`,
    event_id: `old-${i}`,
    anonymous_id: `visitor-${i % 10}`,
    url: `https://shop.example/${i}?utm_source=source-${i % 20}`,
  }));
  await server.importEvents(SHOP, events);
  const [gateway, store] = made;
  /** @param {string} path */
  const get = async (path) => {
    const headers = { authorization: `Bearer ${keyOf("shoprk01")}` };
    const moment = { now: NOW + 1000, seed: new Uint8Array(32) };
    const { status, body } = await server.harness.fetch("GET", path, headers, undefined, moment);
    return { status, json: JSON.parse(new TextDecoder().decode(body)) };
  };
  const counted = async (given = "") => {
    const { status, json } = await get(`/v1/stats?${ALL}${given}`);
    assert.equal(status, 200);
    return json.rows[0]?.value ?? 0;
  };
  return { server, gateway, store, get, counted };
}

/** @typedef {Awaited<ReturnType<typeof serverWithEvents>>} World */
/** @typedef {{ status: number, json: any }} Got */

const FRESH = Array.from({ length: 50 }, (_, i) => ({ event: "fresh", event_id: `new-${i}` }));

/**
 * A call, what its answer must say, and how many events there are when it was not carried out and
 * when it was.
 *
 * @type {[string, (world: World) => Promise<Got>, (got: Got) => void, [number, number]][]}
 */
const CALLS = [
  [
    "import",
    ({ server }) => server.post(`/admin/import?project=${SHOP}`, ADMIN_TOKEN, { events: FRESH }),
    ({ json }) => assert.equal(json.count, FRESH.length),
    [EVENTS, EVENTS + FRESH.length],
  ],
  [
    "forget",
    ({ server }) => server.post("/v1/forget", keyOf("shopsk01"), { anonymous_id: "visitor-3" }),
    ({ json }) => assert.equal(json.ok, true),
    [EVENTS, EVENTS - EVENTS / 10],
  ],
  [
    "sources",
    ({ get }) => get(`/v1/sources?${ALL}`),
    ({ json }) => assert.equal(json.rows.length, 20),
    [EVENTS, EVENTS],
  ],
  [
    "events",
    ({ get }) => get(`/v1/query?${ALL}&limit=1000`),
    ({ json }) => assert.equal(json.rows.length, EVENTS),
    [EVENTS, EVENTS],
  ],
];

/** @param {Promise<Got>} call */
const outcome = (call) =>
  call.then((got) => (got.status < 300 ? got : undefined)).catch(() => undefined);

/**
 * A call that failed has left a new instance behind, which has memory. Behind one that was answered
 * there may be too little for another call, which then fails, and is answered the second time.
 *
 * @template T
 * @param {Got | undefined} got
 * @param {() => Promise<T>} call
 */
const callBehind = (got, call) => (got === undefined ? call() : call().catch(call));

/**
 * @param {World} world
 * @param {typeof CALLS[number]} call
 * @param {Got | undefined} got
 */
async function checkAfter(world, [, ask, right, [without, whole]], got) {
  if (got !== undefined) right(got);
  const count = await callBehind(got, () => world.counted());
  // A call that failed may have been carried out, as far as its caller knows.
  if (got === undefined) assert.ok(count === without || count === whole, String(count));
  else assert.equal(count, whole);
  const again = await callBehind(got, async () => {
    const answer = await ask(world);
    assert.ok(answer.status < 300, JSON.stringify(answer.json));
    return answer;
  });
  right(again);
  assert.equal(await callBehind(got, () => world.counted()), whole);
}

describe("an instance with little memory left", () => {
  for (const who of /** @type {const} */ (["store", "gateway"])) {
    for (const call of CALLS) {
      test(`${who}: ${call[0]}`, async () => {
        const outcomes = new Set();
        for (const room of ROOMS) {
          const world = await serverWithEvents();
          try {
            fill(world[who], room * KIB);
            const got = await outcome(call[1](world));
            outcomes.add(got !== undefined);
            await checkAfter(world, call, got);
          } finally {
            world.server.dispose();
          }
        }
        assert.deepEqual([...outcomes].sort(), [false, true]);
      });
    }
  }
});

describe("an effect's answer of the wrong length", () => {
  /** @type {[string, (length: number) => number][]} */
  const LENGTHS = [
    ["cut off", (length) => length - 1],
    ["with more behind it", (length) => length + 1],
  ];
  for (const [what, change] of LENGTHS) {
    for (const call of CALLS) {
      test(`${what}: ${call[0]}`, async () => {
        let failed = 0;
        // Each effect of the call in turn, the gateway's and the store's.
        for (let at = 1, met = true; met; ++at) {
          const world = await serverWithEvents();
          let left = at;
          tamper = ([request, effect, bytes, length], exports) => {
            if (--left !== 0) return [request, effect, bytes, length];
            const wrong = exports.mm_alloc(length + 1);
            const memory = new Uint8Array(exports.memory.buffer);
            memory.copyWithin(wrong, bytes, bytes + length);
            return [request, effect, wrong, change(length)];
          };
          try {
            const got = await outcome(call[1](world));
            met = left <= 0;
            tamper = undefined;
            failed += met && got === undefined ? 1 : 0;
            await checkAfter(world, call, got);
          } finally {
            tamper = undefined;
            world.server.dispose();
          }
        }
        assert.ok(failed >= 1);
      });
    }
  }
});
