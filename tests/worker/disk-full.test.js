/**
 * The disk is full: the runtime may not make its files larger (a limit of the system's, which it meets
 * as it would meet the end of the disk). What comes in is refused, nothing acknowledged is lost,
 * questions are answered, and with room again events come in again.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";

import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Ledger, send } from "./support/ledger.js";
import { runtimeProcess } from "./support/processes.js";
import { startWorker } from "./support/worker.js";

const SHOP = "prj_shop";
const REFUSALS = 5;
const MOST_TRIES = 200;

/** The runtime that miniflare starts. */
const workerd = createRequire(import.meta.resolve("miniflare"))("workerd").default;

/** @type {string} */
let directory;
/** @type {import("./support/worker.js").RunningWorker} */
let worker;
const ledger = new Ledger(SHOP);
let made = 0;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "millimetric-disk-full-"));
  // The system ends a process that passes the limit, unless it ignores the signal.
  const runtime = join(directory, "workerd");
  await writeFile(runtime, `#!/bin/sh\ntrap '' XFSZ\nexec "${workerd}" "$@"\n`);
  await chmod(runtime, 0o755);
  process.env.MINIFLARE_WORKERD_PATH = runtime;
  worker = await startWorker({ persist: join(directory, "state") });
  delete process.env.MINIFLARE_WORKERD_PATH;
});
after(async () => {
  await worker?.dispose();
  await rm(directory, { recursive: true });
});

/** @param {number | "unlimited"} bytes */
const limitFiles = (bytes) =>
  execFileSync("prlimit", ["--pid", String(runtimeProcess()), `--fsize=${bytes}:unlimited`]);

/** The size of the largest file of the stores; those of the control plane are far smaller. */
async function largestFile() {
  const state = join(directory, "state", "do");
  const names = await readdir(state, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(state, name))).size));
  return Math.max(...sizes);
}

/** @param {number} count */
const newEvents = (count) =>
  Array.from({ length: count }, () => ({
    event: "e",
    event_id: `id-${++made}`,
    timestamp: new Date().toISOString(),
  }));

async function counted() {
  const query = `from=${new Date(Date.now() - 86_400_000).toISOString()}&to=2999-01-01`;
  const headers = { authorization: `Bearer ${worker.keys.shop.rk}` };
  const response = await fetch(`${worker.url}/v1/stats?${query}`, { headers });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text).rows[0].value;
}

/**
 * A write that fails, of merging too, makes the runtime begin the object anew; a question that meets
 * that is answered when it is asked again.
 *
 * @template T
 * @param {() => Promise<T>} ask
 */
async function askedAgain(ask) {
  for (let left = 9; ; --left) {
    try {
      return await ask();
    } catch (error) {
      if (left === 0 || !String(error).includes("upstream_failed")) throw error;
    }
  }
}

test(
  "what does not fit is refused, all else goes on",
  { skip: process.platform !== "linux" },
  async (t) => {
    for (let i = 0; i < 7; ++i) {
      assert.equal((await ledger.import(worker, newEvents(500))).status, 200);
    }
    await ledger.check(worker);

    limitFiles(await largestFile());
    let refusals = 0;
    let tries = 0;
    for (; refusals < REFUSALS && tries < MOST_TRIES; ++tries) {
      const { status, text } = await ledger.import(worker, newEvents(100));
      if (status === 200) continue; // there was still room in what the files have by now
      refusals += 1;
      assert.ok(status >= 500, `${status} ${text}`);
      assert.deepEqual(Object.keys(JSON.parse(text)), ["error", "error_description"]);
      await askedAgain(() => ledger.check(worker));
      assert.ok((await askedAgain(counted)) >= ledger.kept.size);
    }
    assert.equal(refusals, REFUSALS);
    // A single one may find room; then it is kept.
    const [single] = newEvents(1);
    const tracked = await send(worker, "/v1/track", worker.keys.shop.sk, single);
    assert.ok(tracked.status === 202 || tracked.status >= 500, tracked.text);
    if (tracked.status === 202) ledger.acknowledged([single]);
    else ledger.unsure.set(single.event_id, single);
    const forgotten = await send(worker, "/v1/forget", worker.keys.shop.sk, { user_id: "nobody" });
    assert.ok(forgotten.status >= 500, forgotten.text);
    t.diagnostic(`${refusals} of ${tries} imports refused`);

    limitFiles("unlimited");
    const again = await ledger.import(worker, [...ledger.unsure.values(), ...newEvents(100)]);
    assert.equal(again.status, 200, again.text);
    assert.equal(ledger.unsure.size, 0);
    await ledger.check(worker);
    assert.equal(await counted(), ledger.kept.size);
  },
);
