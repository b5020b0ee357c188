/**
 * The browser snippet in a real browser when its server refuses, fails, asks to wait or does not answer.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { failing } from "./support/proxy.js";
import { ANSWER_MS, FLUSH_MS, HIDE, arrived, names, numbered, world } from "./support/snippet.js";

const DAY_MS = 86_400_000;
/** For a test that would otherwise wait for ever. */
const PROMPT = { timeout: 30_000 };

test("a server that fails gets each event once, in order, when it works again", async (t) => {
  const mood = failing([{ status: 503 }, "cut", "lost"]);
  const { page, run, stored, errors } = await world.visit(t, { stopClock: true, mood });
  await run("mm.track('a'); mm.identify('u'); mm.track('b')");
  for (let attempt = 1; attempt <= 4; attempt++) {
    // No sooner than after 1, 2, 4 seconds; no later than after half as much again.
    const least = attempt === 1 ? FLUSH_MS : 1000 * 2 ** (attempt - 2);
    await page.clock.runFor(least - 1);
    assert.equal(await run("requests"), attempt - 1);
    await page.clock.runFor(least / 2 + 1);
    await run("mm.track('during' + requests); 0");
    assert.equal(await run("requests"), attempt);
    await run("settled()");
  }
  await run("mm.flush()");
  assert.deepEqual(names(await stored()), [
    "$pageview",
    "a",
    "$identify",
    "b",
    ...numbered("during", 5).slice(1),
  ]);
  const ids = world.proxy.seen.map(({ events }) => events[0].event_id);
  assert.equal(new Set(ids.slice(0, 4)).size, 1);
  assert.deepEqual(errors, []);
});

test("Retry-After is waited for", async (t) => {
  const mood = failing([{ status: 429, headers: { "retry-after": "30" } }]);
  const { page, run, stored } = await world.visit(t, { stopClock: true, mood });
  await page.clock.runFor(FLUSH_MS);
  await run("settled()");
  // Not even a full batch goes sooner, nor when the page asks or the network is back.
  await run("for (let i = 0; i < 40; i++) mm.track('n' + i)");
  await run("dispatchEvent(new Event('online')); mm.flush()");
  await page.clock.runFor(29_999);
  assert.equal(await run("requests"), 1);
  await page.clock.runFor(15_001);
  assert.equal(await run("requests"), 2);
  await arrived("n39");
  assert.deepEqual(names(await stored()), ["$pageview", ...numbered("n", 40)]);
});

test("Retry-After is not waited for by a page that goes, but by what comes after", async (t) => {
  const again = { status: 503, headers: { "retry-after": "30" } };
  const { page, run } = await world.visit(t, { stopClock: true, mood: failing([again, again]) });
  await run("mm.flush()");
  await run(`${HIDE}; 0`);
  await run("settled()");
  assert.equal(await run("requests"), 2);
  await run("mm.track('a'); mm.flush()");
  await page.clock.runFor(29_999);
  assert.equal(await run("requests"), 2);
  await page.clock.runFor(15_001);
  await arrived("a");
  // It is over then: what is asked for is done.
  await run("settled()");
  await run("delete document.visibilityState; mm.track('b'); mm.flush()");
  assert.deepEqual(
    world.proxy.seen.map(({ events }) => names(events)),
    [["$pageview"], ["$pageview"], ["$pageview", "a"], ["b"]],
  );
});

test("Retry-After is waited for by a hidden page, but for what it sends as it goes", async (t) => {
  const mood = failing([{ status: 429, headers: { "retry-after": "60" } }]);
  const { page, run } = await world.visit(t, { stopClock: true, mood });
  await run("mm.flush()");
  for (const name of ["a", "b"]) {
    await run(`mm.track("${name}"); ${HIDE}; 0`);
    await arrived(name);
    await run("settled()");
    await page.clock.runFor(10_000);
    await run(`for (let i = 0; i < 20; i++) mm.track("${name}" + i); 0`);
    await page.clock.runFor(10_000);
  }
  await run("mm.flush()");
  await page.clock.runFor(19_998);
  assert.equal(await run("requests"), 3);
  await page.clock.runFor(30_002);
  await arrived("b19");
  assert.deepEqual(
    world.proxy.seen.map(({ events }) => names(events)),
    [["$pageview"], ["$pageview", "a"], [...numbered("a", 20), "b"], numbered("b", 20)],
  );
});

test("Retry-After is waited for anew when the server asks for it anew", async (t) => {
  const again = (/** @type {string} */ after) => ({
    status: 429,
    headers: { "retry-after": after },
  });
  const mood = failing([again("30"), again("90")]);
  const { page, run } = await world.visit(t, { stopClock: true, mood });
  await run("mm.flush()");
  await run(`${HIDE}; 0`);
  await run("settled()");
  await run("mm.flush()");
  await page.clock.runFor(89_999);
  assert.equal(await run("requests"), 2);
  await page.clock.runFor(45_001);
  await arrived("$pageview");
});

test("Retry-After is waited for whatever becomes of a request beside", async (t) => {
  const { page, run } = await world.visit(t, { stopClock: true });
  /** @type {() => void} */
  let letGo = () => undefined;
  const held = new Promise((resolve) => (letGo = () => resolve(undefined)));
  world.proxy.setMood(async ({ events }) => {
    if (events[0].event === "a") return { status: 429, headers: { "retry-after": "30" } };
    await held;
    return undefined;
  });
  await run("mm.flush(); 0");
  await run(`mm.track("a"); ${HIDE}; 0`);
  await run("settled(1)");
  letGo();
  await run("settled()");
  world.proxy.setMood(() => undefined);
  await run("mm.track('b'); mm.flush()");
  await page.clock.runFor(29_999);
  assert.equal(await run("requests"), 2);
  await page.clock.runFor(15_001);
  await arrived("b");
});

test("a request that is never answered has failed after half a minute", PROMPT, async (t) => {
  const mood = failing(["silent"]);
  const { page, run, stored, errors } = await world.visit(t, { stopClock: true, mood });
  await run("mm.flush(); 0");
  await run("mm.track('a')");
  await page.clock.runFor(ANSWER_MS - 1);
  assert.equal(await run("requests"), 1);
  await page.clock.runFor(1);
  await run("settled()");
  await page.clock.runFor(1500);
  await arrived("a");
  assert.deepEqual(names(await stored()), ["$pageview", "a"]);
  const ids = world.proxy.seen.map(({ events }) => events[0].event_id);
  assert.equal(ids[0], ids[1]);
  assert.deepEqual(errors, []);
});

for (const [when, clockAheadMs] of /** @type {const} */ ([
  ["ahead", 2 * DAY_MS],
  ["behind by more than the retention", -400 * DAY_MS],
])) {
  test(`a visitor's clock that is ${when}: the server's time counts`, async (t) => {
    const { run, stored, errors } = await world.visit(t, { stopClock: true, clockAheadMs });
    await run("for (let i = 0; i < 7; i++) mm.track('n' + i, { timestamp: 'mine' }); 0");
    await run("mm.flush()");
    await arrived("n6");
    const rows = await stored();
    assert.deepEqual(names(rows), ["$pageview", ...numbered("n", 7)]);
    for (const { timestamp } of rows) {
      assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000, timestamp);
    }
    assert.deepEqual(rows[1].properties, { timestamp: "mine" });
    // Found out once: 8, 4, 2, 1 with their times, and that one without; then all others.
    const lengths = world.proxy.seen.map(({ events }) => events.length);
    assert.deepEqual(lengths, [8, 4, 2, 1, 1, 7]);
    assert.deepEqual(errors, []);
  });
}

test("an event that is refused without its time, too, is dropped", async (t) => {
  const { run, stored } = await world.visit(t, {
    mood: failing([{ status: 400 }, { status: 400 }]),
  });
  await run("mm.flush()");
  await run("mm.track('after'); mm.flush()");
  const [first, second, after] = world.proxy.seen.map(({ body }) => body);
  const { timestamp, ...rest } = first;
  assert.ok(timestamp);
  assert.deepEqual(second, rest);
  assert.ok(after.timestamp, "it was not the clock");
  assert.deepEqual(names(await stored()), ["after"]);
});

test("an event that the server refuses goes alone", async (t) => {
  const { run, stored, errors } = await world.visit(t);
  await run("for (let i = 0; i < 7; i++) mm.track('n' + i)");
  await run("mm.track('big', { text: 'x'.repeat(9000) }); mm.track('text', 'no object')");
  await run("for (let i = 7; i < 17; i++) mm.track('n' + i)");
  await arrived("n16");
  assert.deepEqual(names(await stored()), ["$pageview", ...numbered("n", 17)]);
  assert.deepEqual(errors, []);
});

test("what is too large for a proxy goes in parts; an event that is too large alone is dropped", async (t) => {
  const { run, stored, errors } = await world.visit(t, {
    stopClock: true,
    mood: ({ events }) =>
      events.length > 3 || events.some(({ event }) => event === "n2") ? { status: 413 } : undefined,
  });
  await run("for (let i = 0; i < 7; i++) mm.track('n' + i); 0");
  await run("mm.flush()");
  await arrived("n6");
  const expected = ["$pageview", ...numbered("n", 7).filter((name) => name !== "n2")];
  assert.deepEqual(names(await stored()), expected);
  const sent = world.proxy.seen.map(({ events }) => events);
  assert.equal(sent.filter(([{ event }, other]) => event === "n2" && !other).length, 1);
  assert.ok(
    sent.flat().every(({ timestamp }) => timestamp),
    "it was not the clock",
  );
  assert.deepEqual(errors, []);
});

test("what a server took too long to receive is sent again", async (t) => {
  const { page, run, stored } = await world.visit(t, {
    stopClock: true,
    mood: failing([{ status: 408 }]),
  });
  await run("mm.track('a'); mm.flush()");
  await page.clock.runFor(999);
  assert.equal(await run("requests"), 1);
  await page.clock.runFor(501);
  await arrived("a");
  assert.deepEqual(names(await stored()), ["$pageview", "a"]);
});

test("a refusal is final, and what comes after it is sent", async (t) => {
  const { run, stored } = await world.visit(t, { mood: failing([{ status: 403 }]) });
  await run("mm.flush()");
  await run("mm.track('after')");
  await run("mm.flush()");
  assert.equal(world.proxy.seen.length, 2);
  assert.deepEqual(names(await stored()), ["after"]);
});

test("the queue has a bound: the oldest give way", async (t) => {
  const { run, stored } = await world.visit(t, { stopClock: true, mood: () => ({ status: 500 }) });
  await run("for (let i = 0; i < 1100; i++) mm.track('n' + i); settled()");
  await run("mm.flush()"); // until what failed is back in the queue: the answer alone is not yet that
  world.proxy.setMood(() => undefined);
  await run("mm.flush()");
  await arrived("n1099");
  const rows = await stored();
  assert.equal(rows.length, 1000);
  assert.deepEqual(names(rows), numbered("n", 1100).slice(100));
});
