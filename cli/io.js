/**
 * The world as the commands see it, so that tests can hand them another: streams, environment,
 * network, clock and Ctrl-C.
 */
import { fstatSync, ftruncateSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { InterruptedError, OutputError } from "./errors.js";

/**
 * @typedef {import("node:stream").Writable & { isTTY?: boolean, columns?: number }} Output
 *
 * @typedef {object} Io
 * @property {import("node:stream").Readable} stdin
 * @property {Output} stdout
 * @property {Output} stderr
 * @property {NodeJS.ProcessEnv} env
 * @property {string} root the working copy, where `.dev.vars` is
 * @property {(path: string) => string} resolve a path as the user gave it, made absolute
 * @property {typeof fetch} fetch
 * @property {() => number} now milliseconds of a clock that only goes forward
 * @property {(ms: number, signal?: AbortSignal) => Promise<void>} sleep returns early when aborted
 * @property {(listener: () => void) => () => void} onInterrupt returns what takes it back
 */

const STDOUT = 1;

/** @returns {Io} the real world */
export function processIo() {
  const { env } = process;
  // pnpm runs scripts in the package's folder; files are meant from where the user stands.
  const base = env.npm_lifecycle_event === "mm" ? (env.INIT_CWD ?? ".") : ".";
  return {
    stdin: process.stdin,
    stdout: fstatSync(STDOUT).isFile() ? fileOutput(STDOUT) : process.stdout,
    stderr: process.stderr,
    env,
    root: dirname(dirname(fileURLToPath(import.meta.url))),
    resolve: (path) => resolve(base, path),
    fetch: (input, init) => fetch(input, init),
    now: () => performance.now(),
    sleep,
    onInterrupt,
  };
}

/**
 * Node's own stream takes a chunk for written when a full disk had room for a part of it.
 * @param {number} file
 * @returns {Output}
 */
function fileOutput(file) {
  return new Writable({
    write(chunk, _encoding, done) {
      try {
        appendWhole(file, chunk);
        done();
      } catch (error) {
        done(/** @type {Error} */ (error));
      }
    },
  });
}

/**
 * @param {number} file
 * @param {Buffer} chunk stands there whole afterwards, or not at all
 */
function appendWhole(file, chunk) {
  const { size } = fstatSync(file);
  try {
    writeFileSync(file, chunk);
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  }
}

/**
 * Waits until what was printed has arrived.
 * @param {Output} stdout
 * @throws {OutputError} unless nobody reads it any more, which is no failure of ours (`| head`)
 */
export async function printed(stdout) {
  if (!stdout.errored && stdout.writableLength > 0) {
    await new Promise((resolve) => stdout.write("", resolve));
  }
  if (!stdout.errored) return;
  const failure = new OutputError(stdout.errored);
  if (!failure.isGone) throw failure;
}

/**
 * @param {number} ms
 * @param {AbortSignal} [signal]
 */
async function sleep(ms, signal) {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** @param {() => void} listener */
function onInterrupt(listener) {
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM"]);
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

/**
 * Work that Ctrl-C stops: the first asks it to end at the next good moment, the second at once.
 * @template T
 * @param {Io} io
 * @param {string} notice what the first one says
 * @param {(stop: Interruption) => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {InterruptedError} instead of whatever an interrupted `work` ended with
 */
export async function interruptible(io, notice, work) {
  const soon = new AbortController();
  const now = new AbortController();
  const off = io.onInterrupt(() => {
    if (soon.signal.aborted) return now.abort();
    io.stderr.write(`\n${notice}; once more to stop at once.\n`);
    soon.abort();
  });
  try {
    return await work({ stop: soon.signal, abort: now.signal });
  } catch (error) {
    if (!soon.signal.aborted || error instanceof InterruptedError) throw error;
    throw new InterruptedError("Stopped.", { cause: error });
  } finally {
    off();
  }
}

/** @typedef {{ stop: AbortSignal, abort: AbortSignal }} Interruption as a request takes it */
