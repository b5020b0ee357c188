/** The schemas of /openapi.json against the bodies that the server takes. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { NOW, keyOf, startServer } from "./support/server.js";

/** @typedef {Record<string, any>} Schema */

/** @type {import("./support/server.js").Server} */
let server;
/** @type {Record<string, Schema>} */
let schemas;

before(async () => {
  server = startServer();
  const moment = { now: NOW, seed: new Uint8Array(32) };
  const { body } = await server.harness.fetch("GET", "/openapi.json", {}, "", moment);
  ({ schemas } = JSON.parse(new TextDecoder().decode(body)).components);
});
after(() => server.dispose());

/** @param {any} value */
const typeOf = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/**
 * As much of JSON Schema as the document uses for bodies.
 * @param {Schema} schema
 * @param {any} value
 * @returns {boolean}
 */
function allows(schema, value) {
  const type = typeOf(value);
  if (schema.type !== undefined && ![schema.type].flat().includes(type)) return false;
  if (type === "string") {
    const { minLength = 0, maxLength = Infinity, pattern = "" } = schema;
    const fits = value.length >= minLength && value.length <= maxLength;
    return fits && new RegExp(pattern, "u").test(value);
  }
  if (type !== "object") return true;
  const { required = [], properties = {}, oneOf } = schema;
  return (
    required.every((/** @type {string} */ name) => name in value) &&
    Object.entries(value).every(([name, member]) => allows(properties[name] ?? {}, member)) &&
    (oneOf === undefined ||
      oneOf.filter((/** @type {Schema} */ one) => allows(one, value)).length === 1)
  );
}

/** Values of a field that is sent, and of one that is not. */
const VALUES = ["a", "", "{}", "x".repeat(257), 7, null, true, {}, [], undefined];

/**
 * @param {string} name of the schema
 * @param {string} path
 * @param {object} base
 * @param {string[]} fields
 */
async function compare(name, path, base, fields) {
  for (const field of fields) {
    for (const value of VALUES) {
      const body = JSON.parse(JSON.stringify({ ...base, [field]: value }));
      const { status, text } = await server.post(path, keyOf("shopsk01"), body);
      const described = allows(schemas[name] ?? {}, body);
      assert.equal(status < 300, described, `${JSON.stringify(body)}: ${text}`);
    }
  }
}

test("an event may be what its schema says", async () => {
  const fields = ["event", "event_id", "anonymous_id", "user_id", "session_id", "properties"];
  await compare("Event", "/v1/track", { event: "seen", more: 1 }, [...fields, "path", "referrer"]);
  for (const context of [null, "{}", "a", {}, { ip: null }, { ip: 7 }, { ip: "::1", more: 1 }, 7]) {
    const body = { event: "seen", context };
    const { status, text } = await server.post("/v1/track", keyOf("shopsk01"), body);
    assert.equal(status < 300, allows(schemas.Event ?? {}, body), text);
  }
});

test("what identifies, or is to be forgotten, may be what its schema says", async () => {
  const ids = { anonymous_id: "a", user_id: "u" };
  const fields = Object.keys(ids);
  await compare("Identify", "/v1/identify", { ...ids, more: 1 }, [...fields, "traits"]);
  for (const base of [{}, ...fields.map((name) => ({ [name]: "a" })), ids, { more: 1 }])
    await compare("Forget", "/v1/forget", base, fields);
});
