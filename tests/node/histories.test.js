/**
 * Random histories of a project on the built module, shared among as many threads as there are
 * processors. `MM_HISTORIES=n` runs more of them, `MM_SEED=n` others.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

const HISTORIES = Number(process.env.MM_HISTORIES ?? 10_000);
const SEED = Number(process.env.MM_SEED ?? 1);

test(`${HISTORIES} random histories: the answers are those of the model`, async () => {
  const step = Math.min(availableParallelism(), HISTORIES);
  const failures = await Promise.all(
    Array.from({ length: step }, async (_, part) => {
      const workerData = { first: SEED + part, end: SEED + HISTORIES, step };
      const worker = new Worker(new URL("./support/histories-worker.js", import.meta.url), {
        workerData,
      });
      const [failure] = await once(worker, "message");
      return failure;
    }),
  );
  assert.deepEqual(
    failures.filter((failure) => failure !== undefined),
    [],
  );
});
