/**
 * The official TypeScript clients, connected to a running Worker.
 */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const INFO = { name: "clients-test", version: "1.0.0" };

/**
 * What the tests use of a client; both generations have it.
 *
 * @typedef {object} AnyClient
 * @property {() => Promise<{ tools: any[] }>} listTools
 * @property {(call: { name: string, arguments: Record<string, unknown> }) => Promise<any>} callTool
 * @property {() => Promise<{ resources: any[] }>} listResources
 * @property {(read: { uri: string }) => Promise<{ contents: any[] }>} readResource
 * @property {() => Promise<{ prompts: any[] }>} listPrompts
 * @property {(get: { name: string, arguments?: Record<string, string> }) => Promise<any>} getPrompt
 * @property {(params: any) => Promise<any>} complete
 * @property {() => string | undefined} getInstructions
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Flavour
 * @property {string} name
 * @property {"modern" | "legacy"} era the era that the connection must end up in
 * @property {(url: string, key: string) => Promise<{ client: AnyClient, era: string | undefined }>}
 *   connect
 */

/** @type {Flavour[]} */
export const flavours = [
  { name: "client, auto", era: "modern", connect: (url, key) => connect(url, key, "auto") },
  { name: "client, legacy", era: "legacy", connect: (url, key) => connect(url, key, "legacy") },
  { name: "sdk 1.x", era: "legacy", connect: connectV1 },
];

/**
 * @param {string} url
 * @param {string} key
 * @param {"auto" | "legacy"} mode
 */
async function connect(url, key, mode) {
  const client = new Client(INFO, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: auth(key) }));
  return { client: /** @type {AnyClient} */ (client), era: client.getProtocolEra() };
}

/**
 * @param {string} url
 * @param {string} key
 */
async function connectV1(url, key) {
  const client = new ClientV1(INFO);
  await client.connect(
    /** @type {any} */ (new TransportV1(new URL(url), { requestInit: auth(key) })),
  );
  return { client: /** @type {AnyClient} */ (/** @type {unknown} */ (client)), era: "legacy" };
}

/** @param {string} key */
const auth = (key) => ({ headers: { authorization: `Bearer ${key}` } });
