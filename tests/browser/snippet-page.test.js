/**
 * The browser snippet and the page that it is put on: what either does to the other, and where it sends.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ANSWER_MS, names, world } from "./support/snippet.js";

test("nothing reaches the page: no server, and calls without sense", async (t) => {
  const { page, run, errors } = await world.visit(t, { mood: () => "cut", stopClock: true });
  await run(`
    const circle = {};
    circle.self = circle;
    mm.track();
    mm.track("circle", circle);
    mm.track("big", { n: 1n });
    mm.track("getter", { get trap() { throw new Error("trapped") } });
    mm.track(Symbol("s"), () => 1);
    mm.track("huge", { text: "x".repeat(100_000) });
    mm.identify();
    mm.identify(Symbol("u"), circle);
    mm.identify({ toString() { throw new Error("no text") } });
    mm.push();
    mm.push("track");
    mm.push(["nothing"]);
    mm.push([null, null]);
    0;
  `);
  await run("mm.flush()");
  for (let failures = 0; failures < 10; failures++) {
    await page.clock.runFor(100_000);
    await run("settled()");
  }
  assert.ok((await run("requests")) > 5);
  assert.deepEqual(errors, []);
});

for (const [what, init] of /** @type {const} */ ([
  ["fetch is broken", "window.fetch = () => { throw new Error('broken') }"],
  ["there is no fetch", "delete window.fetch"],
  ["there is no randomness", "Object.defineProperty(window, 'crypto', { value: undefined })"],
  ["the history is frozen", "Object.freeze(history)"],
  ["another has the name mm", "window.mm = document.createElement('p')"],
])) {
  test(`nothing reaches the page: ${what}`, async (t) => {
    const { run, errors } = await world.visit(t, { init });
    await run("mm.track('a'); mm.identify('u'); history.pushState(null, '', '/b')");
    await run("mm.flush()");
    await run("dispatchEvent(new Event('pagehide')); dispatchEvent(new Event('online'))");
    assert.deepEqual(errors, []);
  });
}

for (const [what, before] of /** @type {const} */ ([
  ["calls", "window.mm = window.mm || []; mm.push(['track', 'early', { n: 1 }]);"],
  [
    "a queue with methods",
    "window.mm = window.mm || []; for (const name of ['track', 'identify', 'page', 'flush'])" +
      "mm[name] = function () { mm.push([name].concat([].slice.call(arguments))) };" +
      "mm.track('early', { n: 1 });",
  ],
])) {
  test(`${what} from before the snippet was there are not lost`, async (t) => {
    const { run, stored } = await world.visit(t, {
      before: `${before} mm.push(['identify', 'u', { plan: 'pro' }])`,
    });
    await run("mm.push(['track', 'late']); mm.flush()");
    const rows = await stored();
    assert.deepEqual(
      rows.map((row) => [row.event_name, row.user_id]),
      [
        ["$pageview", null],
        ["early", null],
        ["$identify", "u"],
        ["late", "u"],
      ],
    );
    assert.deepEqual(rows[1].properties, { n: 1 });
  });
}

test("a frame of another site that is called mm is no queue", async (t) => {
  const { run, stored, errors } = await world.visit(t, {
    before:
      "const frame = document.createElement('iframe'); frame.name = 'mm'; frame.sandbox = '';" +
      "document.body.append(frame); window.framed = window.mm === frame.contentWindow",
  });
  assert.ok(await run("framed"));
  await run("mm.track('a'); mm.flush()");
  assert.deepEqual(names(await stored()), ["$pageview", "a"]);
  assert.deepEqual(errors, []);
});

test("without AbortController everything is sent nevertheless", async (t) => {
  const { page, run, stored, errors } = await world.visit(t, {
    init: "delete window.AbortController",
    stopClock: true,
  });
  await run("mm.flush()");
  await page.clock.runFor(ANSWER_MS);
  assert.deepEqual(names(await stored()), ["$pageview"]);
  assert.deepEqual(errors, []);
});

test("two snippets on a page count once", async (t) => {
  const { page, run, stored } = await world.visit(t);
  await page.addScriptTag({ url: `${world.proxy.url}/v1/a.js` });
  await run("mm.flush()");
  assert.deepEqual(names(await stored()), ["$pageview"]);
});

test("data-host sends elsewhere than where the snippet came from", async (t) => {
  const { run, stored } = await world.visit(t, { host: `${world.worker.url}/` });
  await run("mm.flush()");
  assert.deepEqual(world.proxy.seen, []);
  assert.deepEqual(names(await stored()), ["$pageview"]);
});

test("data-host may be the server's name alone", async (t) => {
  const { run, stored } = await world.visit(t, { host: new URL(world.worker.url).host });
  await run("mm.flush()");
  assert.deepEqual(names(await stored()), ["$pageview"]);
});

for (const [host, address] of /** @type {const} */ ([
  ["analytics.example.com", "https://analytics.example.com"],
  ["analytics.example.com:8443/", "https://analytics.example.com:8443"],
  ["//analytics.example.com", "https://analytics.example.com"],
  ["HTTPS://analytics.example.com", "https://analytics.example.com"],
  ["localhost:8787", "http://localhost:8787"],
  ["http://analytics.example.com/mm/", "http://analytics.example.com/mm"],
  ["/collect", "SITE/collect"],
])) {
  test(`data-host="${host}" is ${address}`, async (t) => {
    const init =
      "window.fetch = (url) => { window.asked = new URL(url, location).href;" +
      " return new Promise(() => {}) }";
    const { run } = await world.visit(t, { host, init });
    await run("mm.flush(); 0");
    assert.equal(await run("asked"), `${address.replace("SITE", world.site.origin)}/v1/track`);
  });
}

test("as a module the snippet takes its own key, not that of another's script", async (t) => {
  const { run, stored, errors } = await world.visit(t, {
    type: "module",
    before: "document.currentScript.dataset.key = 'theirs'",
  });
  await run("mm.flush()");
  assert.deepEqual(names(await stored()), ["$pageview"]);
  assert.deepEqual(errors, []);
});

test("a page of another site may not send", async (t) => {
  const { page, run, stored, errors } = await world.visit(t);
  await run("mm.flush()");
  await page.goto(world.site.origin.replace("localhost", "127.0.0.1"));
  await run("mm.flush()");
  assert.equal((await stored()).length, 1);
  assert.deepEqual(errors, []);
});
