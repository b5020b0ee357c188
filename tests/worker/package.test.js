/**
 * The package: packed, installed into an empty folder, bundled by wrangler as for a deployment, and
 * what that gives run on workerd. Nothing of the working copy is used in between.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { applyMigrations } from "./support/migrations.js";
import { inTree, root } from "./support/root.js";
import { ADMIN_TOKEN, startWorker } from "./support/worker.js";

const run = promisify(execFile);

/** The folder of somebody who installs it. @type {string} */
let home;
/** @type {string} */
let installed;

before(async () => {
  home = mkdtempSync(join(tmpdir(), "millimetric-"));
  installed = join(home, "node_modules", "millimetric");
  await pack();
  writeFileSync(join(home, "package.json"), '{ "private": true }\n');
  const [tarball] = readdirSync(home).filter((name) => name.endsWith(".tgz"));
  // npm as such, not the package manager that runs the tests: its settings are in the environment.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm|pnpm)_/i.test(name)),
  );
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
  await run("npm", ["install", ...quiet, `./${tarball}`], { cwd: home, env });
});
after(() => rmSync(home, { recursive: true }));

async function pack() {
  await run(process.execPath, [inTree("scripts/prepack.js")], { cwd: root, maxBuffer: 2 ** 26 });
  // The package manager would run that again; what it packs is what the manifest lists.
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", home], { cwd: root });
}

test("it holds the Worker, the module, the command line and what explains them", () => {
  for (const path of [
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "build/package/wrangler.toml",
    "build/wasm-release/millimetric.wasm",
    "cli/mm.js",
    "docs/operating.md",
    "host-js/worker.js",
    "migrations/0001_control.sql",
  ]) {
    assert.ok(readFileSync(join(installed, path)).length > 0, path);
  }
});

test("it holds nothing that a deployment has no use for", () => {
  const paths = readdirSync(installed, { recursive: true }).map(String);
  const others = paths.filter((path) =>
    /\b(core|tests?|node_modules|\.local|\.dev\.vars)\b/.test(path),
  );
  assert.deepEqual(
    others.filter((path) => path !== "host-js/core.js"),
    [],
  );
  assert.deepEqual(
    paths.filter((path) => path.startsWith("host-js/node-")),
    [],
  );
});

describe("deployed from there", () => {
  /** @type {import("./support/worker.js").RunningWorker} */
  let worker;
  /** @type {string} */
  let project;

  before(async () => {
    cpSync(join(installed, "build/package/wrangler.toml"), join(home, "wrangler.toml"));
    const wrangler = join(root, "node_modules", "wrangler", "bin", "wrangler.js");
    const deploy = ["deploy", "--dry-run", "--outdir", "dist"];
    const env = { ...process.env, HOME: home, WRANGLER_SEND_METRICS: "false", CI: "true" };
    await run(process.execPath, [wrangler, ...deploy], { cwd: home, env });
    worker = await startWorker({ entry: join(home, "dist", "worker.js"), seed: false });
    const ours = join(home, "node_modules", "millimetric", "migrations");
    assert.deepEqual(await applyMigrations(worker.control, ours), [], "other migrations than ours");
  });
  after(() => worker.dispose());

  /** @param {string[]} args @returns {Promise<any>} */
  async function mm(...args) {
    const bin = join(home, "node_modules", ".bin", "mm");
    const env = { PATH: process.env.PATH, MM_HOST: worker.url, MM_ADMIN_TOKEN: ADMIN_TOKEN };
    const { stdout } = await run(process.execPath, [bin, ...args, "--json"], { cwd: home, env });
    return JSON.parse(stdout);
  }

  test("its command line makes an account, a project and keys", async () => {
    const { account_id } = await mm("accounts", "create", "--name", "Me", "--plan", "business");
    const made = await mm("projects", "create", "--account", account_id, "--slug", "site");
    project = made.project_id;
    assert.equal((await mm("projects", "list")).rows.length, 1);
  });

  test("it lists its tools, takes an event and finds it", async () => {
    const { key } = await mm("keys", "mint", "--kind", "sk", "--project", project);
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const ask = async (/** @type {string} */ path, /** @type {object} */ body) => {
      const init = { method: "POST", headers, body: JSON.stringify(body) };
      return /** @type {any} */ (await (await fetch(worker.url + path, init)).json());
    };
    const listed = await ask("/mcp", { jsonrpc: "2.0", id: 1, method: "tools/list" });
    assert.deepEqual(
      listed.result.tools.map((/** @type {any} */ tool) => tool.name),
      ["query_events", "get_stats", "top_sources", "funnel", "track_event"],
    );
    assert.deepEqual(await ask("/v1/track", { event: "installed", event_id: "e1" }), {
      ok: true,
      event_id: "e1",
    });
    const query = `${worker.url}/v1/query?event=installed&from=2020-01-01&to=2040-01-01`;
    const found = /** @type {any} */ (await (await fetch(query, { headers })).json());
    assert.deepEqual(
      found.rows.map((/** @type {any} */ row) => row.event_id),
      ["e1"],
    );
  });

  test("its command line imports a file", async () => {
    writeFileSync(join(home, "history.csv"), "event,user_id\nold,u1\nold,u2\n");
    await mm("import", "history.csv", "--project", "site");
    const usage = await mm("usage");
    assert.equal(usage.rows[0].events_this_month, 3);
  });
});
