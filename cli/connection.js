/** Which server, and the token that opens it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { Client, isLoopback } from "./client.js";
import { UsageError } from "./errors.js";
import { IS_INSTALLED } from "./name.js";

const LOCAL_HOST = "http://localhost:8787";

/**
 * @param {import("./io.js").Io} io
 * @param {{ host?: string, token?: string }} given on the command line
 * @returns {Client}
 */
export function connect(io, given) {
  const host = readHost(given.host ?? (io.env.MM_HOST || LOCAL_HOST));
  const token = given.token ?? (io.env.MM_ADMIN_TOKEN || localToken(io, host));
  if (!token) {
    const where =
      isLoopback(host) && !IS_INSTALLED ? ", or run pnpm dev:api once, which makes one" : "";
    throw new UsageError(
      `There is no admin token for ${host}: give --token, or set MM_ADMIN_TOKEN${where}.`,
    );
  }
  // Anything else would be a failure deep inside fetch.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError("The admin token holds characters that no HTTP header may have.");
  }
  if (host.startsWith("http:") && !isLoopback(host)) {
    io.stderr.write(`Warning: ${host} is not https: the admin token is sent in the clear.\n`);
  }
  return new Client(io, host, token);
}

/** @param {string} text */
function readHost(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`"${text}" is no server address; give one such as https://mm.example.com`);
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}

/**
 * The token that `pnpm dev:api` made for this working copy: of use for no other server.
 * @param {import("./io.js").Io} io
 * @param {string} host
 */
function localToken(io, host) {
  const file = join(io.root, ".dev.vars");
  if (!isLoopback(host) || !existsSync(file)) return undefined;
  return parseEnv(readFileSync(file, "utf8")).ADMIN_TOKEN;
}
