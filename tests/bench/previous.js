/**
 * The server as it was before its store kept segments, with events as plain rows: built once into
 * the build folder, from the last commit that has it.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { inTree, root } from "../worker/support/root.js";

const run = promisify(execFile);
const COMMIT = "5a36c44";

/**
 * @returns {Promise<string | undefined>} the Worker's main module; nothing where the history does
 *   not reach back so far, as in a shallow clone or an archive
 */
export async function previousWorker() {
  const folder = inTree("build", `previous-${COMMIT}`);
  const worker = join(folder, "host-js", "worker.js");
  if (existsSync(join(folder, "build", "wasm-release", "millimetric.wasm"))) return worker;
  const known = await run("git", ["-C", root, "cat-file", "-e", `${COMMIT}^{commit}`]).catch(
    () => undefined,
  );
  if (known === undefined) return undefined;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const archive = join(folder, "tree.tar");
  await run("git", ["-C", root, "archive", "--output", archive, COMMIT]);
  await run("tar", ["-xf", archive, "-C", folder]);
  await rm(archive);
  await symlink(inTree("node_modules"), join(folder, "node_modules"));
  console.log(`building the previous store (${COMMIT}), once`);
  await run(process.execPath, [join(folder, "scripts", "build.js"), "wasm-release"], {
    maxBuffer: 64 << 20,
  });
  return worker;
}
