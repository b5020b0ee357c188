/** `mm import`: how far it is, and going on after an interruption. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  IMPORT,
  batches,
  file,
  recorder,
  runImport,
  state,
  stored,
  world,
} from "./support/importing.js";
import { mm, project, startMm } from "./support/mm.js";

/** Leaves an import that is done to line 500. */
async function interrupted() {
  world.write(700);
  recorder.on(IMPORT, (/** @type {{ body: string }} */ asked) =>
    stored.size >= 500 ? { status: 401, json: { error_description: "No." } } : world.store(asked),
  );
  assert.equal((await runImport()).exit, 1);
  recorder.asked.length = 0;
  recorder.on(IMPORT, (/** @type {{ body: string }} */ asked) => world.store(asked));
}

describe("the state file", () => {
  test("is not gone on with when the file has changed before that line, or is shorter", async () => {
    await interrupted();
    world.write(700, (i) => (i === 17 ? { user_id: "new" } : {}));
    for (const change of [() => {}, () => world.write(400)]) {
      change();
      const { exit, stderr } = await runImport();
      assert.equal(exit, 2);
      assert.match(stderr, /file has changed before the line[^]*remove .*mm-import\.json/);
      assert.deepEqual(batches(), []);
    }
  });

  test("is not gone on with when its lines have other numbers, of which ids are made", async () => {
    await interrupted();
    writeFileSync(file, `\n${readFileSync(file, "utf8")}`);
    const { exit, stderr } = await runImport();
    assert.equal(exit, 2);
    assert.match(stderr, /file has changed before the line/);
    assert.deepEqual(batches(), []);
  });

  test("is not gone on with when the header of a CSV file has changed", async () => {
    const csv = file.replace(/jsonl$/, "csv");
    const rows = Array.from({ length: 700 }, (_, i) => `e${i},1,2\n`).join("");
    const run = () => mm(["import", csv, "--project", "shop"], { host: recorder.url });
    writeFileSync(csv, `event,properties.a,properties.b\n${rows}`);
    recorder.on(IMPORT, (/** @type {{ body: string }} */ asked) =>
      stored.size >= 500 ? { status: 401, json: { error_description: "No." } } : world.store(asked),
    );
    assert.equal((await run()).exit, 1);
    recorder.on(IMPORT, (/** @type {{ body: string }} */ asked) => world.store(asked));
    writeFileSync(csv, `event,properties.b,properties.a\n${rows}`);
    const changed = await run();
    assert.equal(changed.exit, 2);
    assert.match(changed.stderr, /file has changed before the line/);
    writeFileSync(csv, `event,properties.a,properties.b\n${rows}`);
    assert.match((await run()).stdout, /700 new, 0 already there/);
  });

  test("is not gone on with for another mapping", async () => {
    await interrupted();
    const { exit, stderr } = await runImport("--set", "user_id=7");
    assert.equal(exit, 2);
    assert.match(stderr, /another server, project or mapping/);
  });

  test("may be elsewhere, and what is none is left alone", async () => {
    world.write(1);
    const own = join(file, "..", "own.state");
    writeFileSync(own, "my notes");
    const { exit, stderr } = await runImport("--state", own);
    assert.equal(exit, 2);
    assert.match(stderr, /own\.state is no state of an import/);
    assert.equal(readFileSync(own, "utf8"), "my notes");
  });
});

describe("Ctrl-C", () => {
  test("ends after the batch that is on its way, with 130; the next run sends the rest", async () => {
    world.write(1400);
    /** @type {() => void} */
    let release = () => {};
    const held = new Promise((resolve) => (release = () => resolve(undefined)));
    let calls = 0;
    /** @type {(value: unknown) => void} */
    let second = () => {};
    const secondCame = new Promise((resolve) => (second = resolve));
    recorder.on(IMPORT, async (/** @type {{ body: string }} */ asked) => {
      if (++calls === 2) {
        second(undefined);
        await held;
      }
      return world.store(asked);
    });
    const run = startMm(["import", file, "--project", "shop"], recorder.url);
    await secondCame;
    run.child.kill("SIGINT");
    await run.says("Stopping after this batch");
    release();
    const { exit, stderr } = await run.ended;
    assert.equal(exit, 130);
    assert.match(stderr, /Done to line 1000: 1000 new.*Run the same command again/);
    assert.equal(JSON.parse(readFileSync(state, "utf8")).progress.records, 1000);

    const resumed = await startMm(["import", file, "--project", "shop"], recorder.url).ended;
    assert.equal(resumed.exit, 0);
    assert.match(resumed.stdout, /1400 new, 0 already there/);
    assert.deepEqual(batches(), [500, 500, 400]);
  });

  test("twice ends at once, though the server does not answer", async () => {
    world.write(3);
    /** @type {(value: unknown) => void} */
    let came = () => {};
    const asked = new Promise((resolve) => (came = resolve));
    recorder.on(IMPORT, () => {
      came(undefined);
      return new Promise(() => {});
    });
    const run = startMm(["import", file, "--project", "shop"], recorder.url);
    await asked;
    run.child.kill("SIGINT");
    await run.says("Stopping after this batch");
    run.child.kill("SIGINT");
    const { exit, stderr } = await run.ended;
    assert.equal(exit, 130);
    assert.match(stderr, /Stopped\.\nNo batch was accepted/);
  });

  test("ends the wait for input that does not come", async () => {
    const run = startMm(["import", "-", "--project", "shop"], recorder.url);
    recorder.on("GET /admin/projects", async () => {
      run.child.kill("SIGINT");
      await run.says("Stopping after this batch");
      return { json: { rows: [project()] } };
    });
    run.child.stdin.write('{"event":"e"}\n'); // and no end
    const { exit, stderr } = await run.ended;
    assert.equal(exit, 130);
    assert.match(stderr, /Stopped\.\nNo batch was accepted/);
  });

  test("while what is done already is passed over says how to go on", async () => {
    await interrupted();
    const run = startMm(["import", "-", "--project", "shop", "--state", state], recorder.url);
    recorder.on("GET /admin/projects", async () => {
      run.child.kill("SIGINT");
      await run.says("Stopping after this batch");
      return { json: { rows: [project()] } };
    });
    run.child.stdin.write('{"event":"e0"}\n'); // and no end
    const { exit, stderr } = await run.ended;
    assert.equal(exit, 130);
    assert.match(
      stderr,
      /Stopped\.\nDone to line 500: 500 new.*Run the same command again to go on/,
    );
    assert.equal(JSON.parse(readFileSync(state, "utf8")).progress.records, 500);
  });

  test("before the file is read is no crash, though its state is of another import", async () => {
    world.write(3);
    writeFileSync(state, "my notes");
    const run = startMm(["import", file, "--project", "shop"], recorder.url);
    recorder.on("GET /admin/projects", async () => {
      run.child.kill("SIGINT");
      await run.says("Stopping after this batch");
      return { json: { rows: [project()] } };
    });
    const { exit, stderr } = await run.ended;
    assert.equal(exit, 130, stderr);
  });
});

describe("progress", () => {
  test("is a bar on a terminal, gone at the end", async () => {
    world.write(1500);
    let now = 0;
    const options = { host: recorder.url, terminal: 80, now: () => (now += 250) };
    const { stderr, stdout } = await mm(["import", file, "--project", "shop"], options);
    assert.match(stderr, /\[#{8}-{16}\] 32 %, 500 events, 667\/s, ETA 2 s/);
    assert.ok(stderr.endsWith("\r\x1b[K"));
    assert.match(stdout, /1500 new/);
  });

  test("is lines elsewhere", async () => {
    world.write(2000);
    const { stderr } = await runImport();
    assert.match(stderr, /^24 %, 500 events.*\n48 %, 1000 events/);
  });
});
