/** What `mm export` wrote is what `mm import` can bring back, at the limits of an event too. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADMIN_TOKEN } from "../data/cases.js";
import { splitRows } from "../../cli/export/rows.js";
import { eventOf } from "../../cli/import/event.js";
import { readMapping } from "../../cli/import/mapping.js";
import { NOW, startServer } from "./support/server.js";

const FROM = "prj_shop";
const INTO = "prj_blog";

/** @type {import("./support/server.js").Server} */
let server;
before(() => {
  server = startServer();
});
after(() => server.dispose());

/** @param {string} project */
async function exported(project) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const moment = { now: NOW, seed: new Uint8Array(32) };
  const path = `/admin/export?project=${project}`;
  const { body } = await server.harness.fetch("GET", path, headers, "", moment);
  return splitRows(Buffer.from(body)).rows;
}

/**
 * @param {Buffer | string} line
 * @param {string[]} [maps]
 */
const sentFor = (line, maps = []) =>
  eventOf({ line: 1, bytes: Buffer.from(line), offset: 0 }, readMapping(maps, []), INTO, true).json;

/** @param {number} levels of an event, all told */
const deepEvent = (levels) =>
  `{"event":"deep","properties":{"a":${"[".repeat(levels - 2)}1${"]".repeat(levels - 2)}}}`;

/** @param {string} event */
const importOne = (event) =>
  server.post(`/admin/import?project=${FROM}`, ADMIN_TOKEN, `{"events":[${event}]}`);

test("an export is imported with its longest visitors, sessions and times", async () => {
  const events = [
    { event: "longest", anonymous_id: "v".repeat(128) },
    { event: "wide", anonymous_id: "\u{1f600}".repeat(121) },
    { event: "oldest", anonymous_id: "w".repeat(128), timestamp: "1970-01-01" },
    { event: "old", anonymous_id: "w".repeat(128), timestamp: "1987-02-03T04:29:59.9999+05:30" },
    { event: "plain", anonymous_id: "v" },
    { event: "own", anonymous_id: "v", session_id: "v-1" },
    { event: "full", anonymous_id: "v", session_id: "s".repeat(128) },
  ];
  await server.importEvents(FROM, events);
  const rows = await exported(FROM);
  assert.equal(rows.length, events.length);
  const sent = rows.map((row) => JSON.parse(sentFor(row)));
  await server.importEvents(INTO, sent);
  assert.deepEqual((await exported(INTO)).map(String), rows.map(String));
  assert.deepEqual(
    sent.filter(({ session_id }) => session_id !== undefined).map(({ event }) => event),
    ["own", "full"],
  );
});

test("a line is known again, whatever it is mapped to", async () => {
  const line = '{"event":"mapped","uid":"u"}';
  const counts = [];
  for (const maps of [[], ["user_id=uid"]]) {
    const { json } = await importOne(sentFor(line, maps));
    counts.push([json.count, json.duplicates]);
  }
  assert.deepEqual(counts, [
    [1, 0],
    [1, 1],
  ]);
});

test("a session that only looks like the server's own is kept", () => {
  const slot = Math.floor(NOW / 1_800_000);
  const timestamp = new Date(NOW).toISOString();
  for (const row of [
    { anonymous_id: "v", session_id: `v-${slot + 1}`, timestamp },
    { anonymous_id: "v", session_id: `v-${slot}` },
    { anonymous_id: "v", session_id: `v-${slot}`, timestamp: timestamp.replace("Z", "+01:00") },
    { session_id: `undefined-${slot}`, timestamp },
    { anonymous_id: { toString: 1 }, session_id: "s", timestamp },
  ]) {
    const event = JSON.parse(sentFor(JSON.stringify({ event: "e", ...row })));
    assert.equal(event.session_id, row.session_id);
  }
});

test("an event is as deep as the server takes it in a batch, and no deeper", async () => {
  assert.equal((await importOne(sentFor(deepEvent(510)))).status, 200);
  assert.throws(() => sentFor(deepEvent(511)), /nested deeper than 510 levels/);
  assert.equal((await importOne(deepEvent(511))).status, 400);
  // What is empty is no level.
  const empty = deepEvent(510).replace("1]", '[],{},"[[[["]');
  assert.equal((await importOne(sentFor(empty))).status, 200);
  assert.throws(() => sentFor(deepEvent(511).replace("1]", "[]]")), /nested deeper/);
});
