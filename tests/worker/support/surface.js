/**
 * What each kind of key is offered over MCP, with arguments that make sense for the demo's data.
 */
import { demoKeys } from "./seed.js";

const ACCOUNT_TOOLS = [
  "list_projects",
  "query_events",
  "get_stats",
  "top_sources",
  "funnel",
  "compare_projects",
];
const READ_TOOLS = ["query_events", "get_stats", "top_sources", "funnel"];

/**
 * @typedef {object} Surface
 * @property {string} kind of the key
 * @property {"/mcp" | "/mcp/account"} path
 * @property {string} key
 * @property {string[]} tools in the order in which they are listed
 * @property {string[]} resources
 */

/** @type {Surface[]} */
export const surfaces = [
  {
    kind: "sk",
    path: "/mcp",
    key: demoKeys.shop.sk,
    tools: [...READ_TOOLS, "track_event"],
    resources: ["events://recent", "schema://events"],
  },
  {
    kind: "rk",
    path: "/mcp",
    key: demoKeys.shop.rk,
    tools: READ_TOOLS,
    resources: ["events://recent", "schema://events"],
  },
  {
    kind: "ak",
    path: "/mcp/account",
    key: demoKeys.demo.ak,
    tools: ACCOUNT_TOOLS,
    resources: ["projects://all", "schema://events"],
  },
];

/**
 * Arguments for every tool, for which the demo has rows to answer with.
 *
 * @type {Record<string, Record<string, unknown>>}
 */
export const toolArguments = {
  list_projects: {},
  query_events: { limit: 5, event: ["$pageview", "purchase"] },
  get_stats: { metric: "uniques", group_by: ["source", "device_type"], interval: "day" },
  top_sources: { breakdown: "source", limit: 10 },
  funnel: { steps: ["$pageview", { event: "signup" }], window: "7d" },
  compare_projects: { metric: "uniques" },
  track_event: { event: "clients_test", anonymous_id: "visitor-1", properties: { n: 1 } },
};

/** @type {Record<string, Record<string, string>>} */
export const promptArguments = {
  weekly_report: {},
  traffic_diagnosis: {},
  conversion_audit: { steps: "$pageview, signup" },
  instrument_app: { framework: "react" },
};

/** What a completion of this beginning must offer, among others. */
export const completion = {
  ref: { type: /** @type {const} */ ("ref/prompt"), name: "conversion_audit" },
  argument: { name: "steps", value: "sign" },
  offers: "signup",
};
