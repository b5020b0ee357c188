/**
 * The cases: what a runner in JavaScript needs of them. See README.md for the format.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { LOCAL_ORIGINS } from "../../scripts/dev/local-vars.js";

/**
 * @typedef {object} Expectation
 * @property {number} status
 * @property {Record<string, string>} headers those that must be there, with these values
 * @property {string} body the exact text
 *
 * @typedef {object} CaseRequest
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} [headers]
 * @property {unknown} [body] sent as compact JSON
 * @property {string} [text] sent as it is
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {string} [at] when, if not at the file's time
 * @property {number} [times] how often the request is sent; default 1
 * @property {CaseRequest} request
 * @property {Expectation} expect
 *
 * @typedef {{ name: string, now: string, steps: Step[] }} CaseFile
 *
 * @typedef {{ status: number, headers: Headers, body: Uint8Array }} CaseResponse
 */

/** What the server of the cases is configured with. */
export const PEPPER = "pepper-of-the-cases";
export const ADMIN_TOKEN = "admin-token-of-the-cases";
export const ALLOWED_ORIGINS = LOCAL_ORIGINS;

/** The accounts, projects and keys that every file starts from. */
export const controlSql = readFileSync(new URL("control.sql", import.meta.url), "utf8");

const directory = new URL("cases/", import.meta.url);

/** @returns {{ url: URL, file: string, content: CaseFile }[]} by name */
export function caseFiles() {
  return readdirSync(directory)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => {
      const url = new URL(file, directory);
      return { url, file, content: JSON.parse(readFileSync(url, "utf8")) };
    });
}

/**
 * @param {CaseFile} content
 * @param {number} index of the step, from 0
 * @returns {{ now: number, seed: Uint8Array }}
 */
export function momentOf({ now, steps }, index) {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, index + 1, true);
  return { now: Date.parse(steps[index].at ?? now), seed };
}

/**
 * @param {CaseRequest} request
 * @returns {string | undefined}
 */
export function bodyOf({ body, text }) {
  return body === undefined ? text : JSON.stringify(body);
}

/** A header that every answer has, and that cases need not list. */
const REQUEST_ID = "x-request-id";

/**
 * What `approve.js` writes down.
 *
 * @param {CaseResponse} got
 * @param {Expectation} [before] which may list the request's id
 * @returns {Expectation}
 */
export function expectationOf({ status, headers, body }, before) {
  const listed = [...headers].filter(
    ([name]) => name !== REQUEST_ID || before?.headers[name] !== undefined,
  );
  return { status, headers: Object.fromEntries(listed), body: new TextDecoder().decode(body) };
}

/**
 * @param {CaseResponse} got
 * @param {Expectation} expected
 * @param {"exactly" | "at least"} headers whether the runtime may have added some
 */
export function checkResponse(got, expected, headers) {
  const { body, status } = expectationOf(got);
  assert.equal(body, expected.body);
  assert.equal(status, expected.status);
  for (const [name, value] of Object.entries(expected.headers)) {
    assert.equal(got.headers.get(name), value, `header ${name}`);
  }
  assert.match(got.headers.get(REQUEST_ID) ?? "", /^[0-9a-f-]{36}$/);
  if (headers === "at least") return;
  const names = [...new Set([...Object.keys(expected.headers), REQUEST_ID])];
  assert.deepEqual([...got.headers.keys()].sort(), names.sort());
}
