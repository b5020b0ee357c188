/**
 * The browser snippet in a real browser, against the running Worker. What is asked is what the Worker
 * has stored in the end; where time matters, the page's clock stands still and is turned by hand.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SNIPPET_PATH } from "../../scripts/build-snippet.js";
import { FLUSH_MS, HIDE, arrived, names, numbered, world } from "./support/snippet.js";

test("the Worker serves the file that was built, cacheable", async () => {
  const response = await fetch(`${world.worker.url}/v1/a.js`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/javascript/);
  assert.match(response.headers.get("cache-control") ?? "", /max-age=\d+/);
  const same = (await response.text()) === readFileSync(SNIPPET_PATH, "utf8");
  assert.ok(same, "the module was built before the snippet");
});

test("loading a page is a page view", async (t) => {
  const { origin } = world.site;
  const referer = "https://www.google.com/";
  const { run, stored, errors } = await world.visit(t, { path: "/pricing?plan=pro#top", referer });
  await run("mm.flush()");
  const [row, ...others] = await stored();
  assert.deepEqual(others, []);
  assert.equal(row.event_name, "$pageview");
  assert.equal(row.url, `${origin}/pricing?plan=pro`);
  assert.equal(row.path, "/pricing");
  assert.equal(row.referrer, referer);
  assert.equal(row.source_rule_id, "ref_search");
  assert.equal(row.device_type, "desktop");
  assert.equal(row.anonymous_id, await run("localStorage.getItem('mm_aid')"));
  assert.match(row.anonymous_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
  assert.equal(await run("localStorage.length"), 1);
  assert.deepEqual(errors, []);
});

test("a visitor who comes back is the same one", async (t) => {
  const { page, run, stored } = await world.visit(t);
  await run("mm.flush()");
  await page.goto(`${world.site.origin}/again`);
  await run("mm.flush()");
  const rows = await stored();
  assert.deepEqual(
    rows.map((row) => row.path),
    ["/", "/again"],
  );
  assert.equal(rows[0].anonymous_id, rows[1].anonymous_id);
});

test("navigation within a page is a page view where path or query change", async (t) => {
  const { page, run, stored, errors } = await world.visit(t);
  const { origin } = world.site;
  await run("history.pushState(null, '', '/a')");
  await run("history.pushState(null, '', '/a?q=1')");
  await run("history.replaceState({ scroll: 3 }, '', location.href)");
  await run("history.replaceState(null, '', '/b')");
  await run("history.pushState(null, '', '#hash')");
  await run("location.hash = 'other'");
  await run("history.pushState({ same: true }, '')");
  // Three entries of /b to go back over, of which none shows another page; then /a does.
  await run("history.go(-4)");
  await page.waitForURL("**/a");
  await run("mm.track('end')");
  await run("mm.flush()");
  const rows = await stored();
  assert.deepEqual(
    rows.map((row) => [row.event_name, row.url, row.referrer]),
    [
      ["$pageview", `${origin}/`, null],
      ["$pageview", `${origin}/a`, `${origin}/`],
      ["$pageview", `${origin}/a?q=1`, `${origin}/a`],
      ["$pageview", `${origin}/b`, `${origin}/a?q=1`],
      ["$pageview", `${origin}/a`, `${origin}/b`],
      ["end", `${origin}/a`, `${origin}/b`],
    ],
  );
  assert.deepEqual(errors, []);
});

test("page() counts by hand; a page that the browser had kept counts again", async (t) => {
  const { run, stored } = await world.visit(t);
  await run("mm.page()");
  await run("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
  await run("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))");
  await run("mm.flush()");
  assert.deepEqual(names(await stored()), ["$pageview", "$pageview", "$pageview"]);
});

test("what the page's own history call throws is the page's, and what it gives back", async (t) => {
  const { run } = await world.visit(t);
  const name = await run(
    "try { history.pushState(null, '', 'https://example.com/') } catch (e) { e.name }",
  );
  assert.equal(name, "SecurityError");
});

test("identify keeps its place and stitches the visitor's past to the user", async (t) => {
  const { page, run, read, stored } = await world.visit(t);
  await run("mm.track('looked'); mm.identify(42, { plan: 'pro' }); mm.track('bought')");
  await run("mm.flush()");
  const rows = await stored();
  assert.deepEqual(
    rows.map((row) => [row.event_name, row.user_id]),
    [
      ["$pageview", null],
      ["looked", null],
      ["$identify", "42"],
      ["bought", "42"],
    ],
  );
  assert.deepEqual(rows[2].properties, { plan: "pro" });
  assert.equal(
    await run("JSON.stringify(localStorage)"),
    JSON.stringify({ mm_aid: rows[0].anonymous_id }),
  );

  // On the next page the user is not named; the server knows the visitor.
  await page.goto(`${world.site.origin}/next`);
  await run("mm.track('left')");
  await run("mm.flush()");
  const funnel = await read("/v1/funnel", { steps: "looked,bought,left", by: "person" });
  assert.deepEqual(
    funnel.rows.map((/** @type {any} */ row) => row.visitors),
    [1, 1, 1],
  );
  const users = await read("/v1/stats", { metric: "users", event: "left" });
  assert.deepEqual(users.rows, [{ value: 0 }]);
});

test("events leave by twenty, or after two seconds", async (t) => {
  const { page, run } = await world.visit(t, { stopClock: true });
  await page.clock.runFor(FLUSH_MS - 1);
  assert.equal(await run("requests"), 0);
  await page.clock.runFor(1);
  assert.equal(await run("requests"), 1);
  await arrived("$pageview");

  await run("for (let i = 0; i < 19; i++) mm.track('n' + i)");
  assert.equal(await run("requests"), 1);
  await run("for (let i = 19; i < 45; i++) mm.track('n' + i)");
  await arrived("n39");
  await run("settled()");
  assert.equal(await run("requests"), 3);
  await page.clock.runFor(FLUSH_MS);
  await arrived("n44");
  assert.deepEqual(
    world.proxy.seen.map(({ events }) => events.length),
    [1, 20, 20, 5],
  );
});

test("an event alone does not draw on the limit of batches", async (t) => {
  const { run, stored } = await world.visit(t);
  await run("mm.flush()");
  await run("mm.track('a', { n: 1 }); mm.track('b'); mm.flush()");
  const [alone, several] = world.proxy.seen;
  assert.deepEqual([alone.path, alone.body.event], ["/v1/track", "$pageview"]);
  assert.deepEqual([several.path, names(several.body.events)], ["/v1/batch", ["a", "b"]]);
  assert.deepEqual(names(await stored()), ["$pageview", "a", "b"]);
});

for (const [how, leave] of /** @type {const} */ ([
  ["a link is followed", "location.href = '/plain'"],
  ["the page is hidden", HIDE],
])) {
  test(`nothing waits any longer when ${how}`, async (t) => {
    const { run, stored } = await world.visit(t, { stopClock: true });
    await run(`for (let i = 0; i < 15; i++) mm.track('n' + i); ${leave}; 0`);
    await arrived("n14");
    assert.deepEqual(names(await stored()), ["$pageview", ...numbered("n", 15)]);
  });
}

test("what the page tracks as it goes arrives, in one request", async (t) => {
  const { run, stored } = await world.visit(t, { stopClock: true });
  await run("mm.flush()");
  await run(`document.addEventListener("visibilitychange", () => {
    mm.track("time_on_page");
    mm.track("vitals");
  })`);
  await run("location.href = '/plain'; 0");
  await arrived("vitals");
  assert.deepEqual(
    world.proxy.seen.map(({ events }) => names(events)),
    [["$pageview"], ["time_on_page", "vitals"]],
  );
  assert.deepEqual(names(await stored()), ["$pageview", "time_on_page", "vitals"]);
});

test("what a hidden page tracks as it goes is sent even while the server fails", async (t) => {
  const { run } = await world.visit(t, { stopClock: true });
  await run("mm.flush()");
  await run(`${HIDE}; mm.track("a"); mm.track("b"); 0`);
  await run("settled()");
  assert.equal(await run("requests"), 2);
  world.proxy.setMood(() => ({ status: 503 }));
  await run(`mm.track("c"); ${HIDE}; 0`);
  await run("settled()");
  await run("mm.track('d'); mm.track('e'); 0");
  assert.equal(await run("requests"), 3);
  // Whoever looks at it and leaves once more may be the last.
  await run(`document.addEventListener("visibilitychange", () => mm.track("f")); ${HIDE}; 0`);
  await world.proxy.until((seen) => seen.length === 5);
  assert.deepEqual(world.proxy.seen.map(({ events }) => names(events)).sort(), [
    ["$pageview"],
    ["a", "b"],
    ["c"],
    ["c", "d", "e"],
    ["f"],
  ]);
});

test("what a hidden page tracks later leaves by twenty, or after two seconds", async (t) => {
  const { page, run, stored } = await world.visit(t, { stopClock: true });
  await run("mm.flush()");
  await run(`${HIDE}; 0`);
  await page.clock.runFor(1);
  await run("mm.track('n0'); 0");
  await page.clock.runFor(FLUSH_MS - 1);
  assert.equal(await run("requests"), 1);
  await page.clock.runFor(1);
  await arrived("n0");
  await run("settled()");
  await run("(async () => { for (let i = 1; i < 45; i++) { mm.track('n' + i); await 0 } })()");
  await run("mm.flush()");
  await arrived("n44");
  assert.deepEqual(
    world.proxy.seen.map(({ events }) => events.length),
    [1, 1, 20, 20, 4],
  );
  assert.deepEqual(names(await stored()), ["$pageview", ...numbered("n", 45)]);
});

test("what is on the way and what waits both survive the page", async (t) => {
  const { page, run, stored } = await world.visit(t, { stopClock: true });
  // The first request has arrived, and is held until the page is gone and all others are there.
  const gone = world.proxy.until((seen) => seen.length >= 2);
  world.proxy.setMood(async ({ events }) => {
    if (events[0].event === "$pageview") await gone;
    return undefined;
  });
  await run("for (let i = 0; i < 100; i++) mm.track('n' + i)");
  await world.proxy.until((seen) => seen.length === 1);
  await page.close();
  await arrived("n99");
  await arrived("$pageview");
  const rows = await stored();
  assert.deepEqual(new Set(names(rows)), new Set(["$pageview", ...numbered("n", 100)]));
  assert.equal(rows.length, 101);
});

test("offline, then online: nothing is lost, nothing is doubled", async (t) => {
  const { page, context, run, stored, errors } = await world.visit(t, { stopClock: true });
  await run("mm.flush()");
  await context.setOffline(true);
  const failed = page.waitForEvent("requestfailed");
  await run("for (let i = 0; i < 50; i++) mm.track('n' + i)");
  await failed;
  await run("mm.flush()");
  assert.deepEqual(names(await stored()), ["$pageview"]);
  // The clock stands still: what makes the snippet send is the news of the network.
  await context.setOffline(false);
  await arrived("n49");
  assert.deepEqual(names(await stored()), ["$pageview", ...numbered("n", 50)]);
  assert.deepEqual(errors, []);
});

for (const [what, init] of /** @type {const} */ ([
  [
    "is denied",
    "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied') } })",
  ],
  ["does not exist", "Object.defineProperty(window, 'localStorage', { value: null })"],
  ["is full", "Storage.prototype.setItem = () => { throw new Error('full') }"],
])) {
  test(`storage that ${what}: the visitor lives as long as the page`, async (t) => {
    const { run, stored, errors } = await world.visit(t, { init });
    await run("mm.track('a'); history.pushState(null, '', '/b')");
    await run("mm.flush()");
    const rows = await stored();
    assert.deepEqual(names(rows), ["$pageview", "a", "$pageview"]);
    assert.equal(new Set(rows.map((row) => row.anonymous_id)).size, 1);
    assert.deepEqual(errors, []);
  });
}

test("a page that is made in advance is seen once the visitor sees it, whatever its router does", async (t) => {
  const init = "Object.defineProperty(document, 'prerendering', { get: () => !window.shown })";
  const { run, stored, errors } = await world.visit(t, { init });
  await run("mm.track('early'); mm.identify('u'); history.replaceState({}, '', location.href)");
  await run(`mm.flush(); ${HIDE}; dispatchEvent(new Event("pagehide")); mm.track("late"); 0`);
  assert.equal(await run("requests"), 0);
  await run("delete document.visibilityState");
  await run("shown = true; document.dispatchEvent(new Event('prerenderingchange')); mm.flush()");
  await run("history.replaceState({}, '', location.href); mm.flush()");
  assert.deepEqual(names(await stored()), ["$pageview", "early", "$identify", "late"]);
  assert.deepEqual(errors, []);
});

test("a page that is made in advance counts once, with events as they were", async (t) => {
  const { origin } = world.site;
  const { page, run, stored, errors } = await world.visit(t, {
    init: "Object.defineProperty(document, 'prerendering', { get: () => !window.shown })",
    before: "(window.mm = window.mm || []).push(['page'])",
    stopClock: true,
  });
  const before = await run("Date.now()");
  await run("window.cart = { items: 1 }; mm.track('early', cart); mm.identify('u')");
  await run("cart.items = 2; history.pushState(null, '', '/a'); mm.page(); mm.track('moved')");
  await run("history.pushState(null, '', '/b'); mm.flush()");
  await page.clock.runFor(60_000);
  assert.equal(await run("requests"), 0);
  await run("shown = true; document.dispatchEvent(new Event('prerenderingchange'))");
  await run("mm.page(); mm.flush()");
  const rows = await stored();
  assert.deepEqual(
    rows.map((row) => [row.event_name, row.url, row.user_id]),
    [
      ["$pageview", `${origin}/b`, "u"],
      ["early", `${origin}/`, null],
      ["$identify", `${origin}/`, "u"],
      ["moved", `${origin}/a`, "u"],
      ["$pageview", `${origin}/b`, "u"],
    ],
  );
  assert.deepEqual(rows[1].properties, { items: 1 });
  // Nothing happened before the visit did.
  for (const { timestamp } of rows) assert.ok(Date.parse(timestamp) - before >= 60_000, timestamp);
  assert.deepEqual(errors, []);
});

test("names that the server would refuse do not cost the page's events", async (t) => {
  const init = "localStorage.setItem('mm_aid', 'x'.repeat(129))";
  const { run, stored } = await world.visit(t, { init });
  await run("mm.identify('u'.repeat(257)); mm.track('a'); mm.flush()");
  const rows = await stored();
  assert.deepEqual(names(rows), ["$pageview", "a"]);
  assert.deepEqual([rows[1].user_id, rows[1].anonymous_id.length], [null, 36]);
});

for (const [what, init] of /** @type {const} */ ([
  ["Do Not Track", "Object.defineProperty(navigator, 'doNotTrack', { value: '1' })"],
  [
    "Global Privacy Control",
    "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })",
  ],
])) {
  test(`${what}: nothing is stored or sent, and the API stays callable`, async (t) => {
    const { run, stored, errors } = await world.visit(t, {
      init,
      before: "(window.mm = window.mm || []).push(['track', 'early'])",
      stopClock: true,
    });
    await run(
      "mm.track('a'); mm.identify('u', { plan: 'pro' }); mm.page(); mm.push(['track', 'b'])",
    );
    await run("history.pushState(null, '', '/b'); dispatchEvent(new Event('pagehide'))");
    await run("for (let i = 0; i < 50; i++) mm.track('n' + i)");
    await run("mm.flush()");
    assert.equal(await run("requests"), 0);
    assert.equal(await run("localStorage.length + sessionStorage.length"), 0);
    assert.equal(await run("document.cookie"), "");
    assert.deepEqual(world.proxy.seen, []);
    assert.deepEqual(await stored(), []);
    assert.deepEqual(errors, []);
  });
}
