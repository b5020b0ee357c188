/** The description at /openapi.json against the running Worker. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startWorker } from "./support/worker.js";

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
/** @type {any} */
let document;

before(async () => {
  worker = await startWorker();
  document = await (await fetch(`${worker.url}/openapi.json`)).json();
});
after(() => worker.dispose());

/** @param {string} path @param {RequestInit} [init] */
const call = (path, init = {}) =>
  fetch(worker.url + path, {
    ...init,
    headers: { authorization: `Bearer ${worker.keys.shop.sk}`, "content-type": "application/json" },
  });

test("every described path and method exists, and no other method of /v1 does", async () => {
  assert.equal(document.openapi, "3.1.0");
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const method of ["get", "post", "put", "delete"]) {
      const response = await call(path, { method: method.toUpperCase() });
      const described = method in methods;
      assert.equal(response.status === 405, !described, `${method} ${path}: ${response.status}`);
      assert.notEqual(response.status, 404, path);
    }
  }
});

test("every described parameter is taken, and none that is not described", async () => {
  for (const [path, { get }] of Object.entries(
    /** @type {Record<string, any>} */ (document.paths),
  )) {
    if (get === undefined) continue;
    for (const { name } of get.parameters) {
      const answer = await (await call(`${path}?${name}=%00`)).json();
      const message = answer.details?.fieldErrors?.[name]?.join() ?? "";
      assert.doesNotMatch(message, /unknown argument/, `${path} ${name}`);
    }
    const answer = await (await call(`${path}?nonsense=1`)).json();
    assert.match(answer.details.fieldErrors.nonsense.join(), /unknown argument/);
    const required = get.parameters.filter((/** @type {any} */ p) => p.required);
    assert.deepEqual(
      required
        .map((/** @type {any} */ p) => p.name)
        .filter((/** @type {string} */ n) => n !== "steps"),
      ["from", "to"],
    );
  }
});

test("a described success answers as described", async () => {
  /** @type {[string, RequestInit][]} */
  const calls = [
    ["/v1/track", { method: "POST", body: JSON.stringify({ event: "described" }) }],
    ["/v1/batch", { method: "POST", body: JSON.stringify({ events: [{ event: "described" }] }) }],
    [
      "/v1/identify",
      { method: "POST", body: JSON.stringify({ anonymous_id: "a", user_id: "u", traits: {} }) },
    ],
    ["/v1/forget", { method: "POST", body: JSON.stringify({ user_id: "u" }) }],
    ["/v1/query?from=2026-01-01&to=2026-01-02", { method: "GET" }],
    ["/v1/stats?from=2026-01-01&to=2026-01-02", { method: "GET" }],
    ["/v1/sources?from=2026-01-01&to=2026-01-02", { method: "GET" }],
    ["/v1/funnel?from=2026-01-01&to=2026-01-02&steps=a,b", { method: "GET" }],
  ];
  for (const [target, init] of calls) {
    const described = document.paths[target.split("?")[0]][String(init.method).toLowerCase()];
    const response = await call(target, init);
    const schema = described.responses[response.status]?.content["application/json"].schema;
    assert.ok(schema, `${target}: ${response.status}`);
    const body = await response.json();
    for (const name of schema.required) assert.ok(name in body, `${target}: ${name}`);
  }
});
