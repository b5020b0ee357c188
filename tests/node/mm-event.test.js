/** What `mm import` makes of a record: an event's fields, their types, its id. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventOf } from "../../cli/import/event.js";
import { readMapping } from "../../cli/import/mapping.js";
import { csv, jsonl } from "./support/reading.js";

/** @typedef {import("../../cli/import/lines.js").Source} Source */

describe("an event", () => {
  const none = readMapping([], []);

  /**
   * @param {string} text one line
   * @param {ReturnType<typeof readMapping>} [mapping]
   */
  async function ofJson(text, mapping = none) {
    const [source] = await jsonl(text);
    return eventOf(source, mapping, "prj_1", true).json;
  }

  /**
   * @param {string} text a header and a row
   * @param {{ mapping?: ReturnType<typeof readMapping>, typed?: boolean }} [options]
   */
  async function ofCsv(text, { mapping = none, typed = true } = {}) {
    const [source] = await csv(text);
    const { event_id, ...event } = JSON.parse(eventOf(source, mapping, "prj_1", typed).json);
    assert.match(event_id, /^[0-9a-f]{64}$/);
    return event;
  }

  test("what says something of the visitor goes into its context", async () => {
    const row = { event: "e", event_id: "1", user_agent: "UA", ip: "1.2.3.4", country: null };
    const json = await ofJson(JSON.stringify({ ...row, context: { country: "DE" }, bytes: 5 }));
    const context = { user_agent: "UA", ip: "1.2.3.4", country: "DE" };
    assert.deepEqual(JSON.parse(json), { event: "e", event_id: "1", context });
  });

  test("what is empty is absent, but for properties; so is JSON that is null", async () => {
    const ids = {
      timestamp: "",
      anonymous_id: "",
      user_id: "",
      session_id: "",
      ip: "",
      context: "",
    };
    const row = { event: "", event_name: "e", event_id: "1", ...ids, properties: { a: "" } };
    const sent = JSON.parse(await ofJson(JSON.stringify({ ...row, "properties.b": "" })));
    assert.deepEqual(sent, { event: "e", event_id: "1", properties: { a: "", b: "" } });
    assert.deepEqual(await ofCsv("event,properties,context\ne,null,null\n"), { event: "e" });
  });

  test("numbers keep their digits", async () => {
    const properties = '{"a":1.50,"b":12345678901234567890,"c":1e300,"d":-0,"e":[0.1,{"f":2.0}]}';
    const json = await ofJson(`{"event":"e","event_id":"1","properties":${properties}}`);
    assert.equal(json, `{"event":"e","event_id":"1","properties":${properties}}`);
  });

  test("names such as __proto__ are names", async () => {
    const json = await ofJson('{"event":"e","event_id":"1","properties":{"__proto__":{"a":1}}}');
    assert.equal(json, '{"event":"e","event_id":"1","properties":{"__proto__":{"a":1}}}');
    const event = await ofCsv("event,properties.__proto__,__proto__\ne,x,y\n");
    assert.equal(JSON.stringify(event), '{"event":"e","properties":{"__proto__":"x"}}');
  });

  test("columns of CSV become properties, with their types where nothing is lost", async () => {
    const header = "event,properties,properties.n,properties.zip,properties.yes,properties.long";
    const row = 'e,"{""a"":1}",-1.5,01234,true,12345678901234567890';
    assert.deepEqual((await ofCsv(`${header}\n${row}\n`)).properties, {
      a: 1,
      n: -1.5,
      zip: "01234",
      yes: true,
      long: "12345678901234567890",
    });
    for (const [cell, value] of /** @type {const} */ ([
      ["TRUE", true],
      ["False", false],
    ])) {
      const spreadsheet = await ofCsv(`${header}\n${row.replace("true", cell)}\n`);
      assert.equal(spreadsheet.properties.yes, value);
    }
    const asText = await ofCsv(`${header}\n${row}\n`, { typed: false });
    assert.deepEqual([asText.properties.n, asText.properties.yes], ["-1.5", "true"]);
  });

  test("a text is a number only where no digit of it is lost", async () => {
    for (const text of ["0", "7", "-1.5", "0.1", "99.95", "9.90", "7.00", "999999999999999"]) {
      const { properties } = await ofCsv(`event,properties.n\ne,${text}\n`);
      assert.deepEqual(properties, { n: Number(text) });
    }
    const texts = ["-0", "-0.0", "01234", "+1", ".5", "5.", "1e5", "1e+21", "1e-7"];
    texts.push("9007199254740992", "12345678901234567890", "0.1234567890123456");
    texts.push("Infinity", "-Infinity", "NaN", "0x10", "1_000", " 1");
    for (const text of texts) {
      const { properties } = await ofCsv(`event,properties.n\ne,"${text}"\n`);
      assert.deepEqual(properties, { n: text });
    }
    const mapping = readMapping([], ["properties.version=1.10.2"]);
    const { properties } = await ofCsv("event\ne\n", { mapping });
    assert.deepEqual(properties, { version: "1.10.2" });
  });

  test("spaces and tabs around a cell of CSV are not of it, unless it is in quotes", async () => {
    const header = "event, user_id,timestamp,properties.n,properties.a,properties.b,properties.c";
    const row = ' paid it\t,\t u1  ,  , 42 ," 7",true ," a ""b"", "';
    assert.deepEqual(await ofCsv(`${header}\n${row}\n`), {
      event: "paid it",
      user_id: "u1",
      properties: { n: 42, a: " 7", b: true, c: ' a "b", ' },
    });
    const quoted = await ofCsv('user_id,event\n"","e "\n');
    assert.deepEqual(quoted, { event: "e " });
    const last = await ofCsv('event,path,user_id\n"e","", u \n');
    assert.deepEqual(last, { event: "e", user_id: "u" });
    const spaces = " ".repeat(200_000);
    const long = await ofCsv(`event,user_id\ne, a${spaces}b \n`);
    assert.equal(long.user_id, `a${spaces}b`);
  });

  test("times as logs and databases write them are sent as the server reads them", async () => {
    const mapping = readMapping(["timestamp=t"], []);
    for (const [given, sent] of [
      ["1795168800", "2026-11-20T10:00:00.000Z"],
      ["1795168800.0999", "2026-11-20T10:00:00.099Z"],
      ["1795168800123", "2026-11-20T10:00:00.123Z"],
      ["1795168800123.9", "2026-11-20T10:00:00.123Z"],
      ["1795168800123456", "2026-11-20T10:00:00.123Z"],
      ["1795168800123456789", "2026-11-20T10:00:00.123Z"],
      ["2026-11-20 10:00:00 UTC", "2026-11-20 10:00:00Z"],
      ["2026-11-20 10:00:00.123456 UTC", "2026-11-20 10:00:00.123456Z"],
      ["2026-11-20 10:00:00 +0200", "2026-11-20 10:00:00+0200"],
      ["2026-11-20 10:00 -02:30", "2026-11-20 10:00-02:30"],
      ["2026-11-20 12:00:00.5 +0200 CEST", "2026-11-20 12:00:00.5+0200"],
      ["Fri, 20 Nov 2026 10:00:00 GMT", "2026-11-20T10:00:00Z"],
      ["1 Feb 2026 10:00 +0100", "2026-02-01T10:00+0100"],
      ["20/Nov/2026:10:00:00 -0130", "2026-11-20T10:00:00-0130"],
      ["[20/Nov/2026:10:00:00 +0000]", "2026-11-20T10:00:00+0000"],
      ...[
        "2026-11-20T10:00:00Z",
        "2026-11-20 10:00:00",
        "2026-11-20 10:00:00 CET",
        "20 Nov 2026 10:00:00",
        "20/Ovf/2026:10:00:00 +0000",
        "11/12/2026 10:00",
        "20261120",
        "20261120100000",
        "1.79517E+09",
        "123",
      ].map((same) => [same, same]),
    ]) {
      assert.equal((await ofCsv(`event,t\ne,"${given}"\n`, { mapping })).timestamp, sent, given);
    }
    for (const [given, sent] of [
      ["1795168800", "2026-11-20T10:00:00.000Z"],
      ["1795168800.50", "2026-11-20T10:00:00.500Z"],
      ["1795168800123456789", "2026-11-20T10:00:00.123Z"],
      ["1", 1],
      ["true", true],
    ]) {
      const { timestamp } = JSON.parse(await ofJson(`{"event":"e","t":${given}}`, mapping));
      assert.equal(timestamp, sent);
    }
  });

  test("mapped columns and constants", async () => {
    const mapping = readMapping(
      ["event=action, timestamp=at", "properties.code=request.code"],
      ["context.country=DE", "properties.source=a=b,c", "user_id=7"],
    );
    const row = { event: "own", action: "mapped", at: "2026-11-01", request: { code: 200 } };
    const event = JSON.parse(await ofJson(JSON.stringify(row), mapping));
    const { event_id, ...rest } = event;
    assert.match(event_id, /^[0-9a-f]{64}$/);
    assert.deepEqual(rest, {
      event: "mapped",
      timestamp: "2026-11-01",
      user_id: "7",
      properties: { code: 200, source: "a=b,c" },
      context: { country: "DE" },
    });
  });

  test("a line with what is a field but for the way it is written is refused, with what mends it", async () => {
    const line = '{"event":"e","userId":"u","user_id":null,"Timestamp":"2026-11-01"}';
    const message =
      /^Error: has "userId", "Timestamp", which .* give --map user_id=userId,timestamp=Timestamp;/;
    await assert.rejects(ofJson(line), message);
    const mapping = readMapping(["user_id=userId,timestamp=Timestamp"], []);
    const { event_id, ...event } = JSON.parse(await ofJson(line, mapping));
    assert.ok(event_id);
    assert.deepEqual(event, { event: "e", user_id: "u", timestamp: "2026-11-01" });
    for (const [fine, map] of [
      ['{"event":"e","user_id":"u","userId":"v"}', "url=page"],
      ['{"event":"e","Url":null}', "url=page"],
      ['{"event":"e","Url":{"href":"x"}}', "properties.href=Url.href"],
      ['{"event":"e","URL":"x"}', "url=page"],
      ['{"event":"e","properties":{"Timestamp":1},"context":{"IP":"x"}}', "url=page"],
      ['{"event":"e","context":{"ip":"x"},"IP":"x"}', "url=page"],
      ['{"event":"e","context":{"country":"DE"},"Context.Country":"DE"}', "url=page"],
      ['{"event":"e","properties":{"x":1},"Properties.x":2,"Properties.a=b":null}', "url=page"],
    ]) {
      await ofJson(fine, readMapping([map], []));
    }
    for (const given of ["null", "{}", '{"ip":null}', '{"IP":"x"}', '{"country":"DE"}']) {
      const row = `{"event":"e","context":${given},"IP":"x"}`;
      await assert.rejects(ofJson(row), /^Error: has "IP", which .* give --map ip=IP;/);
    }
  });

  test("an exported row is an event again", async () => {
    const row = { event_name: "e", event_id: "1", source: "x", country: "DE", user_id: null };
    const event = JSON.parse(await ofJson(JSON.stringify(row)));
    assert.deepEqual(event, { event: "e", event_id: "1", context: { country: "DE" } });
  });

  test("ids differ by project, line number and line, and are the same every time", async () => {
    const line = '{"event":"e"}';
    const sources = await jsonl(`${line}\n${line}\n{"event":"f"}\n`);
    const id = (/** @type {Source} */ source, /** @type {string} */ project) =>
      JSON.parse(eventOf(source, none, project, true).json).event_id;
    const ids = [...sources.map((source) => id(source, "prj_1")), id(sources[0], "prj_2")];
    assert.equal(new Set(ids).size, 4);
    assert.equal(id(sources[0], "prj_1"), ids[0]);
  });

  for (const [text, message] of /** @type {const} */ ([
    ["[]", /must be one JSON object/],
    ["7", /must be one JSON object/],
    ['{"event":', /is not JSON/],
    ['{"event":"e","properties":[1]}', /properties must be a JSON object/],
    ['{"event":"e","properties":"{"}', /properties must be a JSON object/],
    ['{"event":"e","context":"DE"}', /context must be a JSON object/],
  ])) {
    test(`is refused: ${text}`, () => assert.rejects(ofJson(text), message));
  }
});
