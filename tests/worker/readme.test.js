/**
 * The README's examples, run as they stand there against the Worker with the demo's events: a block
 * `sh example`, and the `text` block behind it with what it prints ("..." for what varies).
 */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { inTree } from "./support/root.js";
import { startWorker } from "./support/worker.js";

const run = promisify(execFile);
const LOCAL = "http://localhost:8787";

const examples = [
  ...readFileSync(inTree("README.md"), "utf8").matchAll(
    /^```sh example\n([^]*?)^```\n\s*^```text\n([^]*?)^```$/gm,
  ),
].map(([, command, printed]) => ({ command, printed: printed.trim() }));

/** @param {string} command */
function nameOf(command) {
  const patterns = [/"name":"(\w+)"/, /"method":"([^"]+)"/, /(\/v1\/\w+)/];
  return patterns.map((part) => part.exec(command)?.[1]).find(Boolean) ?? command;
}

/** @param {string} printed text in which "..." stands for anything within a line */
function pattern(printed) {
  const parts = printed.split("...").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`);
}

test("the README has examples, each with what it prints", () => {
  const readme = readFileSync(inTree("README.md"), "utf8");
  assert.ok(examples.length >= 8);
  assert.equal(examples.length, readme.split("```sh example").length - 1);
});

const missing = ["sh", "curl", "grep"].filter((name) => spawnSync(name, ["--version"]).error);

// The demo gives the same figures whatever the day and hour of the day of seeding.
for (const now of ["2026-11-20T15:30:00.000Z", "2027-03-01T01:00:00.000Z"]) {
  describe(`examples of the README at ${now}`, () => {
    const start = Date.parse(now);
    /** @type {import("./support/worker.js").RunningWorker} */
    let worker;
    before(async () => {
      worker = await startWorker({ now: start, events: true });
    });
    after(() => worker.dispose());

    for (const [index, { command, printed }] of examples.entries()) {
      const skip = missing.length > 0 && `${missing.join(", ")} missing`;
      test(nameOf(command), { skip }, async () => {
        assert.ok(command.includes(LOCAL), "an example asks the local server");
        await worker.setNow(start + index * 1000);
        const { stdout } = await run("sh", ["-c", command.replaceAll(LOCAL, worker.url)]);
        const got = stdout.trim();
        if (!pattern(printed).test(got)) assert.equal(got, printed);
      });
    }
  });
}
