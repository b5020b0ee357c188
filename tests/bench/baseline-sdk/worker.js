/**
 * The same catalogue of tools served by the official SDK, the way its documentation shows it: zod
 * schemas, a factory that registers the tools, `createMcpHandler`, and a key check in front.
 * Stateless.
 *
 * The tools come from our own server's tools/list answer (binding CATALOGUE), so both servers list
 * the same. The zod schemas are made once, at start; turning them into JSON Schema again for every
 * answer is the SDK's own doing. With SCHEMAS "json" the schemas are registered as JSON Schema
 * through `fromJsonSchema`: the fastest that the SDK can be asked for.
 */
import { env } from "cloudflare:workers";
import { McpServer, createMcpHandler, fromJsonSchema } from "@modelcontextprotocol/server";
import * as z from "zod";

/**
 * @typedef {{ name: string, inputSchema: object, outputSchema: object }} ListedTool
 */
/** @type {{ CATALOGUE: ListedTool[], API_KEY: string, SCHEMAS: "zod" | "json" }} */
const { CATALOGUE, API_KEY, SCHEMAS } = env;

const schema = SCHEMAS === "json" ? fromJsonSchema : z.fromJSONSchema;

const tools = CATALOGUE.map(({ name, inputSchema, outputSchema, ...rest }) => ({
  name,
  config: { ...rest, inputSchema: schema(inputSchema), outputSchema: schema(outputSchema) },
}));

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "baseline", version: "1.0.0" });
  for (const { name, config } of tools) server.registerTool(name, config, emptyAnswer);
  return server;
});

export default {
  /** @param {Request} request */
  async fetch(request) {
    const key = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    if (key === undefined || !sameText(key, API_KEY)) {
      return Response.json({ error: "invalid_api_key" }, { status: 401 });
    }
    return handler.fetch(request);
  },
};

/** @returns {{ content: { type: "text", text: string }[], structuredContent: { rows: never[] } }} */
function emptyAnswer() {
  return { content: [{ type: "text", text: "[]" }], structuredContent: { rows: [] } };
}

/**
 * Compares in a time that does not depend on where the texts differ.
 *
 * @param {string} a
 * @param {string} b
 */
function sameText(a, b) {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
