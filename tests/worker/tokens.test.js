/**
 * What the server costs a model's context, over the demo's data: descriptions, schemas, answers.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bareRequest, modernRequest } from "./support/requests.js";
import { surfaces } from "./support/surface.js";
import { startWorker } from "./support/worker.js";

/** A token is about four bytes. */
const MOST_LIST_BYTES = 6000 * 4;
const MOST_SCHEMA_BYTES = 8 * 1024;
const MOST_ANSWER_BYTES = 5000 * 4;
const MOST_INSTRUCTION_CHARACTERS = 2048; // some clients cut what is longer
/**
 * The default answer of query_events is fixed: 100 rows of 19 columns. Their names alone take
 * 25,000 bytes, so what is held is a row.
 */
const MOST_EVENT_BYTES = 700;

/** The fewest arguments that each tool takes. */
const MINIMAL = /** @type {Record<string, object>} */ ({
  funnel: { steps: ["$pageview", "signup"] },
  track_event: { event: "tokens_test" },
});

/** @type {import("./support/worker.js").RunningWorker} */
let worker;
before(async () => {
  worker = await startWorker({ events: true, now: Date.parse("2026-11-20T12:00:00.000Z") });
});
after(() => worker.dispose());

/** @param {string} text */
const bytes = (text) => Buffer.byteLength(text);

for (const { kind, path, key, tools } of surfaces) {
  /**
   * @param {import("./support/requests.js").Call} call
   * @param {typeof bareRequest} [make]
   */
  const ask = async (call, make = bareRequest) => {
    const response = await fetch(`${worker.url}${path}`, make(key, call));
    const text = await response.text();
    return { text, result: JSON.parse(text).result };
  };

  describe(`${kind} at ${path}`, () => {
    for (const make of [bareRequest, modernRequest]) {
      test(`tools/list is short, ${make.name}`, async (context) => {
        const { text, result } = await ask({ method: "tools/list" }, make);
        context.diagnostic(`${bytes(text)} bytes`);
        assert.ok(bytes(text) < MOST_LIST_BYTES, `${bytes(text)} bytes`);
        for (const { name, inputSchema } of result.tools) {
          const size = bytes(JSON.stringify(inputSchema));
          assert.ok(size < MOST_SCHEMA_BYTES, `${name}: ${size} bytes`);
        }
      });
    }

    test("instructions are short", async () => {
      const { result } = await ask({ method: "server/discover" });
      assert.ok(result.instructions.length <= MOST_INSTRUCTION_CHARACTERS);
    });

    for (const name of tools) {
      test(`the default answer of ${name} is short`, async (context) => {
        const call = { name, arguments: MINIMAL[name] ?? {} };
        const { result } = await ask({ method: "tools/call", params: call });
        const texts = result.content.map((/** @type {any} */ block) => block.text);
        const size = bytes(texts.join(""));
        context.diagnostic(`${size} bytes`);
        assert.notEqual(result.isError, true, texts[0]);
        if (name !== "query_events") {
          assert.ok(size < MOST_ANSWER_BYTES, `${size} bytes`);
          return;
        }
        const rows = JSON.parse(texts[0]);
        assert.equal(rows.length, 100, "the demo fills a page");
        assert.ok(size / rows.length <= MOST_EVENT_BYTES, `${size / rows.length} bytes a row`);
      });
    }
  });
}
