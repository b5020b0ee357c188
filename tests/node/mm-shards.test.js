/** `mm shards`: shows, changes step by step, and goes on where it was stopped. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Recorder, mm, project } from "./support/mm.js";

/** @type {Recorder} */
let recorder;
beforeEach(async (t) => {
  recorder = await Recorder.start();
  recorder.on("GET /admin/projects", { rows: [project({ slug: "shop", project_id: "prj_1" })] });
  /** @type {import("node:test").TestContext} */ (t).after(() => recorder.stop());
});

const NONE = { shards: 1, generation: 0, phase: "none", to: null, copied: 0, total: 0, done: true };
const copying = (/** @type {number} */ copied) => ({
  ...NONE,
  phase: "copying",
  to: 3,
  copied,
  total: 100,
  done: false,
});
const DONE = { ...NONE, shards: 3, generation: 1 };

/** @param {string[]} args */
const ask = (...args) => mm(["shards", ...args], { host: recorder.url });
const bodies = () => recorder.askedFor("POST /admin/shards").map(({ body }) => JSON.parse(body));

/** @param {unknown[]} answers */
function answering(answers) {
  recorder.on("POST /admin/shards", () => answers.shift());
}

test("how many there are, and how far a change is", async () => {
  recorder.on("GET /admin/shards", NONE);
  assert.equal((await ask("shop")).stdout, "shop has 1 shard.\n");
  assert.equal(recorder.askedFor("GET /admin/shards")[0].query.get("project"), "prj_1");
  recorder.on("GET /admin/shards", copying(40));
  assert.match((await ask("shop")).stdout, /1 shard, on its way to 3: 40 of 100 events copied/);
  recorder.on("GET /admin/shards", { ...DONE, phase: "emptying", total: 7 });
  assert.match((await ask("shop")).stdout, /3 shards; the stores before are emptied, 7 events/);
});

describe("a change", () => {
  test("is steps until it is done", async () => {
    answering(
      [copying(0), copying(50), { ...DONE, phase: "emptying", done: false }, DONE].map((json) => ({
        json,
      })),
    );
    const { exit, stdout } = await ask("shop", "--to", "3");
    assert.equal(stdout, "shop has 3 shards.\n");
    assert.equal(exit, 0);
    assert.deepEqual(bodies(), [{ to: 3 }, {}, {}, {}]);
  });

  test("first ends the one before", async () => {
    answering(
      [{ ...NONE, phase: "emptying", done: false }, NONE, copying(0), DONE].map((json) => ({
        json,
      })),
    );
    assert.equal((await ask("shop", "--to", "3")).exit, 0);
    assert.deepEqual(bodies(), [{ to: 3 }, {}, { to: 3 }, {}]);
  });

  test("goes on without a number", async () => {
    answering([copying(90), DONE].map((json) => ({ json })));
    assert.equal((await ask("shop", "--continue")).stdout, "shop has 3 shards.\n");
    assert.deepEqual(bodies(), [{}, {}]);
  });

  test("that is stopped is gone on with by the project's id", async () => {
    /** @type {() => void} */
    let interrupt = () => {};
    recorder.on("POST /admin/shards", () => {
      interrupt();
      return { json: copying(50) };
    });
    const { exit, stderr } = await mm(["shards", "prj_1", "--to", "3"], {
      host: recorder.url,
      interruptible: (stop) => (interrupt = stop),
    });
    assert.match(
      stderr,
      /shop has 1 shard, .* 50 of 100 .*To go on: pnpm mm shards prj_1 --continue/,
    );
    assert.equal(exit, 130);
  });

  test("waits while steps change nothing", async () => {
    const still = Array.from({ length: 300 }, () => copying(50));
    answering([...still, copying(80), ...still, DONE].map((json) => ({ json })));
    const { exit, waits } = await ask("shop", "--to", "3");
    assert.equal(exit, 0);
    assert.equal(waits.length, 2 * 299);
    assert.ok(waits.every((ms) => ms > 0));
  });

  test("that makes no progress ends, also while events come in", async () => {
    let total = 100;
    recorder.on("POST /admin/shards", () => ({ json: { ...copying(50), total: total++ } }));
    const { exit, stderr, waits } = await ask("shop", "--to", "3");
    assert.match(stderr, /No progress in 400 steps: .* shards prj_1 --continue/);
    assert.equal(exit, 1);
    assert.ok(waits.reduce((sum, ms) => sum + ms, 0) > 60_000);
  });

  test("to a number that the server never reaches ends", async () => {
    recorder.on("POST /admin/shards", NONE);
    const { exit, stderr } = await ask("shop", "--to", "3");
    assert.match(stderr, /No progress/);
    assert.equal(exit, 1);
  });

  test("tries again what fails, and says what is refused", async () => {
    const refusal = { error: "conflict", error_description: "On its way to 2 shards." };
    answering([
      { status: 502, json: {} },
      { status: 409, json: refusal },
    ]);
    const { exit, stderr } = await ask("shop", "--to", "3");
    assert.match(stderr, /Trying again[^]*On its way to 2 shards/);
    assert.equal(exit, 1);
  });
});

test("a number out of range is asked of nobody", async () => {
  for (const to of ["0", "17", "two"]) assert.equal((await ask("shop", "--to", to)).exit, 2);
  assert.deepEqual(recorder.asked, []);
});
