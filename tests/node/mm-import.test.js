/** `mm import`: batches, retries, wrong rows. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import {
  IMPORT,
  NO_TIME,
  batches,
  file,
  recorder,
  runImport,
  state,
  stored,
  world,
} from "./support/importing.js";
import { mm, startMm } from "./support/mm.js";

/** @typedef {import("./support/mm.js").Told} Told */

/** @param {number[]} indices @returns {Told} */
const refusal = (...indices) => ({
  status: 400,
  json: {
    error: "invalid_payload",
    error_description: "Wrong.",
    details: {
      events: indices.map((index) => ({ index, fieldErrors: { url: ["must be absolute"] } })),
    },
  },
});

describe("batches", () => {
  test("of 500 events; a second import stores nothing new and says so", async () => {
    world.write(1201);
    const first = await runImport();
    assert.equal(first.stdout, `Imported ${file} into shop: 1201 new, 0 already there.${NO_TIME}`);
    assert.equal(first.exit, 0);
    assert.deepEqual(batches(), [500, 500, 201]);
    assert.equal(recorder.askedFor(IMPORT)[0].query.get("project"), "prj_1");
    const second = await runImport();
    assert.equal(second.stdout, `Imported ${file} into shop: 0 new, 1201 already there.${NO_TIME}`);
    assert.deepEqual(
      [...stored.values()].map(({ event }) => event),
      Array.from({ length: 1201 }, (_, i) => `e${i}`),
    );
    assert.ok(!existsSync(state));
  });

  test("of less than 900 KiB", async () => {
    world.write(300, () => ({ properties: { text: "\u00e9".repeat(4000) } }));
    assert.equal((await runImport()).exit, 0);
    assert.equal(stored.size, 300);
    const sizes = recorder.askedFor(IMPORT).map(({ body }) => Buffer.byteLength(body));
    assert.equal(sizes.length, 3);
    assert.ok(Math.max(...sizes) <= 900 * 1024);
  });

  test("none for an empty file", async () => {
    writeFileSync(file, "");
    const { exit, stdout } = await runImport();
    assert.equal(exit, 0);
    assert.match(stdout, /0 new, 0 already there/);
    assert.deepEqual(batches(), []);
  });

  test("from standard input, without a state file", async () => {
    const args = ["import", "-", "--project", "shop"];
    const { exit, stdout } = await mm(args, { host: recorder.url, stdin: '{"event":"e"}\n' });
    assert.equal(exit, 0);
    assert.match(stdout, /^Imported standard input into shop: 1 new/);
    const csv = { host: recorder.url, stdin: "event,ip\ne,1.2.3.4\n" };
    await mm([...args, "--format", "csv"], csv);
    assert.deepEqual([...stored.values()].at(-1).context, { ip: "1.2.3.4" });
  });

  test("--json sums up in JSON", async () => {
    world.write(2);
    const { stdout } = await runImport("--json");
    const summary = { ok: true, project_id: "prj_1", new: 2, duplicates: 0, skipped: 0 };
    const about = { left_out: [], no_timestamp: true, untimed: 2, wrong: [] };
    assert.deepEqual(JSON.parse(stdout), { ...summary, ...about });
  });
});

describe("a state file that cannot be written", () => {
  test("is found out before anything is stored, and named", async () => {
    world.write(1);
    const path = join(dirname(file), "none", "state");
    const { exit, stderr } = await runImport("--state", path);
    assert.equal(exit, 2);
    assert.ok(stderr.startsWith(`Cannot write the state file ${path}: ENOENT`), stderr);
    assert.match(stderr, /Give another place with --state FILE\.\n$/);
    assert.deepEqual(batches(), []);
  });

  test("later, is named with how far the import has come", async () => {
    world.write(1001);
    recorder.on(IMPORT, (/** @type {{ body: string }} */ asked) => {
      if (!existsSync(`${state}.new`)) mkdirSync(`${state}.new`);
      return world.store(asked);
    });
    const { exit, stderr } = await runImport();
    assert.equal(exit, 4);
    assert.ok(stderr.startsWith(`Cannot write the state file ${state}: `), stderr);
    assert.match(stderr, /Done to line 500: 500 new/);
  });
});

test("a reader of the progress that goes away does not end the import", async () => {
  world.write(3000);
  const args = ["import", file, "--project", "shop"];
  const script = 'exec "$@" 2>&1 >/dev/null | head -n 1 >/dev/null';
  recorder.on(IMPORT, async (/** @type {{ body: string }} */ asked) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return world.store(asked);
  });
  await startMm(args, recorder.url, script).ended;
  assert.equal(stored.size, 3000);
});

test("--map of a time that no row has is refused before anything is stored, other columns are told of", async () => {
  world.write(600, () => ({ tme: "2026-10-01", note: { text: "x" } }));
  const { exit, stderr } = await runImport("--map", "timestamp=time");
  assert.equal(exit, 2);
  assert.match(stderr, /--map makes timestamp from "time", which no row of lines 1 to 500 has/);
  assert.equal(stored.size, 0);
  const told = await runImport("--map", "properties.n=note.text,user_id=user.id");
  assert.equal(told.exit, 0);
  assert.equal(
    told.stderr.match(/No row had .*/g)?.join(),
    'No row had "user.id", which --map makes user_id from.',
  );
});

test("half of a character is sent as the replacement character", async () => {
  const sent = String.raw`"\ud83d\ud83d", "\\ud83d", "\\\ude00", "\ud83d\ude00", "\ud7ff"`;
  writeFileSync(file, `{"event":"e\\ud83d","properties":{"\\ude00":[${sent}]}}\n`);
  const { exit } = await runImport();
  assert.equal(exit, 0);
  const [{ event, properties }] = [...stored.values()];
  assert.equal(event, "e\ufffd");
  assert.deepEqual(properties, {
    "\ufffd": ["\ufffd\ufffd", "\\ud83d", "\\\ufffd", "\ud83d\ude00", "\ud7ff"],
  });
});

test("no batch is sent before the one before is stored, and all are, in the file's order", async () => {
  world.write(2001);
  let under = 0;
  recorder.on(IMPORT, async (/** @type {{ body: string }} */ asked) => {
    under++;
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(under--, 1);
    return world.store(asked);
  });
  assert.equal((await runImport()).exit, 0);
  assert.deepEqual(
    [...stored.values()].map(({ event }) => event),
    Array.from({ length: 2001 }, (_, i) => `e${i}`),
  );
});

test("a batch that is on its way when the file turns out to be broken is noted as done", async () => {
  const rows = Array.from({ length: 500 }, (_, i) => `e${i}\n`).join("");
  const csv = file.replace(/jsonl$/, "csv");
  writeFileSync(csv, `event\n${rows}"never closed\n`);
  recorder.on(IMPORT, async (/** @type {{ body: string }} */ asked) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return world.store(asked);
  });
  const { exit, stderr } = await mm(["import", csv, "--project", "shop"], { host: recorder.url });
  assert.notEqual(exit, 0);
  assert.equal(stored.size, 500);
  assert.match(stderr, /Done to line 501: 500 new/);
});

describe("trouble that passes", () => {
  test("sends the same batch again, as late as the server asks", async () => {
    world.write(600);
    const headers = { "retry-after": "3" };
    world.instead = [
      { status: 429, json: {}, headers },
      { status: 502, text: "" },
      { hangUp: true },
    ];
    const { exit, waits } = await runImport();
    assert.equal(exit, 0);
    assert.equal(waits[0], 3000);
    assert.equal(waits.length, 3);
    const bodies = recorder.askedFor(IMPORT).map(({ body }) => body);
    assert.equal(new Set(bodies.slice(0, 4)).size, 1);
    assert.equal(stored.size, 600);
  });

  for (const [told, code] of /** @type {[Told, number][]} */ ([
    [{ status: 503, json: { error: "e", error_description: "Busy." } }, 1],
    [{ hangUp: true }, 3],
  ])) {
    test(`that does not pass ends with ${code}, and the next run goes on`, async () => {
      world.write(1201);
      let calls = 0;
      recorder.on(IMPORT, (/** @type {{ body: string }} */ asked) =>
        ++calls > 2 ? told : world.store(asked),
      );
      const failed = await runImport();
      assert.equal(failed.exit, code);
      assert.match(
        failed.stderr,
        /Done to line 1000: 1000 new, 0 already there\. Run the same command/,
      );
      assert.equal(batches().length, 2 + 8);
      recorder.asked.length = calls = 0;
      const resumed = await runImport();
      assert.match(resumed.stderr, /Going on after line 1000/);
      assert.match(resumed.stdout, /1201 new, 0 already there/);
      assert.deepEqual(batches(), [201]);
      assert.ok(!existsSync(state));
    });
  }

  test("a refusal of another kind stops at once", async () => {
    world.write(1);
    world.instead = [{ status: 401, json: { error: "invalid_api_key", error_description: "No." } }];
    const { exit, stderr } = await runImport();
    assert.equal(exit, 1);
    assert.match(stderr, /^No\.\n\(401 invalid_api_key\)\nNo batch was accepted\.\n$/);
    assert.equal(batches().length, 1);
  });
});

describe("wrong rows", () => {
  test("that the server names stop the import, with their lines", async () => {
    world.write(700);
    recorder.on(IMPORT, (/** @type {{ body: string }} */ asked) =>
      asked.body.includes('"e600"') ? refusal(3, 100) : world.store(asked),
    );
    const { exit, stderr } = await runImport();
    assert.equal(exit, 1);
    assert.match(stderr, /^line 504: url must be absolute\nline 601: url must be absolute\n/m);
    assert.match(stderr, /2 rows are wrong, so nothing of lines 501 to 700 was stored.*--skip-bad/);
    assert.equal(stored.size, 500);
    assert.ok(existsSync(state));
    // Mended behind what is done, it goes on.
    world.write(700, (i) => ({ user_id: i === 503 ? "mended" : undefined }));
    recorder.on(IMPORT, (/** @type {{ body: string }} */ asked) => world.store(asked));
    assert.equal((await runImport()).exit, 0);
    assert.equal(stored.size, 700);
  });

  test("of every kind are named at once, in the order of lines, and nothing is stored", async () => {
    const long = JSON.stringify({ event: "e", properties: { text: "x".repeat(1_100_000) } });
    const refused = JSON.stringify({ event: "e", url: "bad" });
    writeFileSync(file, `{"event":"good"}\n${refused}\nnonsense\n[]\n${long}\n${refused}\n`);
    const { exit, stderr } = await runImport();
    assert.equal(exit, 1);
    assert.match(
      stderr,
      /^line 2: url must be absolute\nline 3: is not JSON.*\nline 4: must be one JSON object.*\nline 5: is longer than .*\nline 6: url must be absolute\n5 rows are wrong/,
    );
    assert.equal(stored.size, 0);
    assert.equal(batches().length, 1);
  });

  test("of one kind alone are not sent", async () => {
    writeFileSync(file, "nonsense\n[]\n");
    assert.equal((await runImport()).exit, 1);
    assert.deepEqual(batches(), []);
  });

  test("are named though the server cannot say what else is wrong", async () => {
    writeFileSync(file, '{"event":"good"}\nnonsense\n');
    world.instead = [{ status: 401, json: { error_description: "No." } }];
    const { exit, stderr } = await runImport();
    assert.equal(exit, 1);
    assert.match(stderr, /^line 2: is not JSON/);
  });

  test("none of which names an event come with the names that they have", async () => {
    writeFileSync(file, '{"action":"buy","time":1}\n{"action":"sell"}\n');
    const hint = /There are: action, time\. .*--map event=COLUMN.*--set event=NAME/;
    assert.match((await runImport()).stderr, hint);
    writeFileSync(file, "action,time\nbuy,1\n");
    assert.match((await runImport("--format", "csv")).stderr, hint);
    writeFileSync(file, '{"action":"buy"}\n{"event":"sell"}\n');
    const { stderr } = await runImport();
    assert.match(stderr, /^line 1: event is required\n1 row is wrong/);
    assert.doesNotMatch(stderr, /--map/);
  });

  test("are left out with --skip-bad, and the exit code says so", async () => {
    world.write(5);
    writeFileSync(file, `nonsense\n${readFileSync(file, "utf8")}`);
    world.instead = [refusal(1), refusal(0, 3)];
    const { exit, stdout, stderr } = await runImport("--skip-bad");
    assert.equal(exit, 4);
    assert.deepEqual(batches(), [5, 4, 2]);
    assert.match(stderr, /^line 1: is not JSON.*\nline 3: .*\nline 2: .*\nline 6: /);
    assert.match(stdout, /2 new, 0 already there\. 4 wrong rows were left out\./);
    assert.deepEqual(
      [...stored.values()].map(({ event }) => event),
      ["e2", "e3"],
    );
  });

  test("that the server could not read are told by line, and take no others with them", async () => {
    world.write(3);
    const deep = `${"[".repeat(510)}${"]".repeat(510)}`;
    const bad = [
      '{"event":"large","properties":{"n":1e400}}',
      `{"event":"deep","properties":{"a":${deep}}}`,
    ];
    writeFileSync(file, `${bad.join("\n")}\n${readFileSync(file, "utf8")}`);
    const { exit, stdout, stderr } = await runImport("--skip-bad");
    assert.match(
      stderr,
      /^line 1: has a number beyond.*\nline 2: is nested deeper than 510 levels/,
    );
    assert.match(stdout, /3 new, 0 already there\. 2 wrong rows were left out\./);
    assert.equal(exit, 4);
  });

  test("are named up to 50", async () => {
    writeFileSync(file, "nonsense\n".repeat(1300));
    const { stderr, exit } = await runImport();
    assert.equal(exit, 1);
    assert.equal(stderr.match(/^line /gm)?.length, 50);
    const skipped = await runImport("--skip-bad", "--json");
    assert.equal(skipped.exit, 4);
    assert.equal(skipped.stderr.match(/^\{"notice":"line /gm)?.length, 50);
    const summary = JSON.parse(skipped.stdout);
    assert.deepEqual([summary.skipped, summary.wrong.length], [1300, 50]);
  });

  test("older than the retention come with the way to keep them", async () => {
    world.write(1);
    const message = "must not be older than the project's retention of 30 days";
    const events = [{ index: 0, fieldErrors: { timestamp: [message] } }];
    const told = { status: 400, json: { error_description: "Wrong.", details: { events } } };
    world.instead = [told];
    assert.match((await runImport()).stderr, /pnpm mm projects update prj_1 --retention-days 0/);
    world.instead = [told];
    assert.match(
      (await runImport("--skip-bad")).stderr,
      /projects update prj_1 --retention-days 0/,
    );
  });

  test("cannot write to the terminal what it would obey", async () => {
    writeFileSync(file, "\x1b[2J\n");
    const { stderr } = await runImport();
    assert.ok(!stderr.includes("\x1b"), stderr);
  });
});

describe("with --json, everything on stderr is JSON", () => {
  const parsed = (/** @type {string} */ text) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));

  test("progress and wrong rows", async () => {
    world.write(2000);
    writeFileSync(file, `nonsense\n${readFileSync(file, "utf8")}`);
    const { exit, stderr } = await runImport("--json", "--skip-bad");
    assert.equal(exit, 4);
    const notices = parsed(stderr).map(({ notice }) => notice);
    assert.match(notices[0], /^line 1: is not JSON/);
    assert.match(notices[1], /^\d+ %, \d+ events/);
  });

  test("how far it is behind what the server said", async () => {
    world.write(1);
    world.instead = [{ status: 401, json: { error: "invalid_api_key", error_description: "No." } }];
    const [error] = parsed((await runImport("--json")).stderr);
    assert.equal(error.error, "invalid_api_key");
    assert.equal(error.error_description, "No.\nNo batch was accepted.");
  });
});
