/**
 * HTTP as bytes on a socket: for requests that no client library would send, and for the answers as
 * they came.
 */
import { connect } from "node:net";

/** How long a connection must have been silent for its answers to be complete. */
const SILENCE_MS = 400;
/** How long to wait for the first byte: the Worker may have much to read. */
const PATIENCE_MS = 20_000;

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Map<string, string>} headers names in lower case
 * @property {string} body
 *
 * @typedef {object} Exchange
 * @property {Answer[]} answers every one that came, in order
 * @property {string} rest bytes that belong to no well-formed answer
 * @property {boolean} closed whether the server ended the connection
 */

/**
 * Sends bytes and collects what comes back until the server closes or has long been silent.
 *
 * @param {string} url whose host and port to connect to
 * @param {string | Uint8Array} bytes a string is sent as Latin-1
 * @param {{ halfClose?: boolean }} [options] `halfClose`: end our side when all is sent
 * @returns {Promise<Exchange>}
 */
export function exchange(url, bytes, { halfClose = false } = {}) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const bodiless = typeof bytes === "string" && bytes.startsWith("HEAD ");
    let got = "";
    let closed = false;
    /** @type {NodeJS.Timeout} */
    let timer;
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ...parseAnswers(got, bodiless), closed });
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(done, got === "" ? PATIENCE_MS : SILENCE_MS);
    };
    socket.on("data", (/** @type {Buffer} */ part) => {
      got += part.toString("latin1");
      wait();
    });
    socket.on("error", () => {}); // a reset is an end like any other
    socket.on("close", () => {
      closed = true;
      done();
    });
    socket.on("connect", () => {
      const all = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
      if (halfClose) socket.end(all);
      else socket.write(all);
      wait();
    });
  });
}

/**
 * @param {string} text
 * @param {boolean} bodiless whether the answers have no bodies, whatever length they name
 * @returns {{ answers: Answer[], rest: string }}
 */
function parseAnswers(text, bodiless) {
  /** @type {Answer[]} */
  const answers = [];
  let rest = text;
  for (;;) {
    const next = parseAnswer(rest, bodiless);
    if (next === null) return { answers, rest };
    answers.push(next.answer);
    rest = next.rest;
  }
}

/**
 * @param {string} text
 * @param {boolean} bodiless
 * @returns {{ answer: Answer, rest: string } | null} null when it does not begin with a whole answer
 */
function parseAnswer(text, bodiless) {
  const end = text.indexOf("\r\n\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  if (end < 0 || status === undefined) return null;
  /** @type {Map<string, string>} */
  const headers = new Map();
  for (const line of text.slice(0, end).split("\r\n").slice(1)) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const after = text.slice(end + 4);
  if (bodiless) return { answer: { status: Number(status), headers, body: "" }, rest: after };
  const framed = headers.has("transfer-encoding") ? chunked(after) : fixed(after, headers);
  if (framed === null) return null;
  return { answer: { status: Number(status), headers, body: framed.body }, rest: framed.rest };
}

/**
 * @param {string} text
 * @param {Map<string, string>} headers
 */
function fixed(text, headers) {
  // Without a length the body goes on until the server closes.
  const length = Number(headers.get("content-length") ?? text.length);
  return text.length < length ? null : { body: text.slice(0, length), rest: text.slice(length) };
}

/** @param {string} text */
function chunked(text) {
  let body = "";
  for (let rest = text; ;) {
    const line = /^([0-9a-fA-F]+)\r\n/.exec(rest);
    if (line === null) return null;
    const length = parseInt(line[1], 16);
    const from = line[0].length;
    if (rest.length < from + length + 2) return null;
    body += rest.slice(from, from + length);
    rest = rest.slice(from + length + 2);
    if (length === 0) return { body, rest };
  }
}

/**
 * A request line, headers and a body, with no length but the one that `headers` gives.
 *
 * @param {string} line such as "POST /mcp HTTP/1.1"
 * @param {string[]} headers whole lines, as they are sent
 * @param {string} [body]
 */
export function message(line, headers, body = "") {
  return `${[line, ...headers].join("\r\n")}\r\n\r\n${body}`;
}
