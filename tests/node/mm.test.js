/** The operator's command line: its help, its arguments, which server it asks, its tables. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, test } from "node:test";
import { COMMANDS } from "../../cli/commands/index.js";
import { ACCOUNT, KEY, Recorder, TOKEN, folder, mm, project } from "./support/mm.js";

/** @type {Recorder} */
let recorder;
beforeEach(async (t) => {
  recorder = await Recorder.start();
  /** @type {import("node:test").TestContext} */ (t).after(() => recorder.stop());
});

/** @param {string[]} args */
const ask = (...args) => mm(args, { host: recorder.url });

describe("help", () => {
  for (const args of [["--help"], ["help"], ["-h"], ["--", "--help"]]) {
    test(args.join(" "), async () => {
      const { exit, stdout } = await mm(args);
      assert.equal(exit, 0);
      for (const { name } of COMMANDS) assert.ok(stdout.includes(`  ${name} `), name);
      assert.match(stdout, /Exit codes\n {2}0 /);
    });
  }

  test("of a group", async () => {
    const { exit, stdout } = await mm(["keys", "--help"]);
    assert.equal(exit, 0);
    assert.match(stdout, /keys <list\|mint\|revoke>/);
  });

  for (const { name, options = {} } of COMMANDS) {
    test(`of ${name}, with every option and examples that parse`, async () => {
      const { exit, stdout } = await mm([...name.split(" "), "--help"]);
      assert.equal(exit, 0);
      for (const option of Object.keys(options)) assert.match(stdout, new RegExp(`--${option}\\b`));
      const examples = stdout.split("Examples\n")[1].trim().split("\n");
      for (const example of examples) {
        assert.match(example, new RegExp(`pnpm (-s )?mm ${name}`));
        for (const [, flag] of example.split(" | jq")[0].matchAll(/ --([\w-]+)/g)) {
          assert.ok(flag === "json" || flag in options, flag);
        }
      }
    });
  }

  test("of import tells of the seven days", async () => {
    assert.match((await mm(["import", "--help"])).stdout, /7 days/);
  });
});

test("the version is the package's", async () => {
  const { version } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  for (const args of [["--version"], ["usage", "--version"], ["--", "--version"]]) {
    const { exit, stdout } = await mm(args);
    assert.deepEqual([exit, stdout], [0, `${version}\n`]);
  }
  const { stdout } = await mm(["--version", "--json"]);
  assert.deepEqual(JSON.parse(stdout), { version });
});

describe("a wrong command line ends with 2, says why, and asks nothing", () => {
  /** @type {[string, RegExp][]} */
  const lines = [
    ["", /^The operator's commands/],
    ["keys", /keys <list\|mint\|revoke>/],
    ["acounts list", /no command "acounts"\. Did you mean "accounts"\?/],
    ["keys mnt", /"keys" has no command "mnt"\. Did you mean "mint"\?/],
    ["accounts create", /--name is missing[^]*accounts create --help/],
    ["accounts update", /<account-id> is missing/],
    ["accounts update acc_1", /Nothing to change/],
    ["accounts list more", /"more" is one argument too many/],
    ["accounts list --plann", /no option --plann/],
    ["accounts create --nam x", /no option --nam here\. Did you mean "name"\?/],
    ["accounts create --name", /argument missing/],
    ["projects update shop", /Nothing to change/],
    ["projects update shop --retention-days soon", /0 \(for ever\).*got "soon"/],
    ["projects update shop --origin http://a --no-origins", /exclude each other/],
    ["keys mint --kind xk --project shop", /--kind must be pk, sk, rk or ak/],
    ["keys mint --kind sk", /needs --project/],
    ["keys mint --kind sk --project shop --account acc_1", /not --account/],
    ["keys mint --kind ak --project shop", /needs --account/],
    ["keys revoke nonsense!", /8 letters and digits/],
    ["import nowhere.jsonl --project shop", /no file nowhere\.jsonl/],
    ["import nowhere.jsonl", /--project is missing/],
    ["import - --project shop --format xml", /jsonl or csv; got "xml"/],
    ["import - --project shop --map evnt=x", /no field "evnt"\. Did you mean "event"\?/],
    ["import - --project shop --map event", /--map takes FIELD=COLUMN/],
    ["import - --project shop --map event=a --set event=b", /in --map and in --set/],
    ["import a.jsonl.gz --project shop", /gunzip -c/],
    ["usage --month october", /--month must be a month such as 2026-10; got "october"/],
    ["usage --month 2026-13", /--month must be a month/],
    ["forget shop", /--user-id or with --anonymous-id, one of the two/],
    ["forget shop --user-id u --anonymous-id a", /one of the two/],
    ["forget --user-id u", /<project> is missing/],
    ["export --project shop --page 2000", /--page must be a number from 1 to 1000/],
  ];
  for (const [line, message] of lines) {
    test(line === "" ? "nothing" : line, async () => {
      const { exit, stdout, stderr } = await ask(...line.split(" ").filter((word) => word !== ""));
      assert.match(stderr, message);
      assert.equal(stdout, "");
      assert.equal(exit, 2);
      assert.equal(recorder.asked.length, 0);
    });
  }
});

describe("which server, and which token", () => {
  beforeEach(() => recorder.on("GET /admin/accounts", { rows: [] }));
  const sent = () => recorder.asked.map(({ headers }) => headers.authorization);

  test("options go before the environment", async () => {
    const env = { MM_HOST: "http://127.0.0.1:1", MM_ADMIN_TOKEN: "other" };
    await mm(["accounts", "list"], { host: `${recorder.url}/`, env });
    assert.deepEqual(sent(), [`Bearer ${TOKEN}`]);
  });

  test("the environment", async () => {
    await mm(["accounts", "list"], { env: { MM_HOST: recorder.url, MM_ADMIN_TOKEN: "other" } });
    assert.deepEqual(sent(), ["Bearer other"]);
  });

  test("a local server's token is in .dev.vars", async (t) => {
    const root = folder(/** @type {import("node:test").TestContext} */ (t));
    writeFileSync(join(root, ".dev.vars"), 'PEPPER="p"\nADMIN_TOKEN="local"\n');
    await mm(["accounts", "list"], { env: { MM_HOST: recorder.url }, root });
    assert.deepEqual(sent(), ["Bearer local"]);
    // Another server is not told it.
    const { exit, stderr } = await mm(["accounts", "list", "--host", "http://mm.invalid"], {
      root,
    });
    assert.match(stderr, /no admin token for http:\/\/mm\.invalid: give --token/);
    assert.equal(exit, 2);
  });

  test("none at all", async () => {
    const { exit, stderr } = await mm(["usage"]);
    assert.match(stderr, /http:\/\/localhost:8787: give --token, .*or run pnpm dev:api/);
    assert.equal(exit, 2);
  });

  test("no address", async () => {
    const { exit, stderr } = await mm(["usage", "--host", "localhost:8787", "--token", "t"]);
    assert.match(stderr, /"localhost:8787" is no server address/);
    assert.equal(exit, 2);
  });

  test("a token that cannot be sent", async () => {
    const { exit, stderr } = await mm(["usage", "--host", recorder.url, "--token", "a\nb"]);
    assert.match(stderr, /no HTTP header may have/);
    assert.equal(exit, 2);
  });
});

describe("tables", () => {
  test("of accounts", async () => {
    const other = { ...ACCOUNT, account_id: "acc_other", name: "\u65e5\u672c", projects: 11 };
    recorder.on("GET /admin/accounts", { rows: [ACCOUNT, other] });
    const { exit, stdout } = await ask("accounts", "list");
    assert.equal(exit, 0);
    assert.equal(
      stdout,
      [
        "ACCOUNT    NAME  PLAN  PROJECTS  CREATED (UTC)",
        "acc_1      Acme  pro          2  2026-11-01 10:20",
        "acc_other  \u65e5\u672c  pro         11  2026-11-01 10:20",
        "",
      ].join("\n"),
    );
  });

  test("are cut to the terminal, but never in what is copied", async () => {
    recorder.on("GET /admin/keys", { rows: [KEY] });
    const wide = await ask("keys", "list");
    assert.ok(wide.stdout.includes(KEY.label));
    for (const columns of [90, 40]) {
      const { stdout } = await mm(["keys", "list"], { host: recorder.url, terminal: columns });
      const line = stdout.split("\n")[1];
      assert.match(line, /^sk_live_ab12CD34 {2}prj_1 {2}the .*\u2026 /);
      if (columns === 90)
        assert.equal(line.length <= 90 && stdout.split("\n")[0].length <= 90, true);
    }
  });

  test("show control characters instead of obeying them", async () => {
    recorder.on("GET /admin/accounts", { rows: [{ ...ACCOUNT, name: "\x1b[2Jgone\r\n" }] });
    const { stdout } = await ask("accounts", "list");
    assert.match(stdout, /\\u001b\[2Jgone\\u000d\\u000a/);
    assert.equal(stdout.split("\n").length, 3);
  });

  test("of projects and usage", async () => {
    const ever = { retention_days: 0, effective_retention_days: 0, origins: ["https://a.example"] };
    recorder.on("GET /admin/projects", { rows: [project(), project({ slug: "log", ...ever })] });
    recorder.on("GET /admin/accounts", { rows: [ACCOUNT] });
    const { stdout } = await ask("projects", "list", "--account", "acc_1");
    assert.equal(recorder.askedFor("GET /admin/projects")[0].query.get("account"), "acc_1");
    assert.match(stdout, /prj_1 +shop +Shop +acc_1 +90 days \(plan\) +- +2026/);
    assert.match(stdout, /prj_1 +log +Shop +acc_1 +for ever +https:\/\/a\.example/);

    const row = { account_id: "acc_1", project_id: "prj_1", slug: "shop", plan: "free" };
    const numbers = { events_this_month: 120_000, account_events_this_month: 150_000 };
    const rows = [{ ...row, ...numbers, allowance: 100_000, over: true }];
    recorder.on("GET /admin/usage", { month: "2026-11", rows });
    const usage = await ask("usage");
    assert.match(usage.stdout, /^Events of 2026-11\n/);
    assert.match(usage.stdout, /shop +120,000 +150,000 +100,000 +150 % OVER\n/);

    recorder.on("GET /admin/usage", { month: "2026-10", rows });
    const before = await ask("usage", "--month", "2026-10");
    assert.match(before.stdout, /^Events of 2026-10\n/);
    const months = recorder.askedFor("GET /admin/usage").map(({ query }) => query.get("month"));
    assert.deepEqual(months, [null, "2026-10"]);
  });

  test("that would be empty say what to do", async () => {
    recorder.on("GET /admin/accounts", { rows: [] });
    assert.match((await ask("accounts", "list")).stdout, /pnpm mm accounts create --name/);
  });
});

test("--json prints what the server sent, byte for byte", async () => {
  const text = '{"rows":[ {"account_id":"acc_1","n":1.50} ]}';
  recorder.on("GET /admin/accounts", () => ({ text }));
  const { stdout } = await ask("accounts", "list", "--json");
  assert.equal(stdout, `${text}\n`);
});

describe("the documents' commands are as the command line takes them", () => {
  for (const document of ["README.md", "docs/operating.md"]) {
    const text = readFileSync(new URL(`../../${document}`, import.meta.url), "utf8");
    const blocks = [...text.matchAll(/^```sh.*\n([^]*?)^```$/gm)].map(([, block]) => block);
    const commands = blocks.join("").matchAll(/pnpm (?:-s )?mm ([^|#\n)]+)/g);
    for (const [, command] of commands) {
      test(`${document}: ${command.trim()}`, async () => {
        const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
        const args = words.map((word) => word.replace(/["']/g, ""));
        const { exit, stderr } = await ask(...args);
        // The recorder knows no project, and the files are not there.
        if (exit === 2) assert.match(stderr, /^There is no file/);
        else assert.equal(exit, args.includes("--help") ? 0 : 1);
      });
    }
  }
});
