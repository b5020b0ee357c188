/** The Node client against a server with faults. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import * as module from "../../packages/node-client/index.js";
import { startIngestRecorder } from "./support/ingest-recorder.js";
import {
  KEY,
  PATIENCE_MS,
  fault,
  inTurn,
  names,
  numbered,
  setUp,
  spawnClient,
} from "./support/node-client.js";

const { Client } = module;

test("an event goes with the key, an id and a time", async (t) => {
  const { recorder, client, flush } = await setUp(t);
  const id = client.track({ event: "a", user_id: "u", properties: { n: 1 } });
  client.track({ event: "b", event_id: "mine", timestamp: new Date(0) });
  assert.equal(await flush(), true);
  const [{ events, authorization }] = recorder.batches;
  assert.equal(authorization, `Bearer ${KEY}`);
  assert.match(id ?? "", /^[0-9a-f-]{36}$/);
  const { timestamp, ...first } = events[0];
  assert.deepEqual(first, { event: "a", user_id: "u", properties: { n: 1 }, event_id: id });
  assert.equal(new Date(timestamp).toISOString(), timestamp);
  assert.deepEqual(events[1], {
    event: "b",
    event_id: "mine",
    timestamp: "1970-01-01T00:00:00.000Z",
  });
});

test("what was tracked is what is sent, whatever becomes of the object", async (t) => {
  const { recorder, client, flush } = await setUp(t);
  const properties = { n: 1 };
  client.track({ event: "a", properties });
  properties.n = 2;
  await flush();
  assert.deepEqual(recorder.batches[0].events[0].properties, { n: 1 });
});

test("identify keeps its place", async (t) => {
  const { recorder, client, errors, flush } = await setUp(t);
  client.track({ event: "a" });
  client.identify({ anonymous_id: "v", user_id: "u", traits: { plan: "pro" } });
  client.track({ event: "b" });
  // @ts-expect-error: both are needed
  assert.equal(client.identify({ user_id: "u" }), undefined);
  await flush();
  const [{ events }] = recorder.batches;
  assert.deepEqual(names(recorder.batches), [["a", "$identify", "b"]]);
  const { event_id: id, timestamp, ...rest } = events[1];
  assert.ok(id && timestamp);
  assert.deepEqual(rest, {
    event: "$identify",
    anonymous_id: "v",
    user_id: "u",
    properties: { plan: "pro" },
  });
  assert.deepEqual(
    errors.map(({ code, events }) => [code, events]),
    [["invalid_event", [{ user_id: "u" }]]],
  );
});

test("a full batch goes at once, the rest after a while, without a flush", async (t) => {
  const { recorder, client, meanwhile } = await setUp(t, {
    batchSize: 10,
    flushIntervalMs: 60_000,
  });
  for (const event of numbered(25)) client.track({ event });
  const start = Date.now();
  await recorder.until(1);
  assert.equal(Date.now(), start);
  await meanwhile(recorder.until(3));
  assert.deepEqual(
    recorder.batches.map(({ events }) => events.length),
    [10, 10, 5],
  );
  assert.deepEqual(names(recorder.batches).flat(), numbered(25));
});

test("no batch is larger than the server takes", async (t) => {
  const { recorder, client, errors, flush } = await setUp(t, { batchSize: 1000 });
  const text = "\u00fc".repeat(2000); // 4,000 bytes
  for (const event of numbered(900)) client.track({ event, properties: { text } });
  client.track({ event: "huge", properties: { text: text.repeat(300) } });
  assert.equal(await flush(), true);
  assert.deepEqual(names(recorder.batches).flat(), numbered(900));
  for (const { bytes } of recorder.batches) assert.ok(bytes < 1024 * 1024, String(bytes));
  assert.equal(recorder.batches.length, 4);
  assert.deepEqual(
    errors.map(({ code, events }) => [code, events[0].event]),
    [["invalid_event", "huge"]],
  );
});

test("a batch that fails is sent again, with the same ids, and nothing passes it", async (t) => {
  const { recorder, client, errors, flush } = await setUp(t, { batchSize: 3 });
  recorder.setReply(inTurn([fault(503), "cut", fault(500)]));
  for (const event of numbered(5)) client.track({ event });
  assert.equal(await flush(), true);
  assert.deepEqual(names(recorder.batches), [
    ["n0", "n1", "n2"],
    ["n0", "n1", "n2"],
    ["n0", "n1", "n2"],
    ["n0", "n1", "n2"],
    ["n3", "n4"],
  ]);
  const ids = recorder.batches.map(({ events }) => events[0].event_id);
  assert.equal(new Set(ids.slice(0, 4)).size, 1);
  const pauses = recorder.batches.slice(1, 4).map(({ at }, i) => at - recorder.batches[i].at);
  assert.ok(pauses[0] >= 1000 && pauses[1] >= 2000 && pauses[2] >= 4000, pauses.join(", "));
  assert.deepEqual(errors, []);
});

test("Retry-After is waited for, even when a flush asks sooner", async (t) => {
  const { recorder, client, meanwhile, flush } = await setUp(t);
  recorder.setReply(inTurn([fault(429, { "retry-after": "5" })]));
  client.track({ event: "a" });
  assert.equal(await flush(), true);
  assert.ok(recorder.batches[1].at - recorder.batches[0].at >= 5000);

  recorder.setReply(inTurn([fault(429, { "retry-after": "3600" })]));
  client.track({ event: "b" });
  assert.equal(await flush(), false, "a handler should not be kept that long");
  assert.equal(recorder.batches.length, 3);
  await meanwhile(recorder.until(4));
  assert.ok(recorder.batches[3].at - recorder.batches[2].at >= 3_600_000);
});

test("a flush asks nothing until a long Retry-After is over", async (t) => {
  const { recorder, client, errors, flush } = await setUp(t);
  recorder.setReply(() => fault(429, { "retry-after": "30" }));
  client.track({ event: "a" });
  assert.equal(await flush(), false);
  client.track({ event: "b" });
  const start = Date.now();
  for (let i = 0; i < 3; i++) assert.equal(await client.flush(), false);
  assert.equal(Date.now(), start);
  assert.equal(recorder.batches.length, 1);
  recorder.setReply(() => undefined);
  t.mock.timers.tick(30_000);
  assert.equal(await flush(), true);
  assert.deepEqual(names(recorder.batches), [["a"], ["a", "b"]]);
  assert.equal(await client.flush(), true);
  assert.deepEqual(errors, []);
});

test("a flush waits for the end of a short Retry-After, whoever asked before it", async (t) => {
  /** @type {number[]} */
  const asked = [];
  const { client, flush } = await setUp(t, {
    batchSize: 1,
    fetch: async () => {
      const headers = { "retry-after": "5" };
      if (asked.push(Date.now()) === 1) return new Response("{}", { status: 429, headers });
      return new Response('{"ok":true}', { status: 202 });
    },
  });
  client.track({ event: "a" });
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await flush(), true);
  assert.equal(asked.length, 2);
  assert.equal(asked[1] - asked[0], 5000);
});

test("a flush gives up in the end; the events stay, and go by themselves later", async (t) => {
  const { recorder, client, errors, meanwhile, flush } = await setUp(t);
  recorder.setReply(() => fault(502));
  client.track({ event: "a" });
  assert.equal(await flush(), false);
  assert.equal(recorder.batches.length, 4);
  client.track({ event: "b" });
  recorder.setReply(() => undefined);
  await meanwhile(recorder.until(5));
  assert.deepEqual(names(recorder.batches).at(-1), ["a", "b"]);
  assert.equal(await flush(), true);
  assert.equal(recorder.batches.length, 5);
  assert.deepEqual(errors, []);
});

test("no server at all is a failure like others", async (t) => {
  const { recorder, client, errors, meanwhile, flush } = await setUp(t);
  await recorder.close();
  client.track({ event: "a" });
  assert.equal(await flush(), false);
  assert.equal(errors.length, 0);
  assert.equal(await meanwhile(client.shutdown()), false);
  assert.deepEqual(
    errors.map(({ code, events }) => [code, events[0].event]),
    [["shut_down", "a"]],
  );
  assert.equal(client.track({ event: "b" }), undefined);
  assert.equal(errors.length, 2);
});

test("the wrong events of a batch are told, the others are stored", async (t) => {
  const { recorder, client, errors, flush } = await setUp(t);
  // As the server does: a few of the wrong ones at a time.
  recorder.setReply(({ events }) => {
    const wrong = events.flatMap(({ event }, index) =>
      event.startsWith("bad") ? [{ index, fieldErrors: { event: [`not ${event}`] } }] : [],
    );
    if (wrong.length === 0) return undefined;
    const details = { events: wrong.slice(0, 2) };
    return { status: 400, body: { error: "invalid_payload", error_description: "No.", details } };
  });
  for (const event of ["bad0", "n0", "bad1", "n1", "bad2", "n2"]) client.track({ event });
  assert.equal(await flush(), true);
  assert.deepEqual(names(recorder.batches).at(-1), ["n0", "n1", "n2"]);
  assert.equal(recorder.batches.length, 3);
  assert.deepEqual(
    errors.map(({ code, status, details, events }) => [code, status, details, events[0].event]),
    ["bad0", "bad1", "bad2"].map((event) => [
      "invalid_payload",
      400,
      { fieldErrors: { event: [`not ${event}`] } },
      event,
    ]),
  );
});

test("without onError the console says which event is lost, and what is wrong with it", async (t) => {
  const { recorder, client, flush } = await setUp(t, { onError: undefined });
  const lines = t.mock.method(console, "error", () => {});
  recorder.setReply(({ events }) => {
    const index = events.findIndex(({ event }) => event === "bad");
    const details = { events: [{ index, fieldErrors: { url: ["must be a URL"], path: ["no"] } }] };
    const error_description = "1 of 2 events are wrong; nothing was stored.";
    return index < 0
      ? undefined
      : { status: 400, body: { error: "invalid_payload", error_description, details } };
  });
  client.track({ event: "good" });
  client.track({ event: "bad", event_id: "b1" });
  assert.equal(await flush(), true);
  assert.deepEqual(
    lines.mock.calls.map(({ arguments: [line] }) => line),
    ['millimetric: lost "bad" (event_id b1): invalid_payload: url: must be a URL; path: no'],
  );
});

test("where the server does not say which event is wrong, it is found", async (t) => {
  const { recorder, client, errors, flush } = await setUp(t);
  recorder.setReply(({ events }) =>
    events.some(({ event }) => event === "n3") ? fault(400) : undefined,
  );
  for (const event of numbered(9)) client.track({ event });
  assert.equal(await flush(), true);
  assert.deepEqual(
    errors.map(({ code, events }) => [code, events.map(({ event }) => event)]),
    [["a_fault", ["n3"]]],
  );
  const stored = recorder.batches.filter(
    ({ events }) => !events.some(({ event }) => event === "n3"),
  );
  assert.deepEqual(names(stored).flat(), numbered(9).toSpliced(3, 1));
});

for (const status of [301, 401, 403, 404]) {
  test(`a refusal with ${status} is final, and told once`, async (t) => {
    const { recorder, client, errors, flush } = await setUp(t);
    recorder.setReply(inTurn([fault(status, status === 301 ? { location: "/elsewhere" } : {})]));
    client.track({ event: "a" });
    client.track({ event: "b" });
    assert.equal(await flush(), true);
    client.track({ event: "c" });
    assert.equal(await flush(), true);
    assert.deepEqual(names(recorder.batches), [["a", "b"], ["c"]]);
    assert.deepEqual(
      errors.map((error) => [error.code, error.status, error.events.length]),
      [["a_fault", status, 2]],
    );
  });
}

test("the queue has a bound: the oldest give way, and are told", async (t) => {
  const { recorder, client, errors, flush } = await setUp(t, { maxQueue: 5, batchSize: 1000 });
  for (const event of numbered(8)) client.track({ event });
  await flush();
  assert.deepEqual(names(recorder.batches), [["n3", "n4", "n5", "n6", "n7"]]);
  assert.deepEqual(
    errors.flatMap(({ code, events }) => events.map(({ event }) => [code, event])),
    ["n0", "n1", "n2"].map((event) => ["queue_full", event]),
  );
});

test("nothing that is tracked throws, nor what onError throws", async (t) => {
  const onError = () => {
    throw new Error("trapped");
  };
  const { recorder, client, flush } = await setUp(t, { onError });
  /** @type {any} */
  const circle = { event: "circle" };
  circle.properties = circle;
  for (const event of [circle, { event: "big", properties: { n: 1n } }, null, undefined, 3]) {
    client.track(/** @type {any} */ (event));
  }
  client.identify(/** @type {any} */ (undefined));
  recorder.setReply(inTurn([fault(401)]));
  assert.equal(await flush(), true);
});

test("a promise of onError's that is rejected is no more than an error thrown", async (t) => {
  let told = 0;
  const onError = async () => {
    told++;
    throw new Error("trapped");
  };
  const { recorder, client, flush } = await setUp(t, { onError });
  const properties = { n: 1n };
  assert.equal(client.track({ event: "no JSON", properties }), undefined);
  recorder.setReply(inTurn([fault(401)]));
  client.track({ event: "a" });
  assert.equal(await flush(), true);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told, 2);
});

test("a time that is none is told, and nothing stored as of now", async (t) => {
  /** @type {string[]} */
  const messages = [];
  const { recorder, client, flush } = await setUp(t, {
    onError: ({ code, message }) => messages.push(`${code}: ${message}`),
  });
  const none = [new Date("garbage"), NaN, () => 0, Symbol("now")];
  for (const timestamp of /** @type {any[]} */ (none)) client.track({ event: "a", timestamp });
  const identity = { anonymous_id: "v", user_id: "u" };
  assert.equal(client.identify({ ...identity, timestamp: new Date(NaN) }), undefined);
  client.track({ event: "b", timestamp: "2026-11-01" });
  assert.equal(await flush(), true);
  assert.deepEqual(names(recorder.batches), [["b"]]);
  assert.equal(messages.length, 5);
  assert.equal(messages[0], "invalid_event: timestamp is not a valid time: Invalid Date");
});

test("properties may be of any type that has members", async (t) => {
  class Order {
    total = 99.5;
  }
  const { recorder, client, flush } = await setUp(t);
  client.track({ event: "a", properties: new Order() });
  client.identify({ anonymous_id: "v", user_id: "u", traits: new Order() });
  // @ts-expect-error: the server takes objects only
  client.track({ event: "b", properties: "text" });
  await flush();
  const [{ events }] = recorder.batches;
  assert.deepEqual(events[0].properties, { total: 99.5 });
  assert.deepEqual(events[1].properties, { total: 99.5 });
});

test("mistakes in the options are shown at once", () => {
  const good = { key: KEY, host: "http://localhost:8787" };
  for (const [options, message] of /** @type {[any, RegExp][]} */ ([
    [{ ...good, key: "" }, /key is missing/],
    [{ ...good, host: undefined }, /host must be/],
    [{ ...good, host: "localhost:8787" }, /host must be/],
    [{ ...good, batchSize: 1001 }, /batchSize must be a whole number from 1 to 1000/],
    [{ ...good, flushIntervalMs: 0 }, /flushIntervalMs/],
    [{ ...good, maxQueue: 1.5 }, /maxQueue/],
    [{ ...good, timeoutMs: 0 }, /timeoutMs must be a whole number from 1/],
    [{ ...good, timeoutMs: 2 ** 31 }, /timeoutMs/],
  ])) {
    assert.throws(() => new Client(options), message);
  }
});

test("the module's functions use the client that was made last", async (t) => {
  const { recorder, meanwhile } = await setUp(t);
  assert.throws(() => module.track({ event: "a" }), /call init/);
  const client = module.init({ key: KEY, host: recorder.url, timeoutMs: PATIENCE_MS });
  module.track({ event: "a" });
  module.identify({ anonymous_id: "v", user_id: "u" });
  client.track({ event: "b" });
  assert.equal(await meanwhile(module.flush()), true);
  assert.deepEqual(names(recorder.batches), [["a", "$identify", "b"]]);
  assert.equal(await meanwhile(module.shutdown()), true);
});

test("a fetch of one's own is used", async (t) => {
  /** @type {string[]} */
  const addresses = [];
  const { recorder, client, flush } = await setUp(t, {
    fetch: (input, init) => {
      addresses.push(String(input));
      return fetch(input, init);
    },
  });
  client.track({ event: "a" });
  await flush();
  assert.deepEqual(addresses, [`${recorder.url}/v1/batch`]);
});

for (const [what, lastLine, batches] of /** @type {const} */ ([
  ["ends while events wait for others", "", 0],
  ["lives until a flush is over, failures included", "await flush();", 2],
  ["ends with a flush that is in time", "await flush({ timeoutMs: 600_000 });", 2],
])) {
  test(`a process ${what}`, async (t) => {
    const recorder = await startIngestRecorder();
    t.after(() => recorder.close());
    recorder.setReply(inTurn([fault(503)]));
    const [code] = await once(spawnClient(recorder, lastLine), "exit");
    assert.equal(code, 0);
    assert.equal(recorder.batches.length, batches);
  });
}

test("what answers without being the server has not taken the events", async (t) => {
  let website = true;
  const { client, errors, flush } = await setUp(t, {
    fetch: async () => new Response(website ? "<html>Welcome</html>" : '{"ok":true}'),
  });
  client.track({ event: "a" });
  assert.equal(await flush(), false);
  website = false;
  assert.equal(await flush(), true);
  assert.deepEqual(errors, []);
});

test("a key that no header can hold is refused at once", () => {
  for (const key of ["sk_live_\u2013x", "sk_live x", "sk_live_x\n"]) {
    assert.throws(() => new Client({ key, host: "http://localhost" }), /key has a character/);
  }
});

test("an event tracked while a flush ends is for the next flush", async () => {
  for (let turns = 0; turns < 16; turns++) {
    let sent = 0;
    const client = new Client({
      key: KEY,
      host: "http://localhost",
      fetch: async (_, init) => {
        sent += JSON.parse(String(init?.body)).events.length;
        return new Response('{"ok":true}');
      },
    });
    client.track({ event: "a" });
    const first = client.flush();
    for (let i = 0; i < turns; i++) await null;
    client.track({ event: "b" });
    assert.equal(await client.flush(), true);
    assert.equal(sent, 2, `after ${turns} turns`);
    assert.equal(await first, true);
  }
});
