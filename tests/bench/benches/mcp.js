/**
 * Requests per second of the MCP endpoint, against the same catalogue on the official SDK and
 * against a Worker that does nothing. Every contender is sent the same request.
 */
import { isDeepStrictEqual } from "node:util";
import { rpc, shot, toolCall, toolsListCall } from "../calls.js";
import { catalogue } from "../contenders.js";
import { row } from "../report.js";
import { alternate } from "../rounds.js";

/** @type {import("./index.js").Bench} */
export const toolsList = {
  rows: [
    "mcp.tools_list.rps.vs_sdk",
    "mcp.tools_list.rps.vs_sdk_json_schema",
    "mcp.tools_list.rps.vs_hello",
  ],
  async run({ contenders, seconds, note }) {
    const [ours, sdk, sdkJson, hello] = await Promise.all([
      contenders.get("ours"),
      contenders.get("sdk"),
      contenders.get("sdk-json"),
      contenders.get("hello"),
    ]);
    const tools = await catalogue(ours);
    if (tools.length !== 5) throw new Error(`5 tools expected, our server lists ${tools.length}`);
    note(`tools/list: ${tools.length} tools, ${size(tools)} bytes`);
    await checkEqual(tools, await catalogue(sdk));
    await checkEqual(tools, await catalogue(sdkJson));
    await checkHello(hello);

    const rps = await alternate(
      {
        ours: shot(ours, toolsListCall),
        sdk: shot(sdk, toolsListCall),
        sdkJson: shot(sdkJson, toolsListCall),
        hello: shot(hello, toolsListCall),
      },
      seconds,
    );
    const [vsSdk, vsSdkJson, vsHello] = this.rows;
    return [
      row(vsSdk, rps.ours, "requests/s", "@modelcontextprotocol/server", rps.sdk),
      row(vsSdkJson, rps.ours, "requests/s", "the same without zod", rps.sdkJson),
      row(vsHello, rps.ours, "requests/s", "hello world Worker", rps.hello),
    ];
  },
};

/** @type {import("./index.js").Bench} */
export const topSources = {
  rows: ["mcp.top_sources.rps.vs_hello"],
  async run({ contenders, seconds, note }) {
    const [ours, hello] = await Promise.all([contenders.get("ours"), contenders.get("hello")]);
    const call = toolCall("top_sources");
    const { rows, meta } = (await rpc(ours, call)).structuredContent;
    const counted = (await rpc(ours, toolCall("get_stats", { from: meta.from, to: meta.to })))
      .structuredContent.rows;
    const events = sum(rows.map((/** @type {{ events: number }} */ r) => r.events));
    note(`top_sources: ${rows.length} rows over ${events} events`);
    if (rows.length === 0 || events !== counted[0].value) {
      throw new Error(`top_sources adds up to ${events}, get_stats counts ${counted[0].value}`);
    }
    await checkHello(hello);

    const rps = await alternate({ ours: shot(ours, call), hello: shot(hello, call) }, seconds);
    return [row(this.rows[0], rps.ours, "requests/s", "hello world Worker", rps.hello)];
  },
};

/** @param {import("../contenders.js").Contender} hello */
async function checkHello(hello) {
  const text = await (await fetch(hello.url)).text();
  if (text !== "Hello World!") throw new Error(`the hello world Worker said ${text}`);
}

/**
 * The SDK may write a schema in other words, zod's, but it must be the same tools and as much text.
 *
 * @param {any[]} ours
 * @param {any[]} theirs
 */
async function checkEqual(ours, theirs) {
  const told = (/** @type {any[]} */ tools) =>
    tools.map(({ name, title, description, annotations }) => ({
      name,
      title,
      description,
      annotations,
    }));
  const ratio = size(theirs) / size(ours);
  if (!isDeepStrictEqual(told(ours), told(theirs)) || ratio < 0.8 || ratio > 1.25) {
    throw new Error(`the SDK's server lists other tools: ${JSON.stringify(theirs)}`);
  }
}

/** @param {unknown} value */
const size = (value) => JSON.stringify(value).length;

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
