/** CSV as `mm import` reads it: RFC 4180, the line of every record, and what happens to bad ones. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readCsv } from "../../cli/import/csv.js";
import { eventOf } from "../../cli/import/event.js";
import { readLines } from "../../cli/import/lines.js";
import { readMapping } from "../../cli/import/mapping.js";

/** @typedef {import("../../cli/import/lines.js").Source} Source */

/**
 * @param {Buffer} bytes
 * @param {number} size of the pieces that they come in
 */
async function* pieces(bytes, size) {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

/**
 * @param {(input: AsyncIterable<Uint8Array>) => AsyncIterable<Source>} reader
 * @param {string | Buffer} content
 * @param {number} [size]
 */
async function read(reader, content, size = 65_536) {
  /** @type {Source[]} */
  const sources = [];
  for await (const source of reader(pieces(Buffer.from(content), size))) sources.push(source);
  return sources;
}

/** @param {string[]} maps */
const mappedCsv =
  (...maps) =>
  (/** @type {AsyncIterable<Uint8Array>} */ input) =>
    readCsv(input, readMapping(maps, []));

/** @param {string | Buffer} content @param {number} [size] */
const csv = (content, size) => read(mappedCsv(), content, size);

/** @param {string | Buffer} content @param {number} [size] */
const jsonl = (content, size) => read(readLines, content, size);

/** @param {Source[]} sources */
const seen = (sources) =>
  sources.map(({ line, cells, problem }) => [line, problem ?? { ...cells }]);

const TRICKY = [
  "\ufeffevent, user_id ,properties.note\r\n",
  'plain,u1,"a, b"\r\n',
  'quotes,u2,"she said ""hi"""\n',
  '"two\r\nlines",u3,\n',
  "\r\n\n",
  "empty,,\r\n",
  'unicode,\u00e9\u{1f600},""\r\n',
  "last,u4,end",
].join("");

const TRICKY_ROWS = [
  [2, { event: "plain", user_id: "u1", "properties.note": "a, b" }],
  [3, { event: "quotes", user_id: "u2", "properties.note": 'she said "hi"' }],
  [4, { event: "two\r\nlines", user_id: "u3" }],
  [8, { event: "empty" }],
  [9, { event: "unicode", user_id: "\u00e9\u{1f600}" }],
  [10, { event: "last", user_id: "u4", "properties.note": "end" }],
];

describe("CSV", () => {
  test("quotes, line breaks in fields, blank lines, a byte order mark, no last line end", async () => {
    assert.deepEqual(seen(await csv(TRICKY)), TRICKY_ROWS);
  });

  test("rows of empty cells are blank lines, also before the header", async () => {
    const rows = await csv('\n,,\nevent,path\n,\n \t \n"", \n,,,\na,/\n"",""\n');
    assert.deepEqual(seen(rows), [[8, { event: "a", path: "/" }]]);
  });

  test("lines that end with CR twice, as Windows writes CRLF as text", async () => {
    const text = 'event,path\na, 5\n\n"b","c"\nlast,"d"\n'.replaceAll("\n", "\r\r\n");
    for (let size = 1; size <= 9; size++) {
      assert.deepEqual(
        seen(await csv(text, size)),
        [
          [2, { event: "a", path: "5" }],
          [4, { event: "b", path: "c" }],
          [5, { event: "last", path: "d" }],
        ],
        `in pieces of ${size}`,
      );
    }
    const lines = await jsonl('{"a":1}\r\r\n\r\r\n{"b":2}\r\r\n');
    assert.deepEqual(
      lines.map(({ line }) => line),
      [1, 3],
    );
  });

  test("is the same in whatever pieces it comes", async () => {
    const whole = await csv(TRICKY);
    for (let size = 1; size < 40; size++) assert.deepEqual(await csv(TRICKY, size), whole);
  });

  test("a record's bytes are its own: no line ends, no blank lines before it", async () => {
    const bytes = (await csv(TRICKY)).map((source) => source.bytes.toString());
    assert.equal(bytes[2], '"two\r\nlines",u3,');
    assert.equal(bytes[3], "empty,,");
    assert.equal(bytes[5], "last,u4,end");
    assert.equal((await csv(TRICKY)).at(-1)?.offset, Buffer.byteLength(TRICKY));
  });

  test("rows of another length are wrong, and name their line", async () => {
    const rows = seen(await csv("event,user_id\na,b\na\na,b,c\na,b\n"));
    assert.deepEqual(rows, [
      [2, { event: "a", user_id: "b" }],
      [3, "has 1 fields, where the header has 2"],
      [4, "has 3 fields, where the header has 2"],
      [5, { event: "a", user_id: "b" }],
    ]);
  });

  const FAULTY = [
    "event,user_id",
    'a,x"y',
    'b,"q"z',
    "c,good",
    '"not closed,d',
    "e,good",
    "f,good",
    "",
  ].join("\n");

  test("broken quoting costs the line where it starts, and no other", async () => {
    for (const size of [1, 7, 65_536]) {
      const rows = await csv(FAULTY, size);
      assert.deepEqual(
        rows.map(({ line, cells }) => cells?.event ?? line),
        [2, 3, "c", 5, "e", "f"],
      );
      assert.match(rows[0].problem ?? "", /rules of quoting/);
      assert.match(rows[3].problem ?? "", /quote that is not closed/);
    }
  });

  test("a quote that is not closed within a megabyte ends the import: what is behind may be its text", async () => {
    const text = "<p>hello, world</p>\n".repeat(60_000);
    async function* content() {
      yield Buffer.from(`event,n\ne,1\n"x${text}`);
      assert.fail("read to the end");
    }
    let read = 0;
    await assert.rejects(async () => {
      for await (const source of mappedCsv()(content())) {
        read++;
        assert.equal(source.cells?.event, "e");
      }
    }, /^Error: Line 3 begins a row with a quote that is not closed within 1048576 bytes/);
    assert.equal(read, 1);
  });

  test("a row that is too long is one wrong row, wherever it is cut", async () => {
    const long = "click,".repeat(400_000);
    for (const [row, size] of /** @type {[string, number][]} */ ([
      [`e,${long}`, 65_536],
      [`e,${long}`, 1_000_003],
      [`e,"${long}""${long}"`, 65_536],
      [`e,x"${long}`, 65_536],
    ])) {
      const rows = await csv(`event,n\na,1\n${row}\nb,2\n`, size);
      assert.deepEqual(
        rows.map(({ line, cells, problem }) => [line, cells?.event ?? typeof problem]),
        [
          [2, "a"],
          [3, "string"],
          [4, "b"],
        ],
      );
    }
  });

  test("bytes that are no UTF-8 are wrong, and do not spread", async () => {
    const content = Buffer.from("event,user_id\na,\xff\nb,c\n", "latin1");
    assert.deepEqual(seen(await csv(content)), [
      [2, "is not UTF-8: save the file as UTF-8"],
      [3, { event: "b", user_id: "c" }],
    ]);
  });

  test("a header with what is a field but for the way it is written is refused, with what mends it", async () => {
    for (const [header, map] of /** @type {const} */ ([
      ["event,Timestamp", "timestamp=Timestamp"],
      ["event,User_ID, userId ,anonymous-id", "user_id=User_ID,anonymous_id=anonymous-id"],
      ["event,Event ID", "'event_id=Event ID'"],
      [
        "EVENT,USER AGENT,Properties.n",
        "'event=EVENT,user_agent=USER AGENT,properties.n=Properties.n'",
      ],
      ["event,Context.IP,Properties", "context.ip=Context.IP,properties=Properties"],
    ])) {
      await assert.rejects(csv(`${header}\ne,1,2,3\n`), ({ exit, message }) => {
        assert.equal(exit, 2);
        assert.ok(message.includes(` give --map ${map};`), message);
        return true;
      });
    }
  });

  test("what --map cannot name is to be renamed", async () => {
    const rename = (/** @type {string} */ from, /** @type {string} */ to) =>
      `--map cannot name "${from}": rename it, to "${to}" where that is meant.`;
    for (const [header, advice] of /** @type {const} */ ([
      ['event,"Properties.a,b"', rename("Properties.a,b", "properties.a,b")],
      ["event,Properties.a=b", rename("Properties.a=b", "properties.a=b")],
      ["event,Properties.\x07", rename("Properties.\\u0007", "properties.\\u0007")],
    ])) {
      const message = `are written otherwise. ${advice} Nothing was stored.`;
      await assert.rejects(csv(`${header}\n`), (/** @type {Error} */ error) => {
        assert.ok(error.message.endsWith(message), error.message);
        return true;
      });
    }
    await assert.rejects(csv('Event,"Properties.a,b"\n'), ({ message }) => {
      assert.match(
        message,
        / give --map event=Event; .*COLUMN\. --map cannot name "Properties\.a,b"/,
      );
      return true;
    });
    assert.equal((await csv('event,"properties.a,b"\ne,1\n')).length, 1);
  });

  test("a column that only looks like a field is left out where the field is there or mapped", async () => {
    for (const [header, ...maps] of [
      ["event,timestamp,Timestamp"],
      ["event_name,Event"],
      ["event,context.country,Country"],
      ["event,Timestamp,at", "timestamp=at"],
      ["event,Timestamp", "timestamp=Timestamp"],
      ["event,Path", "properties.file=Path"],
      ["event,Total,properties.n,Properties.,Context.,context.other,x.Path"],
    ]) {
      await read(mappedCsv(...maps), `${header}\n`);
    }
    const set = readMapping([], ["user_id=u"]);
    await read((input) => readCsv(input, set), "event,UserID\n");
    assert.deepEqual([...set.leftOut], ["UserID"]);
  });

  test("a header that names a column twice, or lacks one that is mapped, is refused", async () => {
    await assert.rejects(csv("event,event\n"), /"event" twice/);
    const mapped = mappedCsv("event=Acton");
    await assert.rejects(read(mapped, "Action,Time\n"), /"Acton".*Did you mean "Action"\?/);
    assert.deepEqual(await csv(""), []);
    assert.deepEqual(await csv("event,user_id\n"), []);
    await assert.rejects(csv("event,user_id\rbuy,u\rbuy,v\r"), /end with CR alone/);
  });
});

describe("JSONL", () => {
  test("lines with their numbers, blank ones left out, in whatever pieces", async () => {
    const content = '\ufeff{"a":1}\r\n\n  \n{"b":2}\n{"c":"\u{1f600}"}';
    for (const size of [1, 2, 3, 5, 65_536]) {
      const lines = await jsonl(content, size);
      assert.deepEqual(
        lines.map(({ line, bytes }) => [line, bytes.toString()]),
        [
          [1, '{"a":1}'],
          [4, '{"b":2}'],
          [5, '{"c":"\u{1f600}"}'],
        ],
      );
      assert.equal(lines[2].offset, Buffer.byteLength(content));
    }
  });

  test("a line without an end is not kept in memory", async () => {
    const piece = Buffer.alloc(65_536, "x");
    async function* endless() {
      for (let i = 0; i < 200; i++) yield piece;
      yield Buffer.from('\n{"next":1}\n');
    }
    /** @type {Source[]} */
    const lines = [];
    for await (const line of readLines(endless())) lines.push(line);
    assert.match(lines[0].problem ?? "", /longer than/);
    assert.ok(lines[0].bytes.length <= piece.length);
    assert.deepEqual([lines[1].line, lines[1].bytes.toString()], [2, '{"next":1}']);
  });
});

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
