/** CSV and JSONL as `mm import` reads them: RFC 4180, the line of every record, and what happens to bad ones. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readCsv } from "../../cli/import/csv.js";
import { readLines } from "../../cli/import/lines.js";
import { readMapping } from "../../cli/import/mapping.js";
import { csv, jsonl, mappedCsv, read } from "./support/reading.js";

/** @typedef {import("../../cli/import/lines.js").Source} Source */

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
