/**
 * Makes sure of the system tools that the package manager cannot bring: Emscripten, clang, CMake...
 *
 *   node scripts/setup.js wasm     what the WebAssembly build needs (dev:api, build, deploy)
 *   node scripts/setup.js test     everything that `pnpm test` needs
 *
 * Tools that are there are found by looking for their files, so a second run costs milliseconds. On
 * Debian and Ubuntu, as root or with passwordless sudo, missing ones are installed with apt-get;
 * elsewhere the run ends with the list of what is missing and how to get it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { TOOLS } from "./system-tools.js";
import { UserError, isMain, runMain } from "./process.js";

/** @typedef {import('./system-tools.js').Tool} Tool */

/** Which tools a task needs. */
const GROUPS = /** @type {const} */ ({
  wasm: ["wasm"],
  native: ["native"],
  lint: ["lint"],
  tidy: ["native", "tidy"],
  fuzz: ["native", "fuzz"],
  test: ["wasm", "native", "fuzz", "lint", "browser"],
  bench: ["wasm", "native", "bench"],
});

/** @typedef {keyof typeof GROUPS} Group */

/**
 * @param {Group} group
 * @returns {Tool[]} the tools of the group that are not on this machine
 */
export function missingTools(group) {
  const uses = /** @type {readonly string[]} */ (GROUPS[group]);
  return TOOLS.filter((tool) => tool.uses.some((use) => uses.includes(use)) && !tool.found());
}

/**
 * Installs what the group lacks, or explains and throws.
 * @param {Group} group
 */
export function setup(group) {
  const missing = missingTools(group);
  if (missing.length === 0) return;
  const names = missing.map((tool) => tool.name).join(", ");

  if (!isDebian()) throw new UserError(`Missing: ${names}.\n\n${howToGet(missing)}`);
  const prefix = privilegePrefix();
  if (prefix === null) {
    const command = `sudo apt-get install ${packageNames(missing).join(" ")}`;
    throw new UserError(
      `Missing: ${names}.\nInstalling needs root or passwordless sudo. Run this, then try again:\n\n  ${command}`,
    );
  }
  console.log(`Missing: ${names}. Installing from the distribution, this takes a few minutes.`);
  aptGet(prefix, ["update"]);
  const packages = packageNames(missing);
  console.log(`apt-get install ${packages.join(" ")}`);
  aptGet(prefix, ["install", "--yes", "--no-install-recommends", ...packages]);

  const still = missing.filter((tool) => !tool.found());
  if (still.length > 0) {
    throw new UserError(`apt-get succeeded, but these are still missing:\n\n${howToGet(still)}`);
  }
  console.log("System tools are installed.");
}

/** @param {Tool[]} tools */
function howToGet(tools) {
  const rows = tools.map((tool) => `  ${tool.name}: ${tool.why}\n    ${tool.get}`);
  const packages = packageNames(tools).join(" ");
  return `${rows.join("\n")}\n\nOn Debian and Ubuntu: apt-get install ${packages}`;
}

/** @param {Tool[]} tools */
function packageNames(tools) {
  return [...new Set(tools.flatMap((tool) => tool.packages()))];
}

function isDebian() {
  if (!existsSync("/usr/bin/apt-get") || !existsSync("/etc/os-release")) return false;
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"));
}

/** @returns {string[] | null} what to put before apt-get; null when this user may not install */
function privilegePrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync("sudo", ["-n", "true"], { stdio: "ignore" });
  // sudo drops the environment, so the variable that silences questions is passed through env.
  return sudo.status === 0 ? ["sudo", "-n"] : null;
}

/**
 * Runs apt-get quietly; its output is shown when it fails.
 * @param {string[]} prefix
 * @param {string[]} args
 */
function aptGet(prefix, args) {
  const command = [
    ...prefix,
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "-qq",
    "-o",
    // Another apt may be at work, as on machines that have just started.
    "DPkg::Lock::Timeout=300",
    ...args,
  ];
  const result = spawnSync(command[0], command.slice(1), {
    encoding: "utf8",
    maxBuffer: 64 << 20,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (result.status === 0) return;
  const output = `${result.stdout ?? ""}${result.stderr ?? ""}`.trim();
  throw new UserError(`${output}\n\n${command.join(" ")} failed.`);
}

if (isMain(import.meta.url)) {
  await runMain(() => {
    const group = process.argv[2] ?? "test";
    if (!Object.hasOwn(GROUPS, group)) {
      throw new UserError(`"${group}" is none of: ${Object.keys(GROUPS).join(", ")}.`);
    }
    setup(/** @type {Group} */ (group));
  });
}
