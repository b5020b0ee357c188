/** The operator's command line against the running Worker, from an empty control plane on. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { mm } from "../node/support/mm.js";
import { bareRequest } from "./support/requests.js";
import { ADMIN_TOKEN, startWorker } from "./support/worker.js";

const EVENTS = 1234;
const DAY = 86_400_000;
const NOW = Date.parse("2026-11-20T12:00:00.000Z");

/** @type {import("./support/worker.js").RunningWorker} */
let worker;
/** @type {string} */
let home;
before(async () => {
  worker = await startWorker({ seed: false, now: NOW });
  home = mkdtempSync(join(tmpdir(), "millimetric-mm-"));
});
after(async () => {
  await worker.dispose();
  rmSync(home, { recursive: true });
});

/** @param {string[]} args */
function run(...args) {
  return mm(args, { env: { MM_HOST: worker.url, MM_ADMIN_TOKEN: ADMIN_TOKEN } });
}

/** @param {string[]} args @returns {Promise<any>} what it printed with --json */
async function json(...args) {
  const { exit, stdout, stderr } = await run(...args, "--json");
  assert.equal(exit, 0, stderr);
  return JSON.parse(stdout);
}

/** @param {string} name @param {readonly object[]} rows @returns {string} the path */
function jsonl(name, rows) {
  const path = join(home, name);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path;
}

/** @param {string} path */
const rowsOf = (path) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/**
 * @param {string} key
 * @param {string} name of a tool
 * @param {object} args
 */
async function tool(key, name, args) {
  const call = { method: "tools/call", params: { name, arguments: args } };
  const response = await fetch(`${worker.url}/mcp`, bareRequest(key, call));
  return { status: response.status, body: /** @type {any} */ (await response.json()) };
}

/** @param {number} i an event of the past, as an old system may have kept it */
function oldEvent(i) {
  return {
    event: i % 3 === 0 ? "purchase" : "$pageview",
    timestamp: new Date(Date.UTC(2015, 4, 17) + i * 61_000).toISOString(),
    anonymous_id: `visitor-${i % 97}`,
    user_id: i % 5 === 0 ? `user-${i % 7}` : null,
    session_id: `session-${i % 97}`,
    url: `https://shop.example/p/${i}?utm_source=News&utm_medium=email`,
    referrer: i % 2 === 0 ? "https://www.google.com/" : null,
    properties: { price: i / 100, tags: ["a", { b: i }], "\u00e9": "\u{1f600}" },
    user_agent:
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    ip: "203.0.113.9",
    country: "de",
  };
}

describe("from an empty server to a used one", () => {
  const events = Array.from({ length: EVENTS }, (_, i) => oldEvent(i));
  /** @type {string} */
  let account;
  /** @type {string} */
  let project;
  /** @type {{ key: string, prefix: string }} */
  let minted;
  /** @type {string} */
  let file;
  /** @type {string} */
  let out;

  test("an account, and a project with its settings", async () => {
    assert.deepEqual(await json("accounts", "list"), { rows: [] });
    const made = await json("accounts", "create", "--name", "Acme");
    assert.equal(made.plan, "free");
    account = made.account_id;
    await json("accounts", "update", account, "--plan", "business");
    const args = ["--account", account, "--slug", "shop", "--origin", "https://shop.example"];
    project = (await json("projects", "create", ...args)).project_id;
    const { rows } = await json("projects", "list", "--account", account);
    assert.deepEqual(rows[0].origins, ["https://shop.example"]);
    assert.deepEqual([rows[0].retention_days, rows[0].effective_retention_days], [null, 365]);
    assert.equal((await run("projects", "list", "--account", "nope")).exit, 1);
    const taken = await run("projects", "create", "--account", account, "--slug", "shop");
    assert.equal(taken.exit, 1);
    assert.match(taken.stderr, /409 conflict/);
  });

  test("keys that open it", async () => {
    minted = await json("keys", "mint", "--kind", "sk", "--project", "shop", "--label", "agent");
    assert.match(minted.key, new RegExp(`^sk_live_${minted.prefix}_[\\w-]{24,64}$`));
    const { rows } = await json("keys", "list", "--project", "shop");
    assert.deepEqual(
      rows.map((/** @type {any} */ row) => [row.prefix, row.label, row.revoked_at]),
      [[minted.prefix, "agent", null]],
    );
    assert.ok(!JSON.stringify(rows).includes(minted.key.split("_").slice(3).join("_")));
    assert.equal((await tool(minted.key, "get_stats", {})).status, 200);
  });

  test("history is refused until the project keeps it", async () => {
    file = jsonl("history.jsonl", events);
    const refused = await run("import", file, "--project", "shop");
    assert.equal(refused.exit, 1);
    assert.match(
      refused.stderr,
      /^line 1: timestamp must not be older than the project's retention/,
    );
    const advice = `projects update ${project} --retention-days 0`;
    assert.ok(refused.stderr.includes(`pnpm mm ${advice}`), refused.stderr);
    assert.equal((await run(...advice.split(" "))).exit, 0);
  });

  test("an import, and the same again", async () => {
    const first = await run("import", file, "--project", "shop");
    assert.equal(first.exit, 0, first.stderr);
    assert.equal(first.stdout, `Imported ${file} into shop: ${EVENTS} new, 0 already there.\n`);
    const second = await run("import", file, "--project", "shop");
    assert.equal(second.stdout, `Imported ${file} into shop: 0 new, ${EVENTS} already there.\n`);
    assert.equal(second.exit, 0);
  });

  test("the minted key finds the events through /mcp", async () => {
    const range = { from: "2015-01-01", to: "2016-01-01", group_by: "event_name" };
    const { body } = await tool(minted.key, "get_stats", range);
    const purchases = events.filter(({ event }) => event === "purchase").length;
    assert.deepEqual(body.result.structuredContent.rows, [
      { event_name: "$pageview", value: EVENTS - purchases },
      { event_name: "purchase", value: purchases },
    ]);
  });

  test("an export is what went in, and what was derived from it", async () => {
    out = join(home, "export.jsonl");
    assert.equal((await run("export", "--project", "shop", "--out", out, "--page", "100")).exit, 0);
    const rows = rowsOf(out);
    const given = rows.map(({ event_name, timestamp, anonymous_id, user_id, ...row }) => {
      const { session_id, url, referrer, properties } = row;
      const sent = { anonymous_id, user_id, session_id, url, referrer, properties };
      return { event: event_name, timestamp, ...sent };
    });
    assert.deepEqual(
      given,
      events.map(({ user_agent: _agent, ip: _ip, country: _country, ...sent }) => sent),
    );
    const { source, medium, country, device_type, browser, os } = rows[7];
    assert.deepEqual(
      { source, medium, country, device_type, browser, os },
      {
        ...{ source: "news", medium: "email", country: "DE" },
        ...{ device_type: "desktop", browser: "chrome", os: "windows" },
      },
    );
    assert.ok(!readFileSync(out, "utf8").includes("203.0.113.9"));
  });

  test("a part of it, on standard output", async () => {
    const range = ["--from", events[100].timestamp, "--to", events[200].timestamp];
    const { stdout } = await run("export", "--project", "shop", ...range);
    assert.equal(stdout, readFileSync(out, "utf8").split("\n").slice(100, 200).join("\n") + "\n");
  });

  test("an export is a backup: imported into another project, it is there again", async () => {
    const args = ["--account", account, "--slug", "copy", "--retention-days", "0"];
    await json("projects", "create", ...args);
    const summary = await json("import", out, "--project", "copy");
    assert.deepEqual([summary.new, summary.duplicates], [EVENTS, 0]);
    const back = join(home, "back.jsonl");
    assert.equal((await run("export", "--project", "copy", "--out", back)).exit, 0);
    // The User-Agent is not kept, so what was derived from it is not either.
    const lost = { device_type: null, browser: "", os: "" };
    const expected = rowsOf(out).map((row) => ({ ...row, ...lost }));
    const restored = rowsOf(back).map((row) => ({ ...row, ...lost }));
    assert.deepEqual(restored, expected);
  });

  test("CSV with wrong rows, left out", async () => {
    const path = join(home, "sales.csv");
    const today = new Date(NOW).toISOString();
    const tooLate = new Date(NOW + 3 * DAY).toISOString();
    const lines = [
      "action,time,user_agent,page,amount,note",
      `purchase,${today},UA,https://shop.example/a,9.90,"a, ""b""\r\nc"`,
      `purchase,${tooLate},UA,https://shop.example/b,1,`,
      `purchase,${today},UA,no url,1,`,
      `purchase,${today},UA`,
      `purchase,${today},,,12,`,
    ];
    writeFileSync(path, lines.join("\r\n"));
    const map =
      "event=action,timestamp=time,url=page,properties.amount=amount,properties.note=note";
    const args = ["import", path, "--project", "copy", "--map", map];
    const refused = await run(...args);
    assert.equal(refused.exit, 1);
    const skipped = await run(...args, "--skip-bad");
    assert.equal(skipped.exit, 4);
    assert.match(skipped.stderr, /^line 4: timestamp /m);
    assert.match(skipped.stderr, /^line 5: url /m);
    assert.match(skipped.stderr, /^line 6: has 3 fields, where the header has 6/m);
    assert.match(skipped.stdout, /2 new, 0 already there\. 3 wrong rows were left out/);
    const { stdout } = await run("export", "--project", "copy", "--from", today);
    const rows = stdout.trimEnd().split("\n");
    assert.deepEqual(
      rows.map((row) => JSON.parse(row).properties),
      [{ amount: 9.9, note: 'a, "b"\r\nc' }, { amount: 12 }],
    );
  });

  test("a revoked key opens nothing after a minute, and is marked", async () => {
    const row = await json("keys", "revoke", minted.key);
    assert.ok(row.revoked_at);
    await worker.setNow(NOW + 60_001);
    const { status, body } = await tool(minted.key, "get_stats", {});
    assert.deepEqual([status, body.error], [401, "invalid_api_key"]);
    const { stdout } = await run("keys", "list", "--project", "shop");
    const revoked = row.revoked_at.slice(0, 16).replace("T", " ");
    assert.match(stdout, new RegExp(`^sk_live_${minted.prefix} .* ${revoked}$`, "m"));
  });

  test("storage says what the events weigh", async () => {
    const project = (await json("projects", "list")).rows.find(
      (/** @type {any} */ p) => p.slug === "shop",
    );
    const storage = await json("storage", project.project_id);
    assert.ok(storage.events > 0);
    assert.ok(
      storage.columns.some((/** @type {any} */ c) => c.column === "event_id" && c.bytes > 0),
    );
    assert.equal(storage.damaged_segments, 0);
    const { stdout } = await run("storage", "no-such-project");
    assert.equal(stdout, "");
  });

  test("usage counts what came this month", async () => {
    const { month, rows } = await json("usage", "--account", account);
    assert.equal(month, "2026-11");
    const events = Object.fromEntries(
      rows.map((/** @type {any} */ row) => [row.slug, row.events_this_month]),
    );
    assert.deepEqual(events, { shop: EVENTS, copy: EVENTS + 2 });
    for (const row of rows) {
      assert.deepEqual([row.account_events_this_month, row.over], [2 * EVENTS + 2, false]);
    }
  });

  test("a plan that keeps less names the projects that have its retention", async () => {
    const made = await json("projects", "create", "--account", account, "--slug", "brief");
    const free = await run("accounts", "update", account, "--plan", "free");
    assert.match(free.stdout, /^Account changed/);
    const line = `brief \\(${made.project_id}\\): 30 days, before 365 days`;
    assert.match(
      free.stderr,
      new RegExp(`^Events are kept for less .*\n  ${line}\nThe next daily`),
    );
    const business = await run("accounts", "update", account, "--plan", "business");
    assert.deepEqual([business.exit, business.stderr], [0, ""]);
  });

  test("a shorter retention is applied by the job", async () => {
    await json("projects", "update", "shop", "--retention-days", "plan");
    const { stdout } = await run("retention", "run");
    assert.match(stdout, new RegExp(`^Deleted ${EVENTS} events that were past their retention`));
    assert.equal((await run("export", "--project", "shop")).stdout, "");
  });

  test("a wrong token is refused", async () => {
    const { exit, stderr } = await run("usage", "--token", "wrong");
    assert.equal(exit, 1);
    assert.match(stderr, /401 invalid_api_key/);
  });
});
