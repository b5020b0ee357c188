/** What the operator's command line asks of the server, and what it makes of the answers. */
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { after, before, beforeEach, describe, test } from "node:test";
import { ACCOUNT, KEY, Recorder, mm, project, startMm } from "./support/mm.js";

/** @type {Recorder} */
let recorder;
beforeEach(async (t) => {
  recorder = await Recorder.start();
  /** @type {import("node:test").TestContext} */ (t).after(() => recorder.stop());
});

/** @param {string[]} args */
const ask = (...args) => mm(args, { host: recorder.url });

describe("what is sent", () => {
  /** @type {[string, string, object][]} */
  const calls = [
    ["accounts create --name Acme", "POST /admin/accounts", { name: "Acme" }],
    ["accounts update acc_1 --plan pro", "PATCH /admin/accounts/acc_1", { plan: "pro" }],
    [
      "projects create --account acc_1 --slug new --retention-days 0 --origin http://a --origin http://b",
      "POST /admin/projects",
      { account_id: "acc_1", slug: "new", origins: ["http://a", "http://b"], retention_days: 0 },
    ],
    ["projects update shop --name S", "PATCH /admin/projects/prj_1", { name: "S" }],
    [
      "projects update shop --retention-days plan --no-origins",
      "PATCH /admin/projects/prj_1",
      { origins: [], retention_days: null },
    ],
    [
      "keys mint --kind sk --project shop --label backend",
      "POST /admin/keys",
      { kind: "sk", project_id: "prj_1", label: "backend" },
    ],
    [
      "keys mint --kind ak --env test --account acc_1 --projects shop,prj_2",
      "POST /admin/keys",
      { kind: "ak", env: "test", account_id: "acc_1", project_ids: ["prj_1", "prj_2"] },
    ],
  ];
  for (const [line, call, body] of calls) {
    test(line, async () => {
      const rows = [project(), project({ project_id: "prj_2", slug: "blog" })];
      recorder.on("GET /admin/projects", { rows });
      recorder.on(call, { ...ACCOUNT, ...project(), ...KEY, key: "k" });
      assert.equal((await ask(...line.split(" "))).exit, 0);
      assert.deepEqual(
        recorder.askedFor(call).map((asked) => JSON.parse(asked.body)),
        [body],
      );
    });
  }
});

test("a minted key is shown once, whole", async () => {
  const key = `sk_live_ab12CD34_${"s".repeat(64)}`;
  recorder.on("GET /admin/projects", { rows: [project()] });
  recorder.on("POST /admin/keys", () => ({ status: 201, json: { key, ...KEY } }));
  const args = ["keys", "mint", "--kind", "sk", "--project", "shop"];
  const { stdout } = await mm(args, { host: recorder.url, terminal: 30 });
  assert.ok(stdout.includes(`\n  ${key}\n`));
});

test("a minted key that cannot be printed is named by its prefix, to be revoked", async () => {
  recorder.on("GET /admin/projects", { rows: [project()] });
  recorder.on("POST /admin/keys", () => ({ status: 201, json: { key: "sk_secret", ...KEY } }));
  for (const code of ["EPIPE", "ENOSPC"]) {
    const failure = Object.assign(new Error(`write ${code}`), { code });
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(failure) });
    const args = ["keys", "mint", "--kind", "sk", "--project", "shop"];
    const { exit, stderr } = await mm(args, { host: recorder.url, stdout });
    assert.match(
      stderr,
      /\nA key with the prefix ab12CD34 now exists, .*: pnpm mm keys revoke ab12CD34\n$/,
    );
    assert.doesNotMatch(stderr, /sk_secret/);
    assert.equal(exit, 4);
  }
});

test("of a whole key that is revoked only the prefix goes over the wire", async () => {
  recorder.on("DELETE /admin/keys/ab12CD34", { ...KEY, revoked_at: "2026-11-02T00:00:00.000Z" });
  const { exit, stdout } = await ask("keys", "revoke", "sk_live_ab12CD34_secret");
  assert.equal(exit, 0);
  assert.match(stdout, /revoked +2026-11-02 00:00 UTC/);
  assert.ok(!JSON.stringify(recorder.asked).includes("secret"));
});

test("a slug that several projects have is an error that lists them", async () => {
  const rows = [project(), project({ project_id: "prj_2", account_id: "acc_2" })];
  recorder.on("GET /admin/projects", { rows });
  const { exit, stderr } = await ask("keys", "list", "--project", "shop");
  assert.equal(exit, 1);
  assert.match(stderr, /prj_1 .*acc_1\n.*prj_2 .*acc_2/);
  const unknown = await ask("keys", "list", "--project", "shoop");
  assert.match(unknown.stderr, /no project "shoop"\. Did you mean "shop"\?/);
  assert.equal(unknown.exit, 1);
});

for (const command of ["projects list", "keys list", "usage"]) {
  test(`${command}: an account that there is not is an error, not an empty list`, async () => {
    recorder.on("GET /admin/accounts", { rows: [ACCOUNT] });
    const call = `GET /admin/${command.split(" ")[0]}`;
    recorder.on(call, { month: "2026-11", rows: [] });
    const { exit, stdout, stderr } = await ask(...command.split(" "), "--account", "acc_2");
    assert.match(stderr, /^There is no account "acc_2"\. Did you mean "acc_1"\? See: .*list\n$/);
    assert.equal(stdout, "");
    assert.equal(exit, 1);
    assert.equal((await ask(...command.split(" "), "--account", "acc_1")).exit, 0);
    assert.deepEqual(
      recorder.askedFor(call).map(({ query }) => query.get("account")),
      ["acc_1"],
    );
  });
}

describe("refusals", () => {
  const conflict = {
    error: "conflict",
    error_description: "The slug is taken.",
    details: { fieldErrors: { slug: ["must be another"] } },
  };

  test("say why, and end with 1", async () => {
    recorder.on("POST /admin/accounts", () => ({ status: 409, json: conflict }));
    const { exit, stdout, stderr } = await ask("accounts", "create", "--name", "Acme");
    assert.equal(stderr, "The slug is taken.\n  slug must be another\n(409 conflict)\n");
    assert.equal(stdout, "");
    assert.equal(exit, 1);
  });

  test("are JSON with --json", async () => {
    recorder.on("POST /admin/accounts", () => ({ status: 409, json: conflict }));
    const { stderr } = await ask("accounts", "create", "--name", "Acme", "--json");
    assert.deepEqual(JSON.parse(stderr), conflict);
  });

  test("with --json, everything on stderr is JSON, and every error has a code", async () => {
    const lines = (/** @type {string} */ text) =>
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
    const answers = [
      { status: 503, text: "busy" },
      { status: 500, json: {} },
    ];
    recorder.on("GET /admin/accounts", () => answers.shift() ?? { json: { rows: [ACCOUNT] } });
    const tried = lines((await ask("accounts", "list", "--json")).stderr);
    assert.equal(tried.length, 2);
    assert.match(tried[0].notice, /^.* answered 503\. Trying again/);

    /** @param {string[]} args */
    const code = async (...args) => lines((await ask(...args, "--json")).stderr).at(-1).error;
    assert.equal(await code("retention", "run"), "not_found");
    assert.equal(await code("usage", "--account", "nope"), "not_found");
    recorder.on("GET /admin/projects", { rows: [project(), project({ project_id: "prj_2" })] });
    assert.equal(await code("storage", "nope"), "not_found");
    assert.equal(await code("storage", "shop"), "failed");
    for (const wrong of [["nothing"], ["accounts"], [], ["usage", "--colour"]]) {
      assert.equal(await code(...wrong), "usage", wrong.join(" "));
    }
    const gone = await Recorder.start();
    await gone.stop();
    const { stderr } = await mm(["usage", "--json"], { host: gone.url });
    assert.equal(lines(stderr).at(-1).error, "unreachable");
  });

  test("of a server that is another", async () => {
    recorder.on("GET /admin/accounts", () => ({ status: 404, text: "<h1>Not found</h1>" }));
    const { exit, stderr } = await ask("accounts", "list");
    assert.match(stderr, /does not look like the admin API/);
    assert.equal(exit, 1);
    recorder.on("GET /admin/accounts", () => ({ text: "<h1>Hello</h1>" }));
    assert.equal((await ask("accounts", "list")).exit, 1);
  });

  test("a redirect is not followed with the token", async () => {
    const location = "https://elsewhere.example/admin/accounts";
    recorder.on("GET /admin/accounts", () => ({ status: 301, text: "", headers: { location } }));
    const { exit, stderr } = await ask("accounts", "list");
    assert.match(stderr, /redirects to https:\/\/elsewhere/);
    assert.equal(exit, 1);
  });
});

describe("trouble that passes", () => {
  test("a read is tried again, as late as the server asks", async () => {
    const answers = [
      { status: 429, json: {}, headers: { "retry-after": "7" } },
      { status: 503, text: "busy" },
      { hangUp: true },
      { json: { rows: [ACCOUNT] } },
    ];
    recorder.on("GET /admin/accounts", () => answers.shift() ?? {});
    const { exit, stdout, stderr, waits } = await ask("accounts", "list");
    assert.equal(exit, 0);
    assert.match(stdout, /Acme/);
    assert.match(stderr, /Trying again in 7 s \(2 of 8\)/);
    assert.equal(waits.length, 3);
    assert.equal(waits[0], 7000);
    assert.ok(waits[1] > 0 && waits[1] <= 1000 && waits[2] <= 2000, `${waits}`);
  });

  test("what is told of it has nothing that a terminal would obey", async () => {
    const error_description = "Busy.\u001b]0;owned\u0007";
    const answers = [
      { status: 503, json: { error: "busy", error_description } },
      { json: { rows: [ACCOUNT] } },
    ];
    recorder.on("GET /admin/accounts", () => answers.shift() ?? {});
    const { stderr } = await ask("accounts", "list");
    assert.match(stderr, /^Busy\.\\u001b\]0;owned\\u0007 Trying again/);
  });

  test("a server that stays in trouble refuses", async () => {
    const headers = { "x-request-id": "r-1" };
    recorder.on("GET /admin/accounts", () => ({ status: 500, json: {}, headers }));
    const { exit, stderr } = await ask("accounts", "list");
    assert.equal(recorder.asked.length, 8);
    assert.match(stderr, /answered 500\.\n\(500, request r-1\)\n$/);
    assert.equal(exit, 1);
  });

  test("what would do something twice is not repeated", async () => {
    recorder.on("POST /admin/accounts", () => ({ hangUp: true }));
    const { exit, waits } = await ask("accounts", "create", "--name", "Acme");
    assert.equal(exit, 3);
    assert.equal(recorder.asked.length, 1);
    assert.deepEqual(waits, []);
  });

  test("nothing that listens ends with 3", async () => {
    const gone = await Recorder.start();
    await gone.stop();
    const { exit, stderr, waits } = await mm(["usage"], { host: gone.url });
    assert.match(stderr, /Cannot reach http:\/\/127.*: nothing listens there.*pnpm dev:api/);
    assert.equal(waits.length, 7);
    assert.equal(exit, 3);
  });
});

test("retention: what was deleted, and 4 when projects failed", async () => {
  recorder.on("POST /admin/retention", { ok: true, deleted: 12, failed_projects: 0 });
  assert.deepEqual((await ask("retention", "run")).exit, 0);
  recorder.on("POST /admin/retention", { ok: false, deleted: 3, failed_projects: 2 });
  const { exit, stdout } = await ask("retention", "run");
  assert.match(stdout, /^Deleted 3 events .* 2 projects failed: .* by a later run\.\n$/);
  assert.equal(exit, 4);
});

describe("retention: projects that could not be listed are an error", () => {
  const unread = { ok: false, deleted: 0, failed_projects: 0 };
  const refusal = { error: "upstream_failed", error_description: "A part did not answer." };
  /** @type {[string, object, RegExp][]} */
  const answers = [
    ["as a summary", { json: unread }, /could not read the list of projects/],
    ["as a refusal", { status: 502, json: refusal }, /A part did not answer/],
  ];
  for (const [name, told, message] of answers) {
    test(name, async () => {
      recorder.on("POST /admin/retention", () => told);
      const { exit, stdout, stderr } = await ask("retention", "run");
      assert.match(stderr, message);
      assert.deepEqual([exit, stdout], [1, ""]);
    });
  }
});

describe("a retention that has become shorter", () => {
  const days = (/** @type {number} */ n, /** @type {object} */ members = {}) =>
    project({ effective_retention_days: n, ...members });
  const log = { project_id: "prj_2", slug: "log" };

  test("by the plan names the projects", async () => {
    const answers = [
      [days(365), days(0, log), days(30, { project_id: "prj_3", slug: "same" })],
      [days(30), days(90, log), days(30, { project_id: "prj_3", slug: "same" })],
    ];
    recorder.on("GET /admin/projects", () => ({ json: { rows: answers.shift() } }));
    recorder.on("PATCH /admin/accounts/acc_1", ACCOUNT);
    const { exit, stderr } = await ask("accounts", "update", "acc_1", "--plan", "free");
    assert.match(stderr, /^ {2}shop \(prj_1\): 30 days, before 365 days$/m);
    assert.match(stderr, /^ {2}log \(prj_2\): 90 days, before for ever$/m);
    assert.doesNotMatch(stderr, /same/);
    assert.match(stderr, /next daily job deletes older ones for good/);
    assert.equal(exit, 0);
    const asked = recorder.askedFor("GET /admin/projects").map(({ query }) => query.get("account"));
    assert.deepEqual(asked, ["acc_1", "acc_1"]);
  });

  test("by a plan whose projects cannot be read behind it is done, and said", async () => {
    const answers = [{ json: { rows: [days(365)] } }];
    recorder.on("GET /admin/projects", () => answers.shift() ?? { status: 404, json: {} });
    recorder.on("PATCH /admin/accounts/acc_1", ACCOUNT);
    const { exit, stdout, stderr } = await ask("accounts", "update", "acc_1", "--plan", "free");
    assert.match(stdout, /^Account changed/);
    assert.match(stderr, /could not be read/);
    assert.equal(exit, 0);
  });

  test("of one project is said, a longer one is not", async () => {
    recorder.on("GET /admin/projects", { rows: [days(30)] });
    for (const [now, warning] of /** @type {const} */ ([
      [20, /shop \(prj_1\): 20 days, before 30 days/],
      [30, /^$/],
      [0, /^$/],
    ])) {
      recorder.on("PATCH /admin/projects/prj_1", days(now));
      const line = ["projects", "update", "shop", "--retention-days", String(now)];
      assert.match((await ask(...line)).stderr, warning);
    }
  });

  test("with --json is a notice beside the server's answer", async () => {
    recorder.on("GET /admin/projects", { rows: [days(0)] });
    recorder.on("PATCH /admin/projects/prj_1", days(1));
    const line = ["projects", "update", "shop", "--retention-days", "1", "--json"];
    const { stdout, stderr } = await ask(...line);
    assert.deepEqual(JSON.parse(stdout), days(1));
    const notices = stderr
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text).notice);
    assert.match(notices[1], /shop \(prj_1\): 1 day, before for ever/);
  });

  test("is told of by --help", async () => {
    for (const command of ["accounts", "projects"]) {
      assert.match((await ask(command, "update", "--help")).stdout, /next daily job deletes/);
    }
  });
});

describe("as a process", () => {
  /** @type {Recorder} */
  let own;
  before(async () => {
    own = await Recorder.start();
    own.on("GET /admin/accounts", { rows: [ACCOUNT] });
  });
  after(() => own.stop());

  test("the exit code is the process's", async () => {
    const good = await startMm(["accounts", "list"], own.url).ended;
    assert.equal(good.exit, 0);
    assert.match(good.stdout, /Acme/);
    assert.equal(
      (await startMm(["accounts", "update", "x", "--plan", "pro"], own.url).ended).exit,
      1,
    );
    assert.equal((await startMm(["nothing"], own.url).ended).exit, 2);
  });

  const skip = process.platform !== "linux" && "there is no /dev/full";
  test("what it cannot print is an error of one line, and ends with 4", { skip }, async () => {
    const full = 'exec "$@" > /dev/full';
    const { exit, stderr } = await startMm(["accounts", "list"], own.url, full).ended;
    assert.match(stderr, /^Cannot write to standard output: ENOSPC.*\n$/);
    assert.equal(exit, 4);
    const json = await startMm(["accounts", "list", "--json"], own.url, full).ended;
    assert.match(JSON.parse(json.stderr).error_description, /^Cannot write to standard output/);
    assert.equal(json.exit, 4);
  });

  test("a reader that has seen enough is no error", async () => {
    const run = startMm(["accounts", "list"], own.url);
    run.child.stdout.destroy();
    assert.deepEqual(await run.ended, { exit: 0, stdout: "", stderr: "" });
  });
});
