/**
 * The core's module behind its ABI (wasm/abi.h): instances, calls in flight, and what happens when an
 * instance traps. Nothing here knows what a call means.
 */
import { FrameReader, FrameWriter, readEffects, writeAnswer } from "./frames.js";

/**
 * @typedef {import("./frames.js").Effect} Effect
 * @typedef {import("./frames.js").Answer} Answer
 * @typedef {import("./exports.js").CoreExports} CoreExports
 */

/** Engines and calls, as in core/api/engine.h. */
export const GATEWAY = 0;
export const STORE = 1;
export const SERVE = 0;
export const UPKEEP = 1;

/** The instance that served a call trapped, in this call or in another one. */
export class InstanceLost extends Error {}

const frames = new FrameWriter();

/**
 * How long an effect may take. The databases end in half of it what takes too long; the runtime may
 * end a request without a word, as when its client has hung up, and then no answer comes ever.
 */
const PATIENCE_MS = 60_000;

/** One instance of the module with its engine open. */
class Instance {
  /** @type {CoreExports} */
  #exports;
  /** @type {Error | undefined} why it must not be called again */
  lost;
  bodyLimit;
  /** The module's memory, until it grows: each view of it would be one more for every call. */
  #bytes = new Uint8Array();
  #view = new DataView(this.#bytes.buffer);
  /** @type {Map<number, number>} when each request went on last, the longest ago first */
  #waiting = new Map();

  /**
   * @param {WebAssembly.Module} module
   * @param {number} kind
   * @param {FrameWriter} configuration
   */
  constructor(module, kind, configuration) {
    const instance = new WebAssembly.Instance(module, {
      env: { emscripten_notify_memory_growth() {} },
      wasi_snapshot_preview1: {
        proc_exit(/** @type {number} */ code) {
          throw new Error(`the core exited with ${code}`);
        },
      },
    });
    this.#exports = /** @type {CoreExports} */ (/** @type {unknown} */ (instance.exports));
    this.#exports._initialize();
    if (this.#exports.mm_open(kind, this.#give(configuration), configuration.length) !== 1) {
      throw new Error("the core refused its configuration");
    }
    this.bodyLimit = this.#exports.mm_body_limit();
  }

  get memoryBytes() {
    return this.#exports.memory.buffer.byteLength;
  }

  /**
   * @param {number} call
   * @param {FrameWriter} frame
   */
  begin(call, frame) {
    const at = this.#give(frame);
    return this.#guarded("mm_begin", call, at, frame.length);
  }

  /**
   * @template T
   * @param {number} request
   * @param {(done: boolean, from: FrameReader) => T} read has its reader until it returns
   */
  output(request, read) {
    const at = this.#guarded("mm_output", request);
    this.#look();
    const done = this.#view.getUint32(at, true) === 1;
    const begin = this.#view.getUint32(at + 4, true);
    const length = this.#view.getUint32(at + 8, true);
    // Not guarded: an error of ours says nothing of the instance, which serves others as well.
    return read(done, new FrameReader(this.#bytes, this.#view, begin, length));
  }

  /**
   * @param {number} request
   * @param {number} effect
   * @param {Answer} answer
   */
  resume(request, effect, answer) {
    const frame = writeAnswer(frames.reset(), answer);
    const at = this.#give(frame);
    if (this.#guarded("mm_resume", request, effect, at, frame.length) !== 1)
      throw new Error("the core did not take an effect's answer");
  }

  /**
   * Notes that the request waits for its effects from now on.
   *
   * @param {number} request
   */
  waits(request) {
    this.#waiting.delete(request);
    this.#waiting.set(request, performance.now());
  }

  /** Gives back the requests that nobody will resume any more. */
  releaseAbandoned() {
    const latest = performance.now() - PATIENCE_MS;
    for (const [request, since] of this.#waiting) {
      if (since > latest) return;
      this.release(request);
    }
  }

  /**
   * Never throws: whoever releases has an answer to give, or an error that matters more.
   *
   * @param {number} request
   */
  release(request) {
    this.#waiting.delete(request);
    if (this.lost !== undefined) return;
    try {
      this.#guarded("mm_release", request);
    } catch (error) {
      console.error("a request could not be released:", error);
    }
  }

  /**
   * Copies a frame into a buffer that the next call takes.
   *
   * @param {FrameWriter} frame
   */
  #give(frame) {
    const at = this.#guarded("mm_alloc", frame.length);
    this.#look();
    frame.copyTo(this.#bytes, at);
    return at;
  }

  #look() {
    const { buffer } = this.#exports.memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /**
   * Calls an export; whatever it throws came out of the module.
   *
   * @template {Exclude<keyof CoreExports, "memory">} Name
   * @param {Name} name
   * @param {Parameters<CoreExports[Name]>} operands
   * @returns {ReturnType<CoreExports[Name]>}
   */
  #guarded(name, ...operands) {
    if (this.lost !== undefined) throw new InstanceLost("the instance was replaced");
    try {
      return /** @type {any} */ (this.#exports[name])(...operands);
    } catch (error) {
      this.lost = error instanceof Error ? error : new Error(String(error));
      throw this.lost;
    }
  }
}

/** An engine of the core that outlives its instances: one that trapped is replaced. */
export class Core {
  #make;
  /** @type {Instance | undefined} */
  #instance;

  /**
   * @param {WebAssembly.Module} module
   * @param {number} kind `GATEWAY` or `STORE`
   * @param {FrameWriter} [configuration] a record of core/api/gateway.h `settings`
   */
  constructor(module, kind, configuration = new FrameWriter()) {
    this.#make = () => new Instance(module, kind, configuration);
  }

  /** Most bytes of a request body that the core wants to see. */
  get bodyLimit() {
    return this.#current().bodyLimit;
  }

  /** The size of the instance's memory, for tests that watch it. */
  get memoryBytes() {
    return this.#current().memoryBytes;
  }

  /**
   * Runs a call whose effects take time; any number may be in flight.
   *
   * @template T
   * @param {number} call
   * @param {FrameWriter} frame
   * @param {(effect: Effect) => Promise<Answer>} perform a rejection fails the effect, not the call
   * @param {(response: FrameReader) => T} read has its reader until it returns
   * @returns {T | Promise<T>} at once when the call had no effects
   */
  run(call, frame, perform, read) {
    this.#instance?.releaseAbandoned();
    const instance = this.#current();
    const request = instance.begin(call, frame);
    const first = firstStep(instance, request, read);
    if (!Array.isArray(first)) return first.value;
    instance.waits(request);
    return new Promise((resolve, reject) => {
      /** @param {Effect} effect */
      const start = async (effect) => {
        /** @type {Answer} */
        let answer;
        try {
          answer = await perform(effect);
        } catch (error) {
          answer = failed(error);
        }
        try {
          instance.resume(request, effect.id, answer);
          const next = step(instance, request, read);
          if (!Array.isArray(next)) return resolve(next.value);
          instance.waits(request);
          next.forEach(start);
        } catch (error) {
          reject(error);
          instance.release(request);
        }
      };
      first.forEach(start);
    });
  }

  /**
   * Runs a call whose effects are done at once. When it ends in an error, what the instance remembers
   * of its database may be wrong: the next call gets a new one.
   *
   * @template T
   * @param {number} call
   * @param {FrameWriter} frame
   * @param {(effect: Effect) => Answer} perform
   * @param {(response: FrameReader) => T} read has its reader until it returns
   * @returns {T}
   */
  runSync(call, frame, perform, read) {
    const instance = this.#current();
    const request = instance.begin(call, frame);
    try {
      for (;;) {
        const next = step(instance, request, read);
        if (!Array.isArray(next)) return next.value;
        for (const effect of next) instance.resume(request, effect.id, attempted(perform, effect));
      }
    } catch (error) {
      instance.lost ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }

  #current() {
    if (this.#instance === undefined || this.#instance.lost !== undefined) {
      this.#instance = this.#make();
    }
    return this.#instance;
  }
}

/**
 * What a request wants next, or its response; then it is over.
 *
 * @template T
 * @param {Instance} instance
 * @param {number} request
 * @param {(response: FrameReader) => T} read
 * @returns {Effect[] | { value: T }}
 */
function step(instance, request, read) {
  const next = instance.output(request, (done, from) =>
    done ? { value: read(from) } : readEffects(from),
  );
  if (!Array.isArray(next)) instance.release(request);
  return next;
}

/**
 * The same, of a request that nobody knows of yet: when it fails, nobody else gives it back.
 *
 * @template T
 * @param {Instance} instance
 * @param {number} request
 * @param {(response: FrameReader) => T} read
 */
function firstStep(instance, request, read) {
  try {
    return step(instance, request, read);
  } catch (error) {
    instance.release(request);
    throw error;
  }
}

/**
 * @param {(effect: Effect) => Answer} perform
 * @param {Effect} effect
 */
function attempted(perform, effect) {
  try {
    return perform(effect);
  } catch (error) {
    return failed(error);
  }
}

/**
 * @param {unknown} error
 * @returns {Answer}
 */
function failed(error) {
  console.error("an effect failed:", error);
  return { failure: String(error) };
}
