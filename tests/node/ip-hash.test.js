/** The hash that is stored in an address's place. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { PEPPER } from "../data/cases.js";
import { NOW, startServer } from "./support/server.js";

const DAY = 24 * 60 * 60 * 1000;
const APPEND_ANSWER_BYTES = 17; // store/protocol.h: a status and an append_answer
const TEXT_COLUMNS = 19; // segment/fields.cpp: of which the event's id is kept per row
const EVENT_ID = 1;

/** @type {import("../../host-js/frames.js").Effect[]} */
let effects = [];
/** @type {(() => void)[] | undefined} digests that wait to be let go, when they are held back */
let held;
/** @type {import("./support/server.js").Server} */
let server;

before(() => {
  server = startServer({
    wrapEffects: (perform) => async (effect) => {
      effects.push(effect);
      if (effect.kind === "hmac" && effect.key !== null && held !== undefined) {
        const waiting = held;
        await new Promise((resolve) => waiting.push(() => resolve(undefined)));
      }
      return effect.kind === "store" ? new Uint8Array(APPEND_ANSWER_BYTES) : perform(effect);
    },
  });
});
after(() => server.dispose());

/**
 * @param {string} day
 * @param {string} ip
 */
function expectedHash(day, ip) {
  const salt = createHmac("sha256", PEPPER).update(`ip-salt ${day}`).digest();
  return createHmac("sha256", salt).update(ip).digest("hex").slice(0, 32);
}

/**
 * @param {string[]} ips
 * @param {number} now
 * @returns {Promise<Uint8Array>} the record that is to be stored
 */
async function recordOf(ips, now) {
  effects = [];
  const events = ips.map((ip) => ({ event: "e", context: { ip } }));
  await server.importEvents("prj_shop", events, now);
  const [stored] = effects.filter((effect) => effect.kind === "store");
  return stored.request;
}

/**
 * @param {Uint8Array} record an append of segment/event_columns.h
 * @returns {(string | undefined)[]} of each event the last text: the hash of its address
 */
function hashesIn(record) {
  const view = new DataView(record.buffer, record.byteOffset);
  let at = 2; // behind the operation and the bucket
  const next = () => view.getUint32((at += 4) - 4, true);
  const events = next();
  at += events * 9; // times, and whose ids clients chose
  /** @type {string[]} */
  let values = [];
  /** @type {number[]} */
  let numbers = [];
  for (let column = 0; column < TEXT_COLUMNS; column++) {
    const lengths = Array.from({ length: next() }, next);
    values = lengths.map((n) => Buffer.from(record.subarray(at, (at += n))).toString());
    if (column === EVENT_ID) continue;
    numbers = Array.from({ length: events }, () => view.getUint16((at += 2) - 2, true));
  }
  assert.equal(at, record.length);
  return numbers.map((n) => values[n]);
}

/** @returns {[string, number][]} the keys of the digests that were asked for, and how many */
const asked = () =>
  effects
    .filter((effect) => effect.kind === "hmac")
    .map(({ key, data }) => [key === null ? "pepper" : "salt", data.length]);

test("each event gets the hash of its own address, and no address is stored", async () => {
  const ips = ["203.0.113.7", "2001:db8::1", "203.0.113.7", "198.51.100.1"];
  const record = await recordOf(ips, NOW);
  assert.deepEqual(
    hashesIn(record),
    ips.map((ip) => expectedHash("2026-11-20", ip)),
  );
  for (const ip of ips) assert.ok(!Buffer.from(record).includes(ip));
});

test("each address of a day is hashed once, new ones together, with a salt kept for the day", async () => {
  const now = NOW + 10 * DAY;
  await recordOf(["203.0.113.7"], now);
  assert.deepEqual(asked(), [
    ["pepper", 1],
    ["salt", 1],
  ]);
  const ips = ["203.0.113.8", "203.0.113.7", "203.0.113.9", "203.0.113.8"];
  const record = await recordOf(ips, now);
  assert.deepEqual(asked(), [["salt", 2]]);
  assert.deepEqual(
    hashesIn(record),
    ips.map((ip) => expectedHash("2026-11-30", ip)),
  );
  await recordOf(ips, now);
  assert.deepEqual(asked(), []);
});

test("more addresses than are remembered have their own hashes all the same", async () => {
  const ips = Array.from({ length: 9000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  for (let round = 0; round < 2; round++) {
    for (let from = 0; from < ips.length; from += 1000) {
      const some = ips.slice(from, from + 1000);
      assert.deepEqual(
        hashesIn(await recordOf(some, NOW)),
        some.map((ip) => expectedHash("2026-11-20", ip)),
      );
    }
  }
});

test("the salt changes with the UTC day, to and fro", async () => {
  for (const now of [NOW, NOW + DAY, NOW]) {
    const day = new Date(now).toISOString().slice(0, 10);
    assert.deepEqual(hashesIn(await recordOf(["203.0.113.7"], now)), [
      expectedHash(day, "203.0.113.7"),
    ]);
  }
});

test("a day that begins while another one's digests are under way leaves no hash behind", async () => {
  const ip = "192.0.2.1";
  const [before, after] = [NOW + 20 * DAY, NOW + 21 * DAY];
  await recordOf([""], before); // no digest is asked for
  held = [];
  const first = recordOf([ip], before);
  await new Promise((resolve) => setImmediate(resolve));
  const letGo = held.splice(0);
  held = undefined;
  await recordOf(["192.0.2.2"], after);
  letGo.forEach((go) => go());
  await first;
  assert.deepEqual(hashesIn(await recordOf([ip], after)), [expectedHash("2026-12-11", ip)]);
});

test("events without an address have no hash, and ask for no digest", async () => {
  assert.deepEqual(hashesIn(await recordOf([""], NOW)), [undefined]);
  assert.ok(effects.every((effect) => effect.kind !== "hmac"));
});
