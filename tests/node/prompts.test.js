/**
 * The calls that prompts spell out: each can be made as it stands, and asks of the project that the
 * prompt is about.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startServer } from "./support/server.js";

const KEY = "demoak01";
const ARGUMENTS = { project: "shop", source: "facebook", steps: "signup_started,signup" };
const CALL = /\b(query_events|get_stats|top_sources|funnel)\b|\{[^{}]*\}/g;

/** @type {import("./support/server.js").Server} */
let server;
before(() => {
  server = startServer();
});
after(() => server.dispose());

/**
 * The tool named last before each object of arguments, and the arguments.
 *
 * @param {string} text
 */
function callsOf(text) {
  let tool = "";
  const calls = [];
  for (const [found] of text.matchAll(CALL)) {
    if (!found.startsWith("{")) tool = found;
    else calls.push({ tool, given: JSON.parse(found.replaceAll("<column>", "path")) });
  }
  return calls;
}

/** @param {{ name: string, arguments: { name: string }[] }} prompt */
async function render(prompt) {
  const given = Object.fromEntries(
    prompt.arguments.map(({ name }) => [name, ARGUMENTS[/** @type {"project"} */ (name)]]),
  );
  const got = await server.rpc(KEY, "prompts/get", { name: prompt.name, arguments: given });
  return got.json.result.messages[0].content.text;
}

describe("prompts about a project", () => {
  /** @type {{ name: string, arguments: { name: string }[] }[]} */
  let prompts;
  before(async () => {
    const listed = await server.rpc(KEY, "prompts/list");
    prompts = listed.json.result.prompts.filter((/** @type {typeof prompts[0]} */ p) =>
      p.arguments.some(({ name }) => name === "project"),
    );
  });

  test("are three", () => {
    const names = prompts.map(({ name }) => name);
    assert.deepEqual(names, ["weekly_report", "traffic_diagnosis", "conversion_audit"]);
  });

  test("name it, and a range, in every call that they spell out", async () => {
    for (const prompt of prompts) {
      const text = await render(prompt);
      assert.doesNotMatch(text, /\.\.\./);
      const calls = callsOf(text);
      assert.ok(calls.length > 0, text);
      for (const { given } of calls) {
        assert.equal(given.project_slug, "shop", JSON.stringify(given));
        assert.ok(Date.parse(given.from) < Date.parse(given.to), JSON.stringify(given));
      }
    }
  });

  test("name the source, where there is one, in every call", async () => {
    const diagnosis = prompts.find(({ name }) => name === "traffic_diagnosis");
    assert.ok(diagnosis);
    for (const { given } of callsOf(await render(diagnosis))) {
      assert.equal(given.source, "facebook", JSON.stringify(given));
    }
  });

  test("spell out calls that are taken as they stand", async () => {
    for (const prompt of prompts) {
      for (const { tool, given } of callsOf(await render(prompt))) {
        const got = await server.rpc(KEY, "tools/call", { name: tool, arguments: given });
        assert.ok(got.json.result && !got.json.result.isError, `${tool} ${got.text}`);
      }
    }
  });
});
