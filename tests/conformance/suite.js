/**
 * One run of the official conformance suite against one endpoint.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { startProxy } from "./proxy.js";

/** The revisions whose required scenarios must pass, except for what is named beside this file. */
export const revisions = /** @type {const} */ (["2026-07-28", "2025-11-25"]);

const suite = createRequire(import.meta.url).resolve(
  "@modelcontextprotocol/conformance/dist/index.js",
);

/**
 * @typedef {object} Outcome
 * @property {boolean} passed
 * @property {string} output everything that the suite printed
 * @property {string} summary one line of counts, and what went wrong
 */

/**
 * @param {object} target
 * @param {string} target.origin the running Worker's
 * @param {string} target.path the endpoint
 * @param {string} target.key
 * @param {typeof revisions[number]} revision
 * @returns {Promise<Outcome>}
 */
export async function runSuite({ origin, path, key }, revision) {
  const proxy = await startProxy(origin, key);
  const results = await mkdtemp(join(tmpdir(), "millimetric-conformance-"));
  try {
    const { status, output } = await capture([
      suite,
      "server",
      // The suite takes a server for a local one by this name.
      ...["--url", `http://localhost:${proxy.port}${path}`],
      ...["--requirements", revision],
      ...["--expected-failures", expectedFailures(revision)],
      ...["--output-dir", results],
    ]);
    return { passed: status === 0, output, summary: await summarise(output, results) };
  } finally {
    await proxy.close();
    await rm(results, { recursive: true });
  }
}

/**
 * @param {string} output
 * @param {string} results where the suite has put each scenario's checks
 * @returns {Promise<string>}
 */
async function summarise(output, results) {
  const verdict = output.slice(output.indexOf("=== SUMMARY ==="));
  const unscored = listed(verdict, "Not scored for");
  const excepted = listed(verdict, "Expected failures (in baseline)");
  const passing = [...verdict.matchAll(/^✓ (\S+): /gm)]
    .map(([, name]) => name)
    .filter((name) => !unscored.includes(name) && !excepted.includes(name));
  const lines = [`${passing.length} scenarios pass, ${excepted.length} excepted`];
  for (const name of listed(verdict, "Stale baseline entries")) {
    lines.push(`  ${name} passes: remove it from the expected failures`);
  }
  for (const name of listed(verdict, "Unexpected failures (")) {
    lines.push(`  ${name} fails`, ...(await failedChecks(results, name)));
  }
  return lines.join("\n");
}

/**
 * @param {string} verdict
 * @param {string} title
 * @returns {string[]} the names listed under that title
 */
function listed(verdict, title) {
  const [, after = ""] = verdict.split(title);
  const [, ...lines] = after.split("\n\n")[0].split("\n");
  return lines.map((line) => /^ +[~✓✗] (\S+)/.exec(line)?.[1] ?? "").filter((name) => name !== "");
}

/**
 * @param {string} results
 * @param {string} name a scenario, or `scenario:check`
 * @returns {Promise<string[]>}
 */
async function failedChecks(results, name) {
  const [scenario, check] = name.split(":");
  const folders = (await readdir(results)).filter((folder) =>
    new RegExp(`^server-${scenario}-\\d{4}-`).test(folder),
  );
  const lines = [];
  for (const folder of folders) {
    const checks = JSON.parse(await readFile(join(results, folder, "checks.json"), "utf8"));
    for (const { id, status, errorMessage } of checks) {
      if (check !== undefined && check !== id) continue;
      if (status === "FAILURE" || status === "WARNING") lines.push(`    ${id}: ${errorMessage}`);
    }
  }
  return lines;
}

/** @param {string} revision */
export const expectedFailures = (revision) =>
  fileURLToPath(new URL(`expected-failures-${revision}.yml`, import.meta.url));

/**
 * @param {string[]} args of this Node
 * @returns {Promise<{ status: number | null, output: string }>}
 */
function capture(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (/** @type {Buffer} */ data) => (output += data);
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output: stripVTControlCharacters(output) }));
  });
}
