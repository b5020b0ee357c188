/**
 * HTTP as it is on the wire: only the headers that are given, and the answer's bytes.
 */
import { request } from "node:http";

/**
 * @typedef {object} RawRequest
 * @property {string} method
 * @property {Record<string, string>} headers
 * @property {string | Uint8Array} [body]
 *
 * @param {string} url
 * @param {RawRequest} init
 * @returns {Promise<{ status: number, headers: Headers, body: Uint8Array }>}
 */
export function rawFetch(url, { method, headers, body }) {
  return new Promise((resolve, reject) => {
    // A connection each: a server that answers before it has read the whole body closes it.
    const sent = request(url, { method, headers, agent: false }, (response) => {
      /** @type {Buffer[]} */
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const got = new Headers();
        for (const [name, values] of Object.entries(response.headersDistinct)) {
          for (const value of values ?? []) got.append(name, value);
        }
        resolve({ status: response.statusCode ?? 0, headers: got, body: Buffer.concat(parts) });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
