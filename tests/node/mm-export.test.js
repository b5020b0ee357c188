/** `mm export`: rows byte for byte, page after page, and going on after a failure. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { beforeEach, describe, test } from "node:test";
import { splitRows } from "../../cli/export/rows.js";
import { Recorder, folder, mm, project, startMm } from "./support/mm.js";

const EXPORT = "GET /admin/export";
const ROWS = [
  '{"event_name":"a","properties":{"n":1.50,"big":12345678901234567890,"list":[{"rows":[]},[]]}}',
  '{"event_name":"\\"rows\\":[{]}\\\\","properties":{}}',
  '{"event_name":"\u00e9\u{1f600}\u2028","url":null,"properties":{"a":{"b":{}}}}',
];
const ALL = `${ROWS.join("\n")}\n`;

/** @type {Recorder} */
let recorder;
/** @type {import("node:test").TestContext} */
let t;
beforeEach(async (context) => {
  t = /** @type {import("node:test").TestContext} */ (context);
  recorder = await Recorder.start();
  t.after(() => recorder.stop());
  recorder.on("GET /admin/projects", { rows: [project()] });
  recorder.on(EXPORT, page);
});

/** One row per page; cursors are c1, c2. @param {{ query: URLSearchParams }} asked */
function page({ query }) {
  const at = Number((query.get("cursor") ?? "c0").slice(1));
  const next = at + 1 < ROWS.length ? `,"next_cursor":"c${at + 1}"` : "";
  return { text: `{"rows":[${ROWS[at]}]${next}}` };
}

/** @param {string[]} args */
const runExport = (...args) => mm(["export", "--project", "shop", ...args], { host: recorder.url });

const cursors = () => recorder.askedFor(EXPORT).map(({ query }) => query.get("cursor"));

test("pages by cursor, and prints the rows' own bytes", async () => {
  const { exit, stdout } = await runExport("--from", "2026-11-01", "--to", "2026-12-01");
  assert.equal(exit, 0);
  assert.equal(stdout, ALL);
  assert.deepEqual(cursors(), [null, "c1", "c2"]);
  for (const { query } of recorder.askedFor(EXPORT)) {
    assert.deepEqual(
      [query.get("project"), query.get("from"), query.get("to"), query.get("limit")],
      ["prj_1", "2026-11-01", "2026-12-01", "1000"],
    );
  }
});

test("into a file", async () => {
  const out = join(folder(t), "out.jsonl");
  const { exit, stdout } = await runExport("--out", out);
  assert.equal(exit, 0);
  assert.equal(stdout, `Exported 3 events of shop to ${out}\n`);
  assert.equal(readFileSync(out, "utf8"), ALL);
  const again = await runExport("--out", out, "--json");
  const summary = { ok: true, project_id: "prj_1", rows: 3, file: out };
  assert.deepEqual(JSON.parse(again.stdout), summary);
  assert.equal(readFileSync(out, "utf8"), ALL);
});

test("of nothing is nothing", async () => {
  recorder.on(EXPORT, { rows: [] });
  assert.deepEqual(await runExport(), { exit: 0, stdout: "", stderr: "", waits: [] });
});

describe("a failure", () => {
  /** Fails at the second page. */
  function breakDown() {
    recorder.on(EXPORT, (/** @type {{ query: URLSearchParams }} */ asked) =>
      asked.query.has("cursor") ? { hangUp: true } : page(asked),
    );
  }

  test("says how to go on, and the rest completes what is there", async () => {
    const out = join(folder(t), "out.jsonl");
    breakDown();
    const { exit, stderr } = await runExport("--out", out);
    assert.equal(exit, 3);
    assert.match(stderr, /1 events were exported\. To go on.*--cursor c1\n$/);
    assert.equal(readFileSync(out, "utf8"), `${ROWS[0]}\n`);
    recorder.on(EXPORT, page);
    assert.equal((await runExport("--out", out, "--cursor", "c1")).exit, 0);
    assert.equal(readFileSync(out, "utf8"), ALL);
  });

  test("leaves whole rows on standard output", async () => {
    breakDown();
    const { exit, stdout, waits } = await runExport();
    assert.equal(exit, 3);
    assert.equal(stdout, `${ROWS[0]}\n`);
    assert.equal(waits.length, 7);
  });

  test("before anything came says so", async () => {
    const refusal = { error: "invalid_params", error_description: "Wrong from." };
    recorder.on(EXPORT, () => ({ status: 400, json: refusal }));
    const { exit, stderr } = await runExport("--from", "soon");
    assert.equal(exit, 1);
    assert.match(stderr, /^Wrong from\.\n.*\nNothing was exported\.\n$/);
  });

  test("of the cursor itself comes without the advice to take it", async () => {
    const refusal = { error: "invalid_params", error_description: "Wrong cursor." };
    recorder.on(EXPORT, () => ({ status: 400, json: refusal }));
    const { exit, stderr } = await runExport("--cursor", "zzz");
    assert.equal(exit, 1);
    assert.equal(stderr, "Wrong cursor.\n(400 invalid_params)\nNothing was exported.\n");
    recorder.on(EXPORT, (/** @type {{ query: URLSearchParams }} */ asked) =>
      asked.query.get("cursor") === "c2" ? { status: 400, json: refusal } : page(asked),
    );
    const later = await runExport();
    assert.equal(later.exit, 1);
    assert.match(later.stderr, /^Wrong cursor\.\n.*\n2 events were exported\.\n$/);
  });

  test("of the server's before anything came keeps the cursor that was given", async () => {
    recorder.on(EXPORT, () => ({ hangUp: true }));
    const { exit, stderr } = await runExport("--cursor", "c1");
    assert.equal(exit, 3);
    assert.match(stderr, /\nNothing was exported\. To go on.*--cursor c1\n$/);
  });

  test("of standard output says how to go on", async () => {
    let writes = 0;
    const full = new Writable({
      write(_chunk, _encoding, done) {
        const error = Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
        done(++writes > 1 ? error : null);
      },
    });
    const args = ["export", "--project", "shop"];
    const { exit, stderr } = await mm(args, { host: recorder.url, stdout: full });
    assert.equal(exit, 4);
    assert.match(
      stderr,
      /^Cannot write to standard output: ENOSPC.*\n1 events were .* --cursor c1\n$/,
    );
  });

  test("of a full disk leaves whole rows in the file that is standard output", async () => {
    recorder.on(EXPORT, (/** @type {{ query: URLSearchParams }} */ { query }) => {
      const next = Number(query.get("cursor") ?? 0) + 1;
      return { text: `{"rows":[{"text":"${"x".repeat(700)}"}],"next_cursor":"${next}"}` };
    });
    const out = join(folder(t), "out.jsonl");
    const script = `ulimit -f 4; exec "$@" > '${out}'`;
    const { exit, stderr } = await startMm(["export", "--project", "shop"], recorder.url, script)
      .ended;
    assert.equal(exit, 4);
    const [, rows, cursor] = /^Cannot write[^]*\n(\d+) events were .* (\d+)\n$/.exec(stderr) ?? [];
    assert.equal(rows, cursor);
    const written = readFileSync(out, "utf8").split("\n");
    assert.equal(written.pop(), "");
    assert.equal(written.length, Number(rows));
    for (const row of written) assert.equal(JSON.parse(row).text.length, 700);
  });

  test("a cursor that leads nowhere is not followed for ever", async () => {
    recorder.on(EXPORT, () => ({ text: `{"rows":[${ROWS[0]}],"next_cursor":"same"}` }));
    const { exit, stderr } = await runExport();
    assert.equal(exit, 1);
    assert.match(stderr, /repeats a cursor/);
  });

  test("a file that cannot be written", async () => {
    const { exit, stderr } = await runExport("--out", folder(t));
    assert.equal(exit, 2);
    assert.match(stderr, /^Cannot write/);
  });
});

test("waits for a reader that is slow", async () => {
  let taken = 0;
  /** @type {number[]} pages asked for when a write was done with */
  const asked = [];
  const slow = new Writable({
    highWaterMark: 1,
    write(_chunk, _encoding, done) {
      setImmediate(() => {
        taken++;
        asked.push(recorder.askedFor(EXPORT).length);
        done();
      });
    },
  });
  const args = ["export", "--project", "shop"];
  const { exit } = await mm(args, { host: recorder.url, stdout: slow });
  assert.equal(exit, 0);
  assert.equal(taken, 3);
  assert.deepEqual(asked, [1, 2, 3]);
});

test("a reader that goes away ends it with 4, and Ctrl-C with 130", async () => {
  recorder.on(EXPORT, (/** @type {{ query: URLSearchParams }} */ { query }) => {
    const next = Number(query.get("cursor") ?? 0) + 1;
    return { text: `{"rows":[${ROWS[0]}],"next_cursor":"${next}"}` };
  });
  const run = startMm(["export", "--project", "shop"], recorder.url);
  run.child.stdout.once("data", () => run.child.stdout.destroy());
  const gone = await run.ended;
  assert.equal(gone.exit, 4);
  assert.match(
    gone.stderr,
    /Nobody reads the output any more\.\n\d+ events went out, and maybe some/,
  );

  const other = startMm(["export", "--project", "shop"], recorder.url);
  other.child.stdout.once("data", () => other.child.kill("SIGINT"));
  const stopped = await other.ended;
  assert.equal(stopped.exit, 130);
  const [, rows, cursor] = /(\d+) events were exported.*--cursor (\d+)/.exec(stopped.stderr) ?? [];
  assert.equal(rows, cursor);
  assert.equal(stopped.stdout.split("\n").length - 1, Number(rows));
});

test("a reader that goes away within the first page is not told that nothing went out", async () => {
  recorder.on(EXPORT, { rows: [JSON.parse(ROWS[0])] });
  const failure = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done(failure) });
  const args = ["export", "--project", "shop"];
  const { exit, stderr } = await mm(args, { host: recorder.url, stdout });
  assert.equal(
    stderr,
    "Nobody reads the output any more.\nEvents of the first page may have gone out.\n",
  );
  assert.equal(exit, 4);
});

test("rows are found wherever they are in an answer", () => {
  const { rows, rest } = splitRows(Buffer.from(`{ "a":{"rows":[1]}, "rows" : [${ROWS}] ,"b":[2]}`));
  assert.deepEqual(rows.map(String), ROWS);
  assert.deepEqual(rest, { a: { rows: [1] }, rows: [], b: [2] });
  assert.throws(() => splitRows(Buffer.from('{"a":1}')), /no rows/);
});

test("what an export wrote before stays when the new one is refused", async () => {
  const out = join(folder(t), "out.jsonl");
  writeFileSync(out, ALL);
  const other = ["export", "--project", "other", "--out", out];
  assert.equal((await mm(other, { host: recorder.url })).exit, 1);
  recorder.on(EXPORT, () => ({ status: 400, json: { error_description: "Wrong from." } }));
  assert.equal((await runExport("--from", "soon", "--out", out)).exit, 1);
  assert.equal(readFileSync(out, "utf8"), ALL);
});
