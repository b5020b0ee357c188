/**
 * The official clients against the running Worker: for both endpoints and every kind of key that may
 * use one, everything that is offered is used.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { flavours } from "./support/clients.js";
import { inspect } from "./support/inspector.js";
import { completion, promptArguments, surfaces, toolArguments } from "./support/surface.js";
import { startWorker } from "./support/worker.js";

/** @type {import("./support/worker.js").RunningWorker} */
let worker;
/** @type {string} */
let home;

before(async () => {
  worker = await startWorker({ events: true });
  home = await mkdtemp(join(tmpdir(), "millimetric-inspector-"));
});
after(async () => {
  await worker.dispose();
  await rm(home, { recursive: true });
});

for (const surface of surfaces) {
  const { kind, path, key, tools, resources } = surface;

  for (const flavour of flavours) {
    describe(`${flavour.name}, ${kind} at ${path}`, () => {
      /** @type {import("./support/clients.js").AnyClient} */
      let client;
      /** @type {string | undefined} */
      let era;

      before(async () => {
        ({ client, era } = await flavour.connect(`${worker.url}${path}`, key));
      });
      after(() => client.close());

      test("connects in the era that it is meant to, with instructions", () => {
        assert.equal(era, flavour.era);
        assert.ok((client.getInstructions() ?? "").length > 0);
      });

      test("lists the key's tools and calls each", async () => {
        const listed = (await client.listTools()).tools;
        assert.deepEqual(
          listed.map((tool) => tool.name),
          tools,
        );
        for (const tool of listed) {
          // The client checks structuredContent against the tool's outputSchema, and throws.
          assert.ok(tool.outputSchema, `${tool.name} has an output schema`);
          const result = await client.callTool({
            name: tool.name,
            arguments: toolArguments[tool.name],
          });
          checkResult(tool.name, result);
        }
      });

      test("reads every resource", async () => {
        const listed = (await client.listResources()).resources;
        assert.deepEqual(
          listed.map((resource) => resource.uri),
          resources,
        );
        for (const { uri } of listed) checkResource(uri, await client.readResource({ uri }));
      });

      test("gets every prompt", async () => {
        const listed = (await client.listPrompts()).prompts;
        assert.deepEqual(
          listed.map((prompt) => prompt.name),
          Object.keys(promptArguments),
        );
        for (const { name } of listed) {
          checkPrompt(name, await client.getPrompt({ name, arguments: promptArguments[name] }));
        }
      });

      test("completes an argument", async () => {
        const { ref, argument, offers } = completion;
        const answer = await client.complete({ ref, argument });
        assert.ok(answer.completion.values.includes(offers), JSON.stringify(answer));
      });
    });
  }

  for (const era of /** @type {const} */ (["modern", "legacy"])) {
    // Each call is a process of its own, so they run at once.
    describe(`Inspector, ${era}, ${kind} at ${path}`, { concurrency: 4 }, () => {
      /** @param {string[]} args method first */
      const ask = ([method, ...args]) =>
        inspect({ url: `${worker.url}${path}`, key, era, home }, method, ...args);

      test("lists everything", async () => {
        // --strict fails for a schema that some hosts would not take.
        const listed = await ask(["tools/list", "--strict"]);
        assert.deepEqual(names(listed.tools), tools);
        assert.deepEqual(
          (await ask(["resources/list"])).resources.map((/** @type {any} */ r) => r.uri),
          resources,
        );
        assert.deepEqual(
          names((await ask(["prompts/list"])).prompts),
          Object.keys(promptArguments),
        );
      });

      for (const name of tools) {
        test(`calls ${name}`, async () => {
          const args = JSON.stringify(toolArguments[name]);
          checkResult(
            name,
            await ask(["tools/call", "--tool-name", name, "--tool-args-json", args]),
          );
        });
      }
      for (const uri of resources) {
        test(`reads ${uri}`, async () => {
          checkResource(uri, await ask(["resources/read", "--uri", uri]));
        });
      }
      for (const [name, values] of Object.entries(promptArguments)) {
        test(`gets ${name}`, async () => {
          const pairs = Object.entries(values).map(([argument, value]) => `${argument}=${value}`);
          const args = pairs.length > 0 ? ["--prompt-args", ...pairs] : [];
          checkPrompt(name, await ask(["prompts/get", "--prompt-name", name, ...args]));
        });
      }
    });
  }
}

/** @param {{ name: string }[]} items */
const names = (items) => items.map((item) => item.name);

/**
 * @param {string} name of the tool
 * @param {any} result
 */
function checkResult(name, result) {
  assert.notEqual(result.isError, true, `${name}: ${JSON.stringify(result.content)}`);
  const text = JSON.parse(result.content[0].text);
  if (name === "track_event") {
    assert.equal(text.ok, true);
    assert.deepEqual(result.structuredContent, text);
    return;
  }
  assert.deepEqual(result.structuredContent.rows, text);
  assert.ok(text.length > 0, `${name} has rows over the demo`);
}

/**
 * @param {string} uri
 * @param {{ contents: any[] }} result
 */
function checkResource(uri, { contents }) {
  assert.equal(contents.length, 1);
  assert.equal(contents[0].uri, uri);
  assert.equal(contents[0].mimeType, "application/json");
  assert.notEqual(JSON.parse(contents[0].text).length, 0, `${uri} has something to say`);
}

/**
 * @param {string} name
 * @param {{ messages: any[] }} result
 */
function checkPrompt(name, { messages }) {
  assert.equal(messages[0].role, "user");
  const { text } = messages[0].content;
  assert.match(text, /query_events|get_stats|top_sources|funnel|track/, `${name} names its tools`);
  for (const value of Object.values(promptArguments[name])) {
    assert.ok(text.includes(value.split(",")[0]), `${name} takes up its argument`);
  }
}
