/** `mm forget`: whom it asks the server to forget, and what it says then. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Recorder, mm, project } from "./support/mm.js";

/** @type {Recorder} */
let recorder;
beforeEach(async (t) => {
  recorder = await Recorder.start();
  recorder.on("GET /admin/projects", { rows: [project({ slug: "shop", project_id: "prj_1" })] });
  /** @type {import("node:test").TestContext} */ (t).after(() => recorder.stop());
});

/** @param {string[]} args */
const ask = (...args) => mm(["forget", ...args], { host: recorder.url });
const asked = () =>
  recorder
    .askedFor("POST /admin/forget")
    .map(({ query, body }) => [query.get("project"), JSON.parse(body)]);

test("a visitor by either id", async () => {
  recorder.on("POST /admin/forget", { ok: true, deleted: 1200 });
  const user = await ask("shop", "--user-id", "u17");
  assert.equal(user.stdout, "Deleted 1,200 events of u17 in shop.\n");
  recorder.on("POST /admin/forget", { ok: true, deleted: 1 });
  const anonymous = await ask("prj_1", "--anonymous-id", "v\x1b[2J");
  assert.equal(anonymous.stdout, "Deleted 1 event of v\\u001b[2J in shop.\n");
  assert.deepEqual(asked(), [
    ["prj_1", { user_id: "u17" }],
    ["prj_1", { anonymous_id: "v\x1b[2J" }],
  ]);
});

test("a visitor without events", async () => {
  recorder.on("POST /admin/forget", { ok: true, deleted: 0 });
  const { exit, stdout } = await ask("shop", "--user-id", "nobody");
  assert.deepEqual([exit, stdout], [0, "shop has no events of nobody.\n"]);
});

test("is asked again when storage has failed, which may have deleted some", async () => {
  const answers = [
    { status: 500, json: { error: "internal_error", error_description: "Storage failed." } },
    { json: { ok: true, deleted: 2 } },
  ];
  recorder.on("POST /admin/forget", () => answers.shift());
  const { exit, stdout } = await ask("shop", "--user-id", "u17");
  assert.deepEqual([exit, stdout], [0, "Deleted 2 events of u17 in shop.\n"]);
  assert.equal(asked().length, 2);
});

test("with --json the server's answer; a project that there is not is named", async () => {
  recorder.on("POST /admin/forget", { ok: true, deleted: 3 });
  const { stdout } = await ask("shop", "--user-id", "u17", "--json");
  assert.deepEqual(JSON.parse(stdout), { ok: true, deleted: 3 });
  const { exit, stderr } = await ask("shp", "--user-id", "u17");
  assert.match(stderr, /There is no project "shp"\. Did you mean "shop"\?/);
  assert.equal(exit, 1);
  assert.equal(asked().length, 1);
});
