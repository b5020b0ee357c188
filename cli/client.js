/** The admin API over HTTP: one request at a time, again when that is safe and may help. */
import { RefusedError, UnreachableError } from "./errors.js";
import { IS_INSTALLED } from "./name.js";
import { plain } from "./text.js";

const TRIES = 8;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const LONGEST_RETRY_AFTER_S = 300;
const ANSWER_WITHIN_MS = 120_000;

/**
 * @typedef {import("./io.js").Io} Io
 *
 * @typedef {object} Ask
 * @property {Record<string, string | number | undefined>} [query]
 * @property {unknown} [body] sent as JSON; a string is JSON already
 * @property {boolean} [repeatable] the request may be sent again; default: of GET
 * @property {AbortSignal} [stop] no further try after this
 * @property {AbortSignal} [abort] gives up in the middle
 *
 * @typedef {object} Answer
 * @property {Buffer} bytes
 * @property {any} json
 */

export class Client {
  #io;
  #token;

  /**
   * @param {Io} io
   * @param {string} host without a trailing slash
   * @param {string} token
   */
  constructor(io, host, token) {
    this.#io = io;
    this.host = host;
    this.#token = token;
  }

  /**
   * @param {string} path
   * @param {Ask["query"]} [query]
   * @returns {Promise<Answer>}
   */
  get(path, query) {
    return this.ask("GET", path, { query });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Ask} [options]
   * @returns {Promise<Answer>}
   */
  async ask(method, path, options = {}) {
    const repeatable = options.repeatable ?? method === "GET";
    for (let tried = 1; ; tried++) {
      let waitMs = backOff(tried);
      let reason;
      try {
        const response = await this.#fetch(method, path, options);
        if (response.ok) return await answerOf(response, this.host);
        const refusal = await refusalOf(response, this.host);
        if (!isPassing(response.status)) throw refusal;
        reason = refusal;
        waitMs = retryAfter(response.headers.get("retry-after")) ?? waitMs;
      } catch (error) {
        if (error instanceof RefusedError && !isPassing(error.status)) throw error;
        reason = error instanceof RefusedError ? error : unreachable(this.host, error);
      }
      const given = options.abort?.aborted === true || options.stop?.aborted === true;
      if (!repeatable || tried >= TRIES || given) throw reason;
      const what = plain(reason.message.split("\n")[0]);
      const when = waitMs < 1000 ? "" : ` in ${Math.round(waitMs / 1000)} s`;
      const { stderr } = this.#io;
      stderr.write(stderr.isTTY ? "\r\x1b[K" : ""); // a progress bar may be there
      stderr.write(`${what} Trying again${when} (${tried + 1} of ${TRIES}).\n`);
      await this.#io.sleep(waitMs, options.stop);
      if (options.stop?.aborted) throw reason;
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Ask} options
   */
  #fetch(method, path, { query = {}, body, abort }) {
    const url = new URL(this.host + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    /** @type {Record<string, string>} */
    const headers = { authorization: `Bearer ${this.#token}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
    return this.#io.fetch(url, {
      method,
      headers,
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      redirect: "manual", // following would turn a POST into a GET
      signal: abort === undefined ? late : AbortSignal.any([late, abort]),
    });
  }
}

/** @param {number} status whether it may be gone the next time */
function isPassing(status) {
  return status === 429 || status >= 500;
}

/** @param {number} tried waits grow, and differ so that clients do not come back together */
function backOff(tried) {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tried - 1));
  return longest * (0.5 + Math.random() / 2);
}

/** @param {string | null} header in seconds; the date form is not used by the server */
function retryAfter(header) {
  if (header === null || !/^\d+$/.test(header)) return undefined;
  return Math.min(Number(header), LONGEST_RETRY_AFTER_S) * 1000;
}

/**
 * @param {Response} response
 * @param {string} host
 * @returns {Promise<Answer>}
 */
async function answerOf(response, host) {
  const bytes = Buffer.from(await response.arrayBuffer());
  try {
    return { bytes, json: JSON.parse(bytes.toString()) };
  } catch {
    throw new RefusedError(response.status, { error_description: notOurs(host) }, null);
  }
}

/**
 * @param {Response} response
 * @param {string} host
 */
async function refusalOf(response, host) {
  const { status, headers } = response;
  const text = await response.text();
  const to = headers.get("location");
  if (status >= 300 && status < 400 && to !== null) {
    const error_description = `${host} redirects to ${to}: give that server with --host.`;
    return new RefusedError(status, { error_description }, null);
  }
  // A passing trouble is worth a request id in the log; a refusal explains itself.
  const id = status >= 500 ? headers.get("x-request-id") : null;
  try {
    const body = JSON.parse(text);
    if (typeof body?.error_description === "string") return new RefusedError(status, body, id);
  } catch {
    // Not JSON: some proxy's page.
  }
  const error_description =
    status >= 500 ? `${host} answered ${status}.` : `${host} answered ${status}: ${notOurs(host)}`;
  return new RefusedError(status, { error_description }, id);
}

/** @param {string} host */
function notOurs(host) {
  return `this does not look like the admin API of a Millimetric server. Is --host right (${host})?`;
}

/**
 * @param {string} host
 * @param {unknown} error of fetch
 */
function unreachable(host, error) {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = /** @type {NodeJS.ErrnoException | undefined} */ (cause)?.code;
  const why =
    error instanceof Error && error.name === "TimeoutError"
      ? "no answer came in time"
      : code === "ECONNREFUSED"
        ? "nothing listens there"
        : code === "ENOTFOUND"
          ? "there is no such host"
          : (code ?? (error instanceof Error ? error.message : String(error)));
  const hint =
    isLoopback(host) && !IS_INSTALLED ? " Start the local server with: pnpm dev:api" : "";
  return new UnreachableError(`Cannot reach ${host}: ${why}.${hint}`, { cause: error });
}

/** @param {string} host a URL */
export function isLoopback(host) {
  const { hostname } = new URL(host);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}
