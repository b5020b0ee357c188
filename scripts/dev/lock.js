/**
 * One development server per working copy: two of them would write the same state, each without
 * knowing of the other's events. Who serves it listens on a socket in its folder, which ends with the
 * process, however that ends.
 */
import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { relative } from "node:path";
import { text } from "node:stream/consumers";
import { UserError } from "../process.js";

/**
 * @param {string} file the socket, in a folder that is there
 * @param {number} port that is served
 * @returns {Promise<() => Promise<void>>} lets others in again
 * @throws {UserError} when another process serves this state
 */
export async function lockState(file, port) {
  // A socket's whole path may have a hundred characters only.
  const path = relative(process.cwd(), file);
  const server = createServer((connection) => connection.end(String(port)));
  try {
    await listen(server, path);
  } catch {
    const other = await portOf(path);
    if (other !== undefined) {
      throw new UserError(
        `The development server of this working copy runs already, on port ${other}: two of them ` +
          "would write the same state. Stop it first, or use a second copy.",
      );
    }
    // Of a process that was killed.
    rmSync(path, { force: true });
    await listen(server, path);
  }
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/**
 * @param {import("node:net").Server} server
 * @param {string} path
 */
async function listen(server, path) {
  server.listen(path);
  await once(server, "listening");
}

/**
 * @param {string} path
 * @returns {Promise<string | undefined>} what the process there says; nothing where there is none
 */
async function portOf(path) {
  const connection = connect(path);
  return text(connection).catch(() => undefined);
}
