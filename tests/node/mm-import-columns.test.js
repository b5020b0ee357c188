/** `mm import`: which columns become fields, and what is said of those that do not. */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
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
import { mm } from "./support/mm.js";

describe("a column that is a field but for the way it is written", () => {
  test("of CSV is refused before anything is stored; mapped, it is the field", async () => {
    writeFileSync(file, "event,Timestamp,User_ID\ne,2026-11-01,u\n");
    const { exit, stderr } = await runImport("--format", "csv");
    assert.equal(exit, 2);
    assert.match(
      stderr,
      /^The header has "Timestamp", "User_ID", which .* Nothing was stored\.\n$/,
    );
    const map = /--map \S+=\S+=\w+/.exec(stderr)?.[0] ?? "";
    assert.equal(map, "--map timestamp=Timestamp,user_id=User_ID");
    assert.deepEqual(batches(), []);
    assert.equal((await runImport("--format", "csv", ...map.split(" "))).exit, 0);
    const [[event_id, event]] = stored;
    assert.deepEqual(event, { event: "e", event_id, timestamp: "2026-11-01", user_id: "u" });
  });

  test("of JSONL is a wrong row", async () => {
    world.write(3, (i) => (i === 1 ? { Timestamp: "2026-11-01" } : { timestamp: "2026-11-01" }));
    const { exit, stderr } = await runImport();
    assert.equal(exit, 1);
    assert.match(stderr, /^line 2: has "Timestamp", which .* give --map timestamp=Timestamp;/);
    assert.equal(stored.size, 0);
    const skipped = await runImport("--skip-bad");
    assert.equal(skipped.exit, 4);
    assert.equal(stored.size, 2);
  });
});

describe("a column like a field in late rows only", () => {
  const rows = (/** @type {object} */ early, /** @type {object} */ late) =>
    world.write(600, (i) => (i < 550 ? early : late));

  test("is told with what mends it, and that does", async () => {
    rows({ user_id: "u" }, { userId: "v" });
    const { exit, stderr } = await runImport();
    assert.equal(exit, 1);
    assert.match(stderr, /^line 551: has "userId", which .* give --map user_id=userId;/m);
    assert.ok(stderr.includes(`To give another --map now, remove ${state} and import the whole `));
    assert.doesNotMatch(stderr, /Nothing was stored/);
    assert.equal(stored.size, 500);

    const refused = await runImport("--map", "user_id=userId");
    assert.equal(refused.exit, 2);
    assert.match(refused.stderr, /remove this one to start from the beginning: what was stored/);
    rmSync(state);
    const mended = await runImport("--map", "user_id=userId");
    assert.match(mended.stdout, /100 new, 500 already there/);
    const users = [...stored.values()].map(({ user_id }) => user_id);
    assert.deepEqual([users.length, users[0], users[549], users[550]], [600, "u", "u", "v"]);
  });

  test("is mapped also where it is the time, which the first rows have", async () => {
    rows({ timestamp: "2026-11-01" }, { Timestamp: "2026-11-02" });
    assert.equal((await runImport()).exit, 1);
    rmSync(state);
    const { stdout } = await runImport("--map", "timestamp=Timestamp");
    assert.match(stdout, /100 new, 500 already there/);
    assert.equal([...stored.values()].at(-1).timestamp, "2026-11-02");
  });

  test("in the first batch has nothing to start again", async () => {
    world.write(3, () => ({ userId: "u" }));
    const { stderr } = await runImport();
    assert.doesNotMatch(stderr, /remove/);
    assert.match(stderr, /No batch was accepted/);
  });
});

test("a header that is refused when rows are stored already does not say that none are", async () => {
  const csv = file.replace(/jsonl$/, "csv");
  const run = () => mm(["import", csv, "--project", "shop"], { host: recorder.url });
  const users = "e,u\n".repeat(600);
  writeFileSync(csv, `event,user_id\n${users}`);
  recorder.on(IMPORT, (/** @type {{ body: string }} */ asked) =>
    stored.size > 0 ? { status: 401, json: { error_description: "No." } } : world.store(asked),
  );
  assert.equal((await run()).exit, 1);
  assert.equal(stored.size, 500);
  writeFileSync(csv, `event,userId\n${users}`);
  const { exit, stderr } = await run();
  assert.equal(exit, 2);
  assert.match(stderr, /^The header has "userId", which .* To give another --map now, remove /);
  assert.doesNotMatch(stderr, /Nothing was stored/);
});

describe("the summary", () => {
  test("names the columns of a CSV that nothing is made of", async () => {
    writeFileSync(file, "event,timestamp,plan,,b\x1b,page\ne,2026-11-01,x,y,z,/\n");
    const args = ["--format", "csv", "--map", "path=page"];
    const { stdout, exit } = await runImport(...args);
    assert.ok(stdout.endsWith(" 0 already there. Columns left out: plan, b\\u001b.\n"), stdout);
    assert.equal(exit, 0);
    const summary = JSON.parse((await runImport(...args, "--json")).stdout);
    assert.deepEqual([summary.left_out, summary.no_timestamp], [["plan", "b\x1b"], false]);
  });

  test("names the members of JSON that nothing is made of, but for those without a value", async () => {
    const row = { timestamp: "2026-11-01", plan: "pro", none: null, request: { status: 200 } };
    world.write(700, (i) => (i === 600 ? { ...row, amount: 1 } : row));
    const args = ["--map", "properties.status=request.status"];
    const { stdout } = await runImport(...args);
    assert.ok(stdout.endsWith(" 0 already there. Columns left out: plan, amount.\n"), stdout);
    world.write(100, (i) => ({ [`m${i}`]: 1 }));
    const { left_out } = JSON.parse((await runImport("--json")).stdout);
    assert.deepEqual([left_out.length, left_out[49]], [50, "m49"]);
  });

  test("names also a column whose field --set gives", async () => {
    writeFileSync(file, "event_name,timestamp,path,properties.a\nsignup,2026-11-01,/,1\n");
    const args = ["--format", "csv", "--set", "event=$pageview", "--set", "properties.a=2"];
    const { stdout } = await runImport(...args, "--map", "properties.path=path");
    assert.ok(stdout.endsWith(" Columns left out: event_name, properties.a.\n"), stdout);
    const mapped = await runImport(...args, "--map", "properties.name=event_name");
    assert.ok(mapped.stdout.endsWith(" Columns left out: properties.a.\n"), mapped.stdout);
  });

  test("counts the events that had no timestamp", async () => {
    world.write(700, (i) => (i < 499 || i === 699 ? { timestamp: "2026-11-01" } : {}));
    const { stdout } = await runImport();
    assert.ok(stdout.endsWith(" Without a timestamp, and so as of now: 200.\n"), stdout);
    const summary = JSON.parse((await runImport("--json")).stdout);
    assert.deepEqual([summary.untimed, summary.no_timestamp], [200, false]);
  });

  test("knows of the times of rows that an earlier run has stored", async () => {
    const unknown = { status: 401, json: { error_description: "No." } };
    for (const [more, isTimed] of /** @type {const} */ ([
      [{ timestamp: "2026-11-01" }, true],
      [{}, false],
    ])) {
      world.write(501, (i) => (i === 0 ? more : {}));
      recorder.on(IMPORT, (/** @type {{ body: string }} */ asked) =>
        asked.body.includes('"e500"') ? unknown : world.store(asked),
      );
      assert.equal((await runImport()).exit, 1);
      recorder.on(IMPORT, (/** @type {{ body: string }} */ asked) => world.store(asked));
      const { stdout, stderr } = await runImport();
      assert.match(stderr, /Going on after line 500/);
      assert.equal(stdout.endsWith(NO_TIME), !isTimed, stdout);
    }
  });
});
