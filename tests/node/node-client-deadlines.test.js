/** How long the Node client waits, and what becomes of events when that is over. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { startIngestRecorder } from "./support/ingest-recorder.js";
import { PATIENCE_MS, fault, hanging, names, setUp, spawnClient } from "./support/node-client.js";

describe("a server that takes the connection, and no more,", () => {
  test("fails after ten seconds, and a flush within a minute", async (t) => {
    const { client, errors, flush } = await setUp(t, { fetch: hanging, timeoutMs: undefined });
    client.track({ event: "a" });
    const start = Date.now();
    assert.equal(await flush(), false);
    const took = Date.now() - start;
    assert.ok(took > 40_000 && took < 60_000, String(took));
    assert.deepEqual(errors, []);
  });

  test("fails after timeoutMs", async (t) => {
    let hangs = 2;
    /** @type {number[]} */
    const asked = [];
    const { client, flush } = await setUp(t, {
      timeoutMs: 500,
      fetch: async (input, init) => {
        asked.push(Date.now());
        return hangs-- > 0 ? hanging(input, init) : new Response('{"ok":true}');
      },
    });
    client.track({ event: "a" });
    assert.equal(await flush(), true);
    const [first, second, third] = asked;
    assert.ok(second - first >= 1500 && second - first < 2500, String(second - first));
    assert.ok(third - second >= 2500 && third - second < 4000, String(third - second));
  });

  test("keeps a flush no longer than its own timeoutMs; the events stay, and go later", async (t) => {
    /** @type {string[][]} */
    const sent = [];
    let hangs = true;
    const { client, errors, meanwhile, flush } = await setUp(t, {
      timeoutMs: 10_000,
      fetch: async (input, init) => {
        const { events } = JSON.parse(String(init?.body));
        sent.push(events.map((/** @type {any} */ event) => event.event));
        return hangs ? hanging(input, init) : new Response('{"ok":true}');
      },
    });
    client.track({ event: "a" });
    const start = Date.now();
    assert.equal(await meanwhile(client.flush({ timeoutMs: 700 })), false);
    assert.equal(Date.now() - start, 700);
    client.track({ event: "b" });
    assert.equal(await meanwhile(client.flush({ timeoutMs: 300 })), false);
    assert.equal(Date.now() - start, 1000);
    assert.deepEqual(sent, [["a"]], "the first request goes on");
    hangs = false;
    assert.equal(await flush(), true);
    assert.deepEqual(sent, [["a"], ["a", "b"]]);
    assert.deepEqual(errors, []);
  });

  test("is asked no more by a flush whose time is over, but by one that has more", async (t) => {
    const { client, meanwhile } = await setUp(t, { fetch: hanging, timeoutMs: 1000 });
    client.track({ event: "a" });
    const start = Date.now();
    const whole = client.flush();
    assert.equal(await meanwhile(client.flush({ timeoutMs: 200 })), false);
    assert.equal(await meanwhile(whole), false);
    assert.ok(Date.now() - start > 4000 + 1000 + 2000 + 4000, "four attempts");
    const next = Date.now();
    assert.equal(await meanwhile(client.flush({ timeoutMs: 1500 })), false);
    assert.equal(Date.now() - next, 1000, "the pause would end too late");
  });

  test("keeps a shutdown no longer than its timeoutMs, and what is on its way is told", async (t) => {
    const { client, errors, meanwhile } = await setUp(t, { fetch: hanging });
    client.track({ event: "a" });
    const flushed = client.flush();
    client.track({ event: "b" });
    assert.equal(await meanwhile(client.shutdown({ timeoutMs: 300 })), false);
    assert.equal(await flushed, false);
    assert.deepEqual(
      errors.map(({ code, events }) => [code, events.map(({ event }) => event)]),
      [["shut_down", ["a", "b"]]],
    );
  });
});

describe("a shutdown that loses events", () => {
  const asksOff = async () => new Response("{}", { status: 503, headers: { "retry-after": "6" } });

  test("ends the flushes that wait for them, at once and with false", async (t) => {
    const { client, errors, meanwhile } = await setUp(t, { fetch: asksOff });
    client.track({ event: "a" });
    const start = Date.now();
    const flushes = [client.flush(), client.flush({ timeoutMs: 60_000 })];
    assert.equal(await meanwhile(client.shutdown({ timeoutMs: 200 })), false);
    assert.deepEqual(await meanwhile(Promise.all(flushes)), [false, false]);
    assert.ok(Date.now() - start < 1000, String(Date.now() - start));
    assert.deepEqual(
      errors.map(({ code, events }) => [code, events[0].event]),
      [["shut_down", "a"]],
    );
    assert.equal(await client.flush(), false, "it is lost for whoever comes late, too");
  });

  for (const [first, second] of [
    [300, 8000],
    [undefined, 300],
  ]) {
    test(`gives others its result: ${first} and ${second} ms`, async (t) => {
      const { client, errors, meanwhile } = await setUp(t, { fetch: asksOff });
      client.track({ event: "a" });
      const both = [first, second].map((timeoutMs) => client.shutdown({ timeoutMs }));
      const start = Date.now();
      assert.deepEqual(await meanwhile(Promise.all(both)), [false, false]);
      assert.ok(Date.now() - start < 1000, String(Date.now() - start));
      assert.equal(await client.shutdown(), false);
      assert.equal(errors.length, 1);
    });
  }

  test("does not keep the process for a flush", async (t) => {
    const recorder = await startIngestRecorder();
    t.after(() => recorder.close());
    recorder.setReply(() => fault(503, { "retry-after": "6" }));
    const child = spawnClient(
      recorder,
      "void flush(); setTimeout(() => shutdown({ timeoutMs: 1 }), 500);",
    );
    await once(child, "exit");
    assert.ok(Date.now() - recorder.batches[0].at < 6000);
  });
});

test("a flush with a timeoutMs that is none throws, and closes nothing", async (t) => {
  const { recorder, client, flush } = await setUp(t);
  client.track({ event: "a" });
  for (const timeoutMs of /** @type {any[]} */ ([0, -1, 1.5, NaN, Infinity, "5", null])) {
    assert.throws(() => client.flush({ timeoutMs }), /timeoutMs must be a whole number from 1/);
    await assert.rejects(client.shutdown({ timeoutMs }), RangeError);
  }
  client.track({ event: "b" });
  assert.equal(await flush(), true);
  assert.deepEqual(names(recorder.batches), [["a", "b"]]);
});

test("a flush that is in time has settled everything", async (t) => {
  const { client, meanwhile } = await setUp(t);
  client.track({ event: "a" });
  assert.equal(await meanwhile(client.flush({ timeoutMs: PATIENCE_MS })), true);
});
