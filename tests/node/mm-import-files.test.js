/** `mm import` of files that cannot be read, or are not what they are read as. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { batches, file, recorder, runImport, stored, world } from "./support/importing.js";
import { mm, startMm } from "./support/mm.js";

describe("a file that cannot be read ends with 2, and asks nothing", () => {
  test("a name that is too long", async () => {
    const path = join(dirname(file), "n".repeat(300));
    const args = ["import", path, "--project", "shop"];
    const { exit, stderr } = await mm(args, { host: recorder.url });
    assert.match(stderr, /^Cannot read .*ENAMETOOLONG.*\n$/);
    assert.equal(exit, 2);
    const json = await mm([...args, "--json"], { host: recorder.url });
    assert.match(JSON.parse(json.stderr).error_description, /^Cannot read .*ENAMETOOLONG/);
    assert.equal(json.exit, 2);
    assert.equal(recorder.asked.length, 0);
  });

  test("one that is there, but cannot be opened", async (t) => {
    const path = join(dirname(file), "socket");
    const server = createServer().listen(path);
    /** @type {import("node:test").TestContext} */ (t).after(() => server.close());
    await once(server, "listening");
    const run = startMm(["import", path, "--project", "shop"], recorder.url);
    const { exit, stderr } = await run.ended;
    assert.match(stderr, /^Cannot read .*open '.*socket'\n$/);
    assert.equal(exit, 2);
    assert.equal(recorder.asked.length, 0);
  });

  test("a folder, and a file in what is none", async () => {
    world.write(1);
    for (const [path, message] of /** @type {const} */ ([
      [dirname(file), /^.* is a folder; give one file\.\n$/],
      [join(file, "in-a-file"), /^There is no file .*\n$/],
    ])) {
      const { exit, stderr } = await mm(["import", path, "--project", "shop"], {
        host: recorder.url,
      });
      assert.match(stderr, message);
      assert.equal(exit, 2);
    }
    assert.equal(recorder.asked.length, 0);
  });
});

describe("files of another kind", () => {
  test("packed ones are told with the command that unpacks them, with all options", async () => {
    const options = ["--map", "event=the action", "--set", "path=/", "--skip-bad"];
    const command = (/** @type {string} */ name, more = "") =>
      `gunzip -c ${name} | pnpm mm import - ${more}--host ${recorder.url} --project shop ` +
      "--map 'event=the action' --set path=/ --skip-bad";
    writeFileSync(file, gzipSync('{"event":"e"}\n'));
    const { exit, stderr } = await runImport(...options);
    assert.equal(exit, 2);
    assert.ok(stderr.includes(`${command(file)}\n`), stderr);
    assert.doesNotMatch(stderr, /token/);

    const args = ["import", "a.csv.gz", "--project", "shop", ...options];
    const named = await mm(args, { host: recorder.url });
    assert.ok(named.stderr.includes(command("a.csv.gz", "--format csv ")), named.stderr);
    assert.deepEqual(batches(), []);
  });

  test("one by its name with tabs, too", async () => {
    const tabs = await mm(["import", "a.tsv", "--project", "shop"], { host: recorder.url });
    assert.match(tabs.stderr, /^a\.tsv has tabs between its fields.*CSV with commas/);
    assert.equal(tabs.exit, 2);
    assert.deepEqual(batches(), []);
  });
});

describe("a file of another kind is refused as what it is, also with --skip-bad:", () => {
  const bytes = (/** @type {number[]} */ ...list) => Buffer.from(list);
  /** @type {[string, string | Buffer, RegExp][]} */
  const files = [
    ["csv", "event;path\ne;/\n", /^The header row has semicolons between/],
    ["csv", "event\tpath\ne\t/\n", /^The header row has tabs between/],
    ["csv", '"event";"path"\n"e";"/"\n', /^The header row has semicolons between/],
    ["csv", '"event"\t"a,b"\n"e"\t"x"\n', /^The header row has tabs between/],
    ["csv", "event|path\ne|/\n", /^The header row has vertical bars between/],
    ["csv", "sep=;\nevent;path\n", /^The header row has semicolons between/],
    ["csv", "sep=,\nevent,path\ne,/\n", /^The first line is "sep=,".*take that line out/],
    ["csv", '"event","path"\r"e","/"\r', /^The file's lines end with CR alone/],
    ["csv", '{"event":"a","path":"/"}\n', /^The file is JSON, .*--format jsonl/],
    ["csv", '[\n{"event":"a"}\n]\n', /^The file is JSON, .*--format jsonl/],
    ["csv", Buffer.from("\ufeffevent,path\ne,/\n", "utf16le"), /^The file is UTF-16.*iconv/],
    ["csv", Buffer.from("Z\u00fcrich,event\n", "latin1"), /^The header row is not UTF-8: save/],
    ["jsonl", '{"event":"a"}\r{"event":"b"}\r', /^The file's lines end with CR alone/],
    ["jsonl", '[\n{"event":"a"},\n{"event":"b"}\n]\n', /^The file is JSON, but .*jq -c '\.\[\]'/],
    ["jsonl", '[{"event":"a"}]', /^The file is JSON, but .*jq -c '\.\[\]'/],
    ["jsonl", '{\n  "event": "a"\n}\n', /^The file is JSON, but .*jq -c \. /],
    ["jsonl", 'time,"path"\n2026-11-01,/\n', /^The file is not JSONL\. If it is CSV.*--format csv/],
    ["jsonl", "time;action\n2026-11-01;a\n", /^The file is not JSONL\. If it is CSV.*--format csv/],
    ["jsonl", bytes(0x50, 0x4b, 3, 4, 20, 0, 10), /^The file is a zip archive, as \.xlsx is/],
    ["jsonl", bytes(0x28, 0xb5, 0x2f, 0xfd, 10), /^The file is packed with zstd/],
  ];
  for (const [format, content, message] of files) {
    test(`${JSON.stringify(content.toString())} as ${format}`, async () => {
      writeFileSync(file, content);
      const map = format === "csv" ? "url=page" : "timestamp=time"; // what it is comes first
      const { exit, stderr } = await runImport("--format", format, "--skip-bad", "--map", map);
      assert.match(stderr, message);
      assert.equal(exit, 2);
      assert.deepEqual(batches(), []);
    });
  }

  test("but not for what an event says", async () => {
    writeFileSync(file, 'Started\n{"event":"a","properties":{"t":"[{,path;event\\r{"}}\n');
    assert.equal((await runImport("--skip-bad")).exit, 4);
    writeFileSync(file, '"event","properties.a;b\tc|d"\na,x\n');
    assert.equal((await runImport("--format", "csv")).exit, 0);
    assert.equal(stored.size, 2);
  });
});
