/** Calls of MCP and REST for suites that look at the answer's bytes. */
import assert from "node:assert/strict";
import { PRIVATE } from "./tenants.js";

/** A range around everything that the suites send. */
export const RANGE = { from: "2020-01-01", to: "2040-01-01" };

/**
 * @typedef {object} Got
 * @property {number} status
 * @property {string} text the body
 * @property {any} json the body, if it is JSON
 */

/**
 * @param {string} url
 * @param {RequestInit} init
 * @returns {Promise<Got>}
 */
async function send(url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  return { status: response.status, text, json: isJson ? JSON.parse(text) : undefined };
}

/** @param {string} key */
const headers = (key) => ({
  authorization: `Bearer ${key}`,
  "content-type": "application/json",
  "user-agent": PRIVATE.agent,
  "cf-connecting-ip": PRIVATE.address,
});

/**
 * One JSON-RPC request to /mcp, or to /mcp/account for an account's key.
 *
 * @param {string} url
 * @param {string} key
 * @param {string} method
 * @param {object} [params]
 */
export function rpc(url, key, method, params) {
  const path = key.startsWith("ak_") ? "/mcp/account" : "/mcp";
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  return send(url + path, { method: "POST", headers: headers(key), body });
}

/**
 * @param {string} url
 * @param {string} key
 * @param {string} name
 * @param {object} given
 */
export const tool = (url, key, name, given) =>
  rpc(url, key, "tools/call", { name, arguments: given });

/**
 * @param {string} url
 * @param {string} key
 * @param {string} path below /v1
 * @param {object | string | Uint8Array} body
 */
export function post(url, key, path, body) {
  const plain = typeof body === "string" || body instanceof Uint8Array;
  return send(`${url}/v1/${path}`, {
    method: "POST",
    headers: headers(key),
    body: plain ? /** @type {any} */ (body) : JSON.stringify(body),
  });
}

/**
 * @param {string} url
 * @param {string} key
 * @param {string} path below /v1
 * @param {Record<string, string>} parameters beside the range
 */
export function get(url, key, path, parameters) {
  const query = new URLSearchParams({ ...RANGE, ...parameters });
  return send(`${url}/v1/${path}?${query}`, { headers: headers(key) });
}

/**
 * @param {string} url
 * @param {string} key
 * @param {object[]} events
 */
export async function store(url, key, events) {
  const got = await post(url, key, "batch", { events });
  assert.equal(got.status, 202, got.text);
  return got.json;
}
