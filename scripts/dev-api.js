/**
 * `pnpm dev:api [--port N]`: sets up, builds, and serves http://localhost:8787 with a seeded demo.
 * State is kept in .local/ and .dev.vars; delete both to start anew.
 */
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.js";
import { whenLaunchersEnd } from "./dev/launchers.js";
import { localVars } from "./dev/local-vars.js";
import { lockState } from "./dev/lock.js";
import { describeKeys, seedControl, seedEvents } from "./dev/seed.js";
import { DevServer, LOCAL_FOLDER, LOG_FILE } from "./dev/wrangler.js";
import { UserError, runMain } from "./process.js";
import { setup } from "./setup.js";

const DEFAULT_PORT = 8787;

/** @returns {string | undefined} */
function portGiven() {
  try {
    return parseArgs({
      // `pnpm dev:api -- --port N` hands the dashes on.
      args: process.argv.slice(2).filter((arg) => arg !== "--"),
      options: { port: { type: "string", short: "p" } },
    }).values.port;
  } catch (error) {
    throw new UserError(`${/** @type {Error} */ (error).message}\nUsage: pnpm dev:api [--port N]`);
  }
}

/** @returns {number} */
function portWanted() {
  const text = portGiven() ?? process.env.PORT ?? String(DEFAULT_PORT);
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) {
    throw new UserError(`"${text}" is not a port. Give a number from 1 to 65535.`);
  }
  return port;
}

/**
 * @param {number} port
 * @returns {Promise<void>} rejects when something listens there
 */
function checkPort(port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      const reason = error.code === "EADDRINUSE" ? "is in use" : `cannot be used (${error.code})`;
      const advice = "Stop what uses it, or choose another: pnpm dev:api --port 8788";
      reject(new UserError(`Port ${port} ${reason}. ${advice}`));
    });
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve()));
  });
}

/**
 * Waits until the server answers.
 * @param {string} url
 * @param {DevServer} server
 */
async function untilHealthy(url, server) {
  let ended = false;
  void server.ended.then(() => (ended = true));
  for (const deadline = Date.now() + 60_000; Date.now() < deadline && !ended;) {
    const response = await fetch(`${url}/healthz`).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const what = ended ? "ended" : "does not answer";
  throw new UserError(`${server.recentOutput}\n\nThe server ${what}. Its log: ${LOG_FILE}`);
}

async function main() {
  const port = portWanted();
  await checkPort(port);
  mkdirSync(LOCAL_FOLDER, { recursive: true });
  await lockState(join(LOCAL_FOLDER, "server.sock"), port);
  setup("wasm");
  if (!(await build("wasm-release"))) throw new UserError("The build failed.");
  const vars = localVars();
  await seedControl(vars.PEPPER);

  const server = new DevServer(port);
  const stop = () => void server.stop();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, stop);
  whenLaunchersEnd(stop);
  try {
    const local = `http://127.0.0.1:${port}`;
    await untilHealthy(local, server);
    await seedEvents(local, vars.ADMIN_TOKEN);
    console.log(`\nReady on http://localhost:${port}\n\n${describeKeys()}\n`);
    await server.ended;
    throw new UserError(`${server.recentOutput}\n\nThe server ended. Its log: ${LOG_FILE}`);
  } catch (error) {
    const wanted = server.stopping;
    await server.stop();
    if (!wanted) throw error;
  }
}

await runMain(main);
