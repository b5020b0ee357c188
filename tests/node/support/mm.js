/**
 * The CLI as a test sees it: a recorder of the server that answers as it is told and remembers what it
 * was asked, and a run of the command line with streams that are read afterwards.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { main } from "../../../cli/main.js";

const ENTRY = fileURLToPath(new URL("../../../cli/mm.js", import.meta.url));
export const TOKEN = "token-of-the-tests";

/**
 * @typedef {object} Asked
 * @property {string} method
 * @property {string} path without the query
 * @property {URLSearchParams} query
 * @property {import("node:http").IncomingHttpHeaders} headers
 * @property {string} body
 *
 * @typedef {object} Told
 * @property {number} [status] default 200
 * @property {unknown} [json]
 * @property {string} [text] instead of `json`
 * @property {Record<string, string>} [headers]
 * @property {boolean} [hangUp] no answer at all
 *
 * @typedef {(asked: Asked) => Told | Promise<Told>} Answer
 */

export class Recorder {
  /** @type {Asked[]} */
  asked = [];
  /** @type {Map<string, Answer>} */
  #answers = new Map();
  #server = createServer((request, response) => void this.#serve(request, response));
  url = "";

  /** @returns {Promise<Recorder>} */
  static async start() {
    const recorder = new Recorder();
    recorder.#server.listen(0, "127.0.0.1");
    await once(recorder.#server, "listening");
    const { port } = /** @type {import("node:net").AddressInfo} */ (recorder.#server.address());
    recorder.url = `http://127.0.0.1:${port}`;
    return recorder;
  }

  /**
   * @param {string} call such as "GET /admin/accounts"
   * @param {Answer | unknown} answer a function, or the JSON of every answer
   */
  on(call, answer) {
    const given = typeof answer === "function" ? answer : () => ({ json: answer });
    this.#answers.set(call, /** @type {Answer} */ (given));
    return this;
  }

  /** @param {string} call @returns {Asked[]} */
  askedFor(call) {
    return this.asked.filter(({ method, path }) => `${method} ${path}` === call);
  }

  /**
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async #serve(request, response) {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    const url = new URL(request.url ?? "", this.url);
    const { method = "", headers } = request;
    const asked = { method, path: url.pathname, query: url.searchParams, headers, body };
    this.asked.push(asked);
    /** @type {Told} */
    const missing = { status: 404, json: { error: "not_found", error_description: "Not here." } };
    const told = (await this.#answers.get(`${method} ${url.pathname}`)?.(asked)) ?? missing;
    if (told.hangUp) return void request.socket.destroy();
    response.writeHead(told.status ?? 200, {
      "content-type": told.text === undefined ? "application/json" : "text/html",
      ...told.headers,
    });
    response.end(told.text ?? JSON.stringify(told.json));
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}

/** Rows as the server gives them. */
export const ACCOUNT = {
  account_id: "acc_1",
  name: "Acme",
  plan: "pro",
  created_at: "2026-11-01T10:20:30.456Z",
  projects: 2,
};
export const KEY = {
  prefix: "ab12CD34",
  kind: "sk",
  env: "live",
  account_id: "acc_1",
  project_id: "prj_1",
  all_projects: false,
  project_ids: [],
  label: "the backend of the shop, in the cluster in Frankfurt",
  created_at: "2026-11-01T10:20:30.000Z",
  revoked_at: null,
};

/** @param {Partial<import("../../../cli/projects.js").Project>} [members] */
export function project(members = {}) {
  return {
    project_id: "prj_1",
    account_id: "acc_1",
    slug: "shop",
    name: "Shop",
    origins: [],
    retention_days: null,
    effective_retention_days: 90,
    created_at: "2026-11-01T10:20:30.000Z",
    ...members,
  };
}

/** Text that is written, kept. */
class Kept extends Writable {
  text = "";
  isTTY = false;
  columns = 80;
  /** @param {Buffer} chunk @param {string} _ @param {() => void} done */
  _write(chunk, _, done) {
    this.text += chunk;
    done();
  }
}

/**
 * @typedef {object} RunOptions
 * @property {string} [host] default: none is given
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string | Buffer} [stdin]
 * @property {number} [terminal] the terminal's columns; default: no terminal
 * @property {string} [root]
 * @property {Writable} [stdout]
 * @property {() => number} [now]
 * @property {(interrupt: () => void) => void} [interruptible] is handed what Ctrl-C does
 */

/**
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export async function mm(args, options = {}) {
  const stdout = new Kept();
  const stderr = new Kept();
  if (options.terminal !== undefined) {
    stdout.isTTY = stderr.isTTY = true;
    stdout.columns = stderr.columns = options.terminal;
  }
  /** @type {number[]} milliseconds */
  const waits = [];
  const given = options.host === undefined ? [] : ["--host", options.host, "--token", TOKEN];
  const exit = await main([...given, ...args], {
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    stdout: options.stdout ?? stdout,
    stderr,
    env: options.env ?? {},
    root: options.root ?? tmpdir(),
    resolve: (path) => path,
    fetch: (input, init) => fetch(input, init),
    now: options.now ?? (() => 0),
    sleep: async (ms) => void waits.push(ms),
    onInterrupt(listener) {
      options.interruptible?.(listener);
      return () => {};
    },
  });
  return { exit, stdout: stdout.text, stderr: stderr.text, waits };
}

/**
 * The command line as a process of its own.
 * @param {readonly string[]} args
 * @param {string} host
 * @param {string} [script] of a shell that becomes the process
 */
export function startMm(args, host, script = 'exec "$@"') {
  const env = { ...process.env, MM_HOST: host, MM_ADMIN_TOKEN: TOKEN };
  const child = spawn("sh", ["-c", script, "sh", process.execPath, ENTRY, ...args], { env });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (output.stdout += text));
  child.stderr.on("data", (text) => (output.stderr += text));
  return {
    child,
    output,
    ended: once(child, "close").then(([code]) => ({ exit: code, ...output })),
    /** @param {string} text waits until it is in what stderr got */
    async says(text) {
      while (!output.stderr.includes(text)) await once(child.stderr, "data");
    },
  };
}

/** @param {import("node:test").TestContext} t @returns {string} a folder until the test's end */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "millimetric-mm-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}
