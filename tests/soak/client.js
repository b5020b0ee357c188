/** Requests over one connection each, timed. */
import { Agent, request } from "node:http";

/**
 * @typedef {object} Got
 * @property {number} status
 * @property {any} body parsed
 * @property {import("node:http").IncomingHttpHeaders} headers
 */

/** A connection of its own, kept open. */
export class Connection {
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #url;
  #timings;

  /**
   * @param {string} url of the server
   * @param {Map<string, number[]>} timings milliseconds by what was asked
   */
  constructor(url, timings) {
    this.#url = url;
    this.#timings = timings;
  }

  /**
   * @param {string} what as which its time is kept
   * @param {string} path
   * @param {string} key
   * @param {object} [body] POSTed, if given
   * @returns {Promise<Got>}
   */
  send(what, path, key, body) {
    const start = performance.now();
    return new Promise((resolve, reject) => {
      const text = body === undefined ? "" : JSON.stringify(body);
      const sent = request(
        this.#url + path,
        {
          agent: this.#agent,
          method: body === undefined ? "GET" : "POST",
          headers: {
            authorization: `Bearer ${key}`,
            ...(body === undefined ? {} : { "content-type": "application/json" }),
            "content-length": Buffer.byteLength(text),
          },
        },
        (response) => {
          let got = "";
          response.setEncoding("utf8");
          response.on("data", (part) => (got += part));
          response.on("error", reject);
          response.on("end", () => {
            const times = this.#timings.get(what) ?? [];
            times.push(performance.now() - start);
            this.#timings.set(what, times);
            try {
              const { statusCode: status = 0, headers } = response;
              resolve({ status, headers, body: JSON.parse(got) });
            } catch {
              reject(new Error(`${what}: no JSON: ${got.slice(0, 200)}`));
            }
          });
        },
      );
      sent.on("error", reject);
      sent.end(text);
    });
  }

  /**
   * A tool's rows.
   *
   * @param {string} key
   * @param {string} name
   * @param {object} given
   */
  async tool(key, name, given) {
    const path = key.startsWith("ak_") ? "/mcp/account" : "/mcp";
    const params = { name, arguments: given };
    const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
    const got = await this.send(name, path, key, call);
    return { ...got, body: got.body.result?.structuredContent ?? got.body };
  }

  close() {
    this.#agent.destroy();
  }
}
