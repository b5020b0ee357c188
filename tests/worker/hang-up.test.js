/** Clients that hang up while their request is under way: nobody else may notice. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { inTree } from "./support/root.js";
import { ADMIN_TOKEN, startWorker } from "./support/worker.js";

const HOLD_MS = 400;
const HANG_UP_MS = 150;

/** @type {import("./support/worker.js").RunningWorker} */
let worker;
before(async () => {
  worker = await startWorker({
    entry: inTree("tests", "worker", "support", "entries", "held.js"),
  });
});
after(() => worker?.dispose());

const hold = (/** @type {number} */ ms) =>
  fetch(`${worker.url}/__test/hold`, { method: "PUT", body: String(ms) });

const PATH = "/admin/import?project=prj_shop";

/** @param {string} name of the events, nearly a megabyte of them */
const largeBody = (name) =>
  JSON.stringify({
    events: Array.from({ length: 130 }, (_, i) => ({
      event: name,
      event_id: `${name}-${i}`,
      properties: { text: "x".repeat(7500) },
    })),
  });

/**
 * Sends a request, and ends the connection without waiting for the answer.
 *
 * @param {string} body
 */
function hangUp(body) {
  const { hostname, port } = new URL(worker.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on("close", resolve);
    socket.write(
      [
        `POST ${PATH} HTTP/1.1`,
        "Host: a",
        `Authorization: Bearer ${ADMIN_TOKEN}`,
        "Content-Type: application/json",
        `Content-Length: ${body.length}`,
        "",
        body,
      ].join("\r\n"),
    );
    setTimeout(() => socket.resetAndDestroy(), HANG_UP_MS);
  });
}

/** @param {string} body */
async function send(body) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" };
  const response = await fetch(worker.url + PATH, { method: "POST", headers, body });
  return { status: response.status, body: /** @type {any} */ (await response.json()) };
}

test("large bodies of clients that hung up do not keep others from their turn", async () => {
  assert.equal((await send(largeBody("first"))).status, 200); // so that nothing has to be made yet
  await hold(HOLD_MS);
  await Promise.all(Array.from({ length: 4 }, (_, i) => hangUp(largeBody(`left-${i}`))));
  await hold(0);
  await sleep(2 * HOLD_MS);
  const began = performance.now();
  assert.deepEqual(await send(largeBody("next")), {
    status: 200,
    body: { ok: true, count: 130, duplicates: 0 },
  });
  const took = performance.now() - began;
  assert.ok(took < 5000, `${took} ms`);
  // What was begun comes to its end: sent again, it is there.
  assert.equal((await send(largeBody("left-0"))).body.duplicates, 130);
});
