/** Visitors whose ids were made for one place in a table cost a question no more than others. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { importEvents } from "../support/seed.js";
import { ADMIN_TOKEN, startWorker } from "../support/worker.js";

const VISITORS = 50_000;
const WORD = (1n << 64n) - 1n;

/** @type {import("../support/worker.js").RunningWorker} */
let worker;

before(async () => {
  worker = await startWorker();
});
after(() => worker.dispose());

/** @param {bigint} odd what gives 1 when multiplied by it */
function inverse(odd) {
  let out = odd;
  for (let i = 0; i < 6; i++) out = (out * (2n - odd * out)) & WORD;
  return out;
}

const FIRST = inverse(0xff51afd7ed558ccdn);
const SECOND = inverse(0xc4ceb9fe1a85ec53n);

/**
 * @param {bigint} key of core/segment/text_list.cpp, whose two rounds can be gone back
 * @param {bigint} half of the id that is free to choose
 */
function uuidOf(key, half) {
  let a = ((key ^ (key >> 33n)) * SECOND - half) & WORD;
  a = ((a ^ (a >> 32n)) * FIRST) & WORD;
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(a, 0);
  bytes.writeBigUInt64LE(half, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Of one place where tables go by the lowest bits. */
const alike = () => Array.from({ length: VISITORS }, (_, i) => (BigInt(i) << 24n) | 0x123n);

/** Of one place where they go by the top of a product with a number that everybody knows. */
function alikeByProduct() {
  const back = inverse(0x9e3779b97f4a7c15n);
  const keys = [];
  for (let i = 0n; keys.length < VISITORS; i++) {
    const key = (i * back) & WORD;
    if (key < 1n << 57n) keys.push(key);
  }
  return keys;
}

/**
 * @param {string} project
 * @param {string} key
 * @param {readonly string[]} visitors
 * @returns {Promise<number>} how long a funnel over them takes at best, in milliseconds
 */
async function timeOfFunnel(project, key, visitors) {
  const events = visitors.map((anonymous_id) => ({ event: "e", anonymous_id }));
  await importEvents(worker.url, ADMIN_TOKEN, project, events);
  const times = [];
  for (const path of ["/a", "/b", "/c"]) {
    const steps = encodeURIComponent(JSON.stringify([{ event: "e" }, { event: "e", path }]));
    const url = `${worker.url}/v1/funnel?from=2020-01-01&to=2040-01-01&steps=${steps}`;
    const started = performance.now();
    const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
    const { rows } = await response.json();
    times.push(performance.now() - started);
    assert.equal(rows[0].visitors, VISITORS);
  }
  return Math.min(...times);
}

describe("ids that were made to crowd a table", () => {
  test("cost a funnel no more than others", async () => {
    const { shop, blog, solo } = worker.keys;
    const half = (/** @type {number} */ i) => (BigInt(i) * 0x9e3779b97f4a7c15n) & WORD;
    const made = (/** @type {bigint[]} */ keys) => keys.map((key, i) => uuidOf(key, half(i)));
    const others = Array.from({ length: VISITORS }, () => crypto.randomUUID());
    const usual = await timeOfFunnel("prj_shop", shop.rk, others);
    const most = 8 * usual + 200;
    assert.ok((await timeOfFunnel("prj_blog", blog.rk, made(alike()))) < most);
    assert.ok((await timeOfFunnel("prj_solo", solo.rk, made(alikeByProduct()))) < most);
  });
});
