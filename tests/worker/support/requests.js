/**
 * MCP requests as raw HTTP, for tests that look at what a client would hide.
 */

export const MODERN = "2026-07-28";

/**
 * @typedef {object} Call
 * @property {string} method
 * @property {Record<string, unknown>} [params]
 *
 * @typedef {object} HttpRequest what `fetch` takes as its second argument
 * @property {string} method
 * @property {Record<string, string>} headers
 * @property {string} body
 */

/**
 * A request of the newest revision: the version in the body, repeated with method and name in the
 * headers.
 *
 * @param {string} key
 * @param {Call} call
 * @param {string | number} [id]
 * @returns {HttpRequest}
 */
export function modernRequest(key, { method, params }, id = 1) {
  const name = method === "resources/read" ? params?.uri : params?.name;
  return {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": MODERN,
      "mcp-method": method,
      ...(typeof name === "string" ? { "mcp-name": name } : {}),
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id,
      method,
      params: {
        ...params,
        _meta: {
          "io.modelcontextprotocol/protocolVersion": MODERN,
          "io.modelcontextprotocol/clientCapabilities": {},
          "io.modelcontextprotocol/clientInfo": { name: "tests", version: "1.0.0" },
        },
      },
    }),
  };
}

/**
 * A bare request, as a `curl` sends it.
 *
 * @param {string} key
 * @param {Call} call
 * @param {string | number} [id]
 * @returns {HttpRequest}
 */
export function bareRequest(key, { method, params }, id = 1) {
  return {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
  };
}
