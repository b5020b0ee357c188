/** Two development servers of one working copy would count events twice: the second one is refused. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { lockState } from "../../scripts/dev/lock.js";

const MODULE = new URL("../../scripts/dev/lock.js", import.meta.url).href;

/** @param {import("node:test").TestContext} t */
function socketFile(t) {
  const folder = mkdtempSync(join(tmpdir(), "millimetric-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "server.sock");
}

test("while one serves, another is refused and told where", async (t) => {
  const file = socketFile(t);
  const unlock = await lockState(file, 8787);
  await assert.rejects(lockState(file, 8788), /runs already, on port 8787/);
  await unlock();
  await (
    await lockState(file, 8788)
  )();
});

test("one that was killed holds nothing", async (t) => {
  const file = socketFile(t);
  const code = `import { lockState } from ${JSON.stringify(MODULE)};
    await lockState(${JSON.stringify(file)}, 8787);
    console.log("locked");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(/** @type {import("node:stream").Readable} */ (child.stdout), "data");
  await assert.rejects(lockState(file, 8788), /on port 8787/);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.ok(existsSync(file), "its socket is still there");
  await (
    await lockState(file, 8788)
  )();
});
