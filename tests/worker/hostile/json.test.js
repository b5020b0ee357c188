/** Bodies that are no UTF-8, which the cases of tests/data cannot hold. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { post } from "./support/calls.js";
import { startWorld } from "./support/tenants.js";

/** @type {Record<string, number[]>} bytes that stand inside of a string */
const BYTES = {
  "a continuation byte alone": [0x80],
  "a first byte alone": [0xc3],
  "a byte that is never in UTF-8": [0xff],
  "a letter in Latin-1": [0xe9],
  "two bytes for a slash": [0xc0, 0xaf],
  "three bytes for a slash": [0xe0, 0x80, 0xaf],
  "two bytes for a NUL": [0xc0, 0x80],
  "six bytes for one code point": [0xfc, 0x83, 0xbf, 0xbf, 0xbf, 0xbf],
  "a surrogate in UTF-8": [0xed, 0xa0, 0x80],
  "a code point behind the last one": [0xf4, 0x90, 0x80, 0x80],
  "three of four bytes": [0xf0, 0x9f, 0x9a],
};

/** @type {import("./support/tenants.js").World} */
let world;
/** @type {import("./support/tenants.js").Project} */
let project;
before(async () => {
  world = await startWorld();
  [project] = (await world.tenant("Acme", "business", ["site"])).projects;
});
after(() => world.end());

/** @param {string} before @param {number[]} bytes @param {string} after */
const joined = (before, bytes, after) =>
  Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);

/** @param {Uint8Array} body */
async function refused(body) {
  const { sk } = project.keys;
  const track = await post(world.url, sk, "track", body);
  assert.deepEqual([track.status, track.json.error], [400, "invalid_payload"]);
  assert.match(track.json.error_description, /not valid JSON/);
  const response = await fetch(`${world.url}/mcp`, {
    method: "POST",
    headers: { authorization: `Bearer ${sk}`, "content-type": "application/json" },
    body: /** @type {any} */ (body),
  });
  const { error } = /** @type {any} */ (await response.json());
  assert.deepEqual([response.status, error.code], [400, -32700]);
}

describe("no UTF-8", () => {
  for (const [name, bytes] of Object.entries(BYTES)) {
    test(`${name}: refused in a value, in a key and by itself`, async () => {
      await refused(joined('{"event":"a', bytes, 'b"}'));
      await refused(joined('{"event":"a","', bytes, '":1}'));
      await refused(joined("", bytes, ""));
    });
  }

  test("UTF-16 and UTF-32 are refused, with a mark and without", async () => {
    const text = '{"event":"a"}';
    const little = Buffer.from(text, "utf16le");
    const big = Buffer.from(little).swap16();
    const wide = Buffer.concat([...text].map((c) => Buffer.from([c.charCodeAt(0), 0, 0, 0])));
    for (const body of [little, big, wide]) await refused(body);
    await refused(Buffer.concat([Buffer.from([0xff, 0xfe]), little]));
    await refused(Buffer.concat([Buffer.from([0xfe, 0xff]), big]));
  });
});
