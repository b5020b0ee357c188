/**
 * Who may do what, as the product promises it: every route with its methods, every way to present a
 * key, and what must come of each pair. Nothing here is read from the server.
 */
import { PAGE, secretOf, withWrongSecret } from "./tenants.js";

export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/**
 * @typedef {"ingest" | "read" | "forget" | "mcp" | "account" | "admin" | "public" | "nothing"} Scope
 *
 * @typedef {object} Route
 * @property {string} path
 * @property {Scope} scope
 * @property {Record<string, number>} methods each with the status of a success
 * @property {object} [body] of a POST
 */

const RANGE = "from=2026-01-01&to=2040-01-01";
const LIST = { jsonrpc: "2.0", id: 1, method: "tools/list" };
const ingest = { POST: 202, OPTIONS: 204 };
const mcp = { POST: 200, OPTIONS: 204 };
const page = { GET: 200, HEAD: 200 };

/** @type {Route[]} */
export const ROUTES = [
  { path: "/mcp", scope: "mcp", methods: mcp, body: LIST },
  { path: "/mcp/", scope: "mcp", methods: mcp, body: LIST },
  { path: "/mcp/account", scope: "account", methods: mcp, body: LIST },
  { path: "/v1/track", scope: "ingest", methods: ingest, body: { event: "a" } },
  { path: "/v1/batch", scope: "ingest", methods: ingest, body: { events: [{ event: "a" }] } },
  {
    path: "/v1/identify",
    scope: "ingest",
    methods: { ...ingest, POST: 200 },
    body: { anonymous_id: "a", user_id: "u" },
  },
  { path: "/v1/forget", scope: "forget", methods: { POST: 200 }, body: { user_id: "nobody" } },
  { path: `/v1/query?${RANGE}`, scope: "read", methods: { GET: 200 } },
  { path: `/v1/stats?${RANGE}`, scope: "read", methods: { GET: 200 } },
  { path: `/v1/sources?${RANGE}`, scope: "read", methods: { GET: 200 } },
  { path: `/v1/funnel?${RANGE}&steps=a,b`, scope: "read", methods: { GET: 200 } },
  { path: "/v1/a.js", scope: "public", methods: page },
  { path: "/openapi.json", scope: "public", methods: page },
  { path: "/healthz", scope: "public", methods: page },
  ...[
    "accounts",
    "accounts/acc_x",
    "projects",
    "projects/prj_x",
    "keys",
    "keys/ab12CD34",
    "usage",
    "import",
    "export",
    "retention",
    "nothing",
  ].map((name) => admin(`/admin/${name}`)),
  ...["/", "/v1", "/v1/nothing", "/mcp/nothing", "/V1/track", "//v1/track", "/v1/track/x"].map(
    nothing,
  ),
  ...["/register", "/.well-known/oauth-protected-resource", "/admin", "/admin/"].map(nothing),
];

/** @param {string} path @returns {Route} */
function admin(path) {
  return { path, scope: "admin", methods: {}, body: {} };
}

/** @param {string} path @returns {Route} */
function nothing(path) {
  return { path, scope: "nothing", methods: {}, body: {} };
}

/**
 * @typedef {import("./tenants.js").Kind} Kind
 * @typedef {Record<Kind, string>} KeySet
 *
 * @typedef {object} Credential
 * @property {string} name
 * @property {Record<string, string>} headers
 * @property {Kind | Refusal} is whom it proves, or why it proves nothing
 *
 * @typedef {"missing_bearer_token" | "malformed_api_key" | "invalid_api_key" | "key_kind_mismatch"}
 *   Refusal
 */

const KINDS = /** @type {Kind[]} */ (["pk", "sk", "rk", "ak"]);

/**
 * @param {KeySet} valid
 * @param {KeySet} revoked
 * @returns {Credential[]}
 */
export function credentials(valid, revoked) {
  const { sk } = valid;
  const secret = secretOf(sk);
  /** @type {(name: string, authorization: string, is: Credential["is"]) => Credential} */
  const bearer = (name, key, is) => ({ name, headers: { authorization: `Bearer ${key}` }, is });
  return [
    ...KINDS.map((kind) => bearer(`a ${kind} key`, valid[kind], kind)),
    ...KINDS.map((kind) => {
      const { name, headers, is } = bearer(`a ${kind} key on its page`, valid[kind], kind);
      return { name, headers: { ...headers, origin: PAGE }, is };
    }),
    {
      name: "a pk key on another page",
      headers: { authorization: `Bearer ${valid.pk}`, origin: `${PAGE}.evil.example` },
      is: "pk",
    },

    { name: "nothing", headers: {}, is: "missing_bearer_token" },
    ...["Basic", "Token", "Digest"].map((scheme) => ({
      name: `the scheme ${scheme}`,
      headers: { authorization: `${scheme} ${sk}` },
      is: /** @type {const} */ ("missing_bearer_token"),
    })),
    { name: "a key alone", headers: { authorization: sk }, is: "missing_bearer_token" },
    { name: "a scheme alone", headers: { authorization: "Bearer" }, is: "missing_bearer_token" },
    { name: "x-api-key", headers: { "x-api-key": sk }, is: "missing_bearer_token" },
    { name: "a cookie", headers: { cookie: `key=${sk}` }, is: "missing_bearer_token" },

    ...[
      "x",
      "undefined",
      sk.slice(0, sk.lastIndexOf(secret)),
      sk.replace("sk_", "xk_"),
      sk.replace("sk_", "SK_"),
      sk.replace("_live_", "_prod_"),
      `sk_live_short07_${secret}`,
      `sk_live_toolong09_${secret}`,
      `sk_live_hyph-en8_${secret}`,
      `sk_live_ab12CD34_${"s".repeat(23)}`,
      `sk_live_ab12CD34_${"s".repeat(65)}`,
      `${sk}.`,
      `${sk}\u00e9`,
      `${sk} ${sk}`,
      `${sk}, Bearer ${valid.rk}`,
      `"${sk}"`,
      encodeURIComponent(`${sk} `),
      "' OR '1'='1",
      "k".repeat(4000),
    ].map((key, at) => bearer(`malformed, way ${at + 1}`, key, "malformed_api_key")),

    ...KINDS.flatMap((kind) => [
      bearer(`a ${kind} key with a wrong secret`, withWrongSecret(valid[kind]), "invalid_api_key"),
      bearer(`a revoked ${kind} key`, revoked[kind], "invalid_api_key"),
      bearer(
        `a ${kind} key that was never minted`,
        `${kind}_live_ZZZZzzzz_${secret}`,
        "invalid_api_key",
      ),
      bearer(
        `a ${kind} key of another environment`,
        valid[kind].replace("_live_", "_test_"),
        "invalid_api_key",
      ),
    ]),
    bearer(
      "one key's prefix with another's secret",
      `${sk.slice(0, sk.lastIndexOf(secret))}${secretOf(valid.rk)}`,
      "invalid_api_key",
    ),

    ...KINDS.flatMap((real) =>
      KINDS.filter((shown) => shown !== real).map((shown) =>
        bearer(
          `a ${real} key shown as ${shown}`,
          valid[real].replace(`${real}_`, `${shown}_`),
          "key_kind_mismatch",
        ),
      ),
    ),
  ];
}

/** What a kind of key gets where it may not. */
const FORBIDDEN = {
  ingest: "insufficient_scope",
  read: "insufficient_scope",
  forget: "forget_requires_secret_key",
  mcp: "key_kind_not_allowed",
  account: "account_key_required",
};

/** @type {Record<keyof typeof FORBIDDEN, Kind[]>} */
const ALLOWED = {
  ingest: ["pk", "sk"],
  read: ["sk", "rk"],
  forget: ["sk"],
  mcp: ["sk", "rk"],
  account: ["ak"],
};

/**
 * @typedef {object} Expected
 * @property {number} status
 * @property {string} [error] of a refusal
 *
 * @param {Route} route
 * @param {string} method
 * @param {Credential} credential
 * @returns {Expected}
 */
export function expected({ scope, methods }, method, { is, headers }) {
  if (scope === "nothing") return { status: 404, error: "not_found" };
  if (scope === "admin") {
    const sent = headers.authorization?.trim() ?? "";
    return { status: 401, error: sent === "" ? "missing_bearer_token" : "invalid_api_key" };
  }
  const isMcp = scope === "mcp" || scope === "account";
  if (isMcp && headers.origin !== undefined) return { status: 403, error: "origin_not_allowed" };
  const success = methods[method];
  if (success === undefined) return { status: 405, error: "method_not_allowed" };
  if (scope === "public" || method === "OPTIONS") return { status: success };
  if (!isKind(is)) return { status: 401, error: is };
  if (!ALLOWED[scope].includes(is)) return { status: 403, error: FORBIDDEN[scope] };
  const page = is === "pk" && headers.origin !== PAGE;
  return page ? { status: 403, error: "origin_not_allowed" } : { status: success };
}

/** @param {Kind | Refusal} is @returns {is is Kind} */
const isKind = (is) => KINDS.includes(/** @type {any} */ (is));
