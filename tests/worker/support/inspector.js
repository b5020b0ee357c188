/**
 * The MCP Inspector's command line, as a child process.
 */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);
const manifest = createRequire(import.meta.url).resolve(
  "@modelcontextprotocol/inspector/package.json",
);
const bin = JSON.parse(readFileSync(manifest, "utf8")).bin["mcp-inspector"];
const program = join(dirname(manifest), bin);

/**
 * @typedef {object} Target
 * @property {string} url
 * @property {string} key
 * @property {"modern" | "legacy"} era `modern` never falls back to another era
 * @property {string} home a directory of its own, for the catalogue that it keeps there
 */

/**
 * @param {Target} target
 * @param {string} method
 * @param {...string} args
 * @returns {Promise<any>} the result that it prints
 * @throws when it exits with anything but 0, as it does for an error or an `isError` result
 */
export async function inspect({ url, key, era, home }, method, ...args) {
  const { stdout } = await run(
    process.execPath,
    [
      program,
      "--cli",
      ...["--transport", "http", "--server-url", url],
      ...["--header", `Authorization: Bearer ${key}`],
      ...["--protocol-era", era, "--format", "json", "--quiet"],
      ...["--method", method, ...args],
    ],
    { env: { PATH: process.env.PATH, HOME: home }, maxBuffer: 16 * 2 ** 20 },
  );
  return JSON.parse(stdout).result;
}
