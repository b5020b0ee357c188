/**
 * The queue: events leave it from the front, one batch after the other, and come back to the front
 * when the server did not answer. So order holds, and as every event carries its id, nothing is
 * stored twice.
 */
import { MillimetricError } from "./error.js";
import { batchLength, identifyEvent, toWaiting } from "./events.js";
import { MAX_TIMER_MS, checked, flushTimeout } from "./options.js";
import { sendOnce } from "./request.js";

/**
 * @typedef {import("./events.js").Event} Event
 * @typedef {import("./events.js").Identity} Identity
 * @typedef {import("./events.js").Waiting} Waiting
 * @typedef {import("./options.js").FlushOptions} FlushOptions
 * @typedef {import("./request.js").Refused} Refused
 */

/** The first back-off; every further failure doubles it, so many times at most. */
const BACKOFF_MS = 1000;
const MAX_DOUBLINGS = 6;
/** A flush gives up after so many failures in a row, or when it would have to wait longer. */
const FLUSH_ATTEMPTS = 4;
const FLUSH_MAX_WAIT_MS = 10_000;

export class Client {
  #options;
  /** @type {Waiting[]} */
  #queue = [];
  /** The number of the newest event, and of the newest one that is to be sent without delay. */
  #newest = 0;
  #due = 0;
  /** How many events the next request may hold. */
  #size;
  #failures = 0;
  /** How long to wait after the last attempt; 0 unless it failed. */
  #waitMs = 0;
  /** Until when the server asked not to be asked again, by `Date.now()`. */
  #askedOffUntil = 0;
  #closed = false;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** @type {Promise<void> | undefined} */
  #sending;
  /** Ends the request that is on its way. */
  #request = new AbortController();
  /** @type {Promise<boolean> | undefined} */
  #flushing;
  /** Until when somebody awaits it, by `Date.now()`. */
  #flushUntil = 0;
  /** Ends its pause. */
  #wake = () => {};
  /** @type {Promise<boolean> | undefined} once nothing is sent any more: whether nothing was lost */
  #ended;

  /** @param {import("./options.js").Options} options */
  constructor(options) {
    this.#options = checked(options);
    this.#size = this.#options.batchSize;
  }

  /**
   * Takes an event and returns at once. Never throws: what cannot be taken is told to `onError`.
   *
   * @param {Event} event
   * @returns {string | undefined} its `event_id`; nothing when the event could not be taken
   */
  track(event) {
    return this.#take(event, () => event);
  }

  /**
   * Tells who the visitor with an `anonymous_id` is; in order with the events.
   *
   * @param {Identity} identity
   * @returns {string | undefined} the `event_id` of the event that says so
   */
  identify(identity) {
    return this.#take(identity, () => identifyEvent(identity));
  }

  /**
   * Sends what was tracked until now. A few times, should the server not answer, and no sooner than
   * it asked for; what is not stored by then waits for better times. A request that is on its way
   * when `timeoutMs` has passed goes on, so that a server that is only slow is not asked in vain.
   *
   * @param {FlushOptions} [options]
   * @returns {Promise<boolean>} whether all of it is settled (stored, or refused and told to
   *   `onError`); never rejects
   * @throws {RangeError} at once, when `timeoutMs` is no number of milliseconds
   */
  flush(options) {
    const timeoutMs = flushTimeout(options);
    if (this.#ended !== undefined) return within(timeoutMs, this.#ended);
    this.#due = this.#newest;
    const waitMs = this.#hasDue ? this.#askedOffUntil - Date.now() : 0;
    const isTooLong = waitMs > Math.min(FLUSH_MAX_WAIT_MS, timeoutMs);
    if (this.#flushing === undefined && isTooLong) return Promise.resolve(false);
    this.#flushUntil = Math.max(this.#flushUntil, Date.now() + timeoutMs);
    this.#flushing ??= this.#flushDue(waitMs);
    return within(timeoutMs, this.#flushing);
  }

  /**
   * Flushes, and takes no events any more. What could not be sent is told to `onError`, and ends
   * flushes that still wait. Of several shutdowns, the one whose time is over first ends them all.
   *
   * @param {FlushOptions} [options]
   * @returns {Promise<boolean>} as of `flush`
   */
  async shutdown(options) {
    const flushed = this.flush(options);
    this.#closed = true;
    await flushed;
    this.#ended ??= this.#end();
    return this.#ended;
  }

  /** @returns {Promise<boolean>} whether nothing was lost */
  async #end() {
    this.#request.abort();
    this.#wake();
    await this.#sending;
    await this.#flushing; // it has to see what was not sent
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lost = this.#queue.splice(0);
    this.#lose(
      new MillimetricError("shut_down", "the client was shut down before the server answered"),
      lost,
    );
    return lost.length === 0;
  }

  /**
   * @param {object} given
   * @param {() => Event} make
   */
  #take(given, make) {
    try {
      if (this.#closed) throw new MillimetricError("shut_down", "the client was shut down");
      const waiting = toWaiting(make(), this.#newest + 1);
      this.#newest++;
      this.#queue.push(waiting);
      this.#bound();
      if (this.#queue.length < this.#options.batchSize || this.#failures > 0) {
        this.#later(this.#options.flushIntervalMs);
      } else {
        this.#due = this.#newest;
        void this.#send();
      }
      return waiting.id;
    } catch (error) {
      const known = error instanceof MillimetricError;
      const why = known ? error : new MillimetricError("invalid_event", String(error));
      void this.#tell(why, [given]);
      return undefined;
    }
  }

  get #hasDue() {
    return this.#queue.length > 0 && this.#queue[0].number <= this.#due;
  }

  /** @param {number} waitMs */
  async #flushDue(waitMs) {
    for (;;) {
      if (waitMs > 0) await this.#pause(waitMs);
      await this.#send();
      if (!this.#hasDue) return this.#flushed(true);
      if (this.#ended !== undefined) return this.#flushed(false);
      // 0: tracked and flushed in the very moment when the last batch was done.
      waitMs = this.#waitMs;
      const isTooLong = waitMs > FLUSH_MAX_WAIT_MS || Date.now() + waitMs >= this.#flushUntil;
      if (this.#failures >= FLUSH_ATTEMPTS || isTooLong) return this.#flushed(false);
    }
  }

  /** @param {number} ms */
  async #pause(ms) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    await new Promise((resolve) => {
      this.#wake = () => resolve(undefined);
      // Whoever awaits the flush wants the process to live until then.
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }

  /**
   * What is tracked from now on is for another flush, in the same moment as this one has decided.
   * @param {boolean} settled
   */
  #flushed(settled) {
    this.#flushing = undefined;
    this.#flushUntil = 0;
    return settled;
  }

  /**
   * Sends what is due, until that is done or the server fails.
   *
   * @returns {Promise<void>} never rejects
   */
  #send() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendDue().finally(() => {
      this.#sending = undefined;
      if (this.#queue.length > 0) {
        this.#later(this.#waitMs || this.#options.flushIntervalMs);
      }
    });
    return this.#sending;
  }

  async #sendDue() {
    while (this.#hasDue && this.#ended === undefined) {
      const batch = this.#queue.splice(0, batchLength(this.#queue, this.#size));
      this.#request = new AbortController();
      const outcome = await sendOnce(this.#options, batch, this.#request);
      if (outcome.is === "failed") {
        const backoff = BACKOFF_MS * 2 ** Math.min(this.#failures++, MAX_DOUBLINGS);
        // Spread, so that all who saw a server fail do not come back at once.
        this.#waitMs = Math.max(outcome.waitMs, backoff) * (1 + Math.random() / 2);
        this.#askedOffUntil = Date.now() + outcome.waitMs;
        this.#putBack(batch);
        return;
      }
      this.#failures = 0;
      this.#waitMs = 0;
      this.#askedOffUntil = 0;
      this.#size = this.#options.batchSize;
      if (outcome.is === "refused") this.#settleRefusal(batch, outcome);
    }
  }

  /**
   * A batch is taken as a whole or not at all: the events that are wrong go, the others again.
   *
   * @param {Waiting[]} batch
   * @param {Refused} refused
   */
  #settleRefusal(batch, { error, wrong, divisible }) {
    const bad = batch.filter((_, index) => wrong.has(index));
    if (bad.length > 0) {
      batch.forEach((waiting, index) => {
        if (!wrong.has(index)) return;
        const { code, status } = error;
        const details = wrong.get(index);
        const why = inWords(details?.fieldErrors);
        this.#lose(new MillimetricError(code, why, { status, details }), [waiting]);
      });
      this.#putBack(batch.filter((waiting) => !bad.includes(waiting)));
    } else if (divisible && batch.length > 1) {
      this.#size = Math.ceil(batch.length / 2);
      this.#putBack(batch);
    } else {
      this.#lose(error, batch);
    }
  }

  /** @param {Waiting[]} batch */
  #putBack(batch) {
    this.#queue.unshift(...batch);
    this.#bound();
  }

  #bound() {
    const { maxQueue } = this.#options;
    const excess = this.#queue.length - maxQueue;
    if (excess <= 0) return;
    const error = new MillimetricError("queue_full", `more than ${maxQueue} events wait`);
    this.#lose(error, this.#queue.splice(0, excess));
  }

  /** @param {number} ms until what waits is sent, unless something sooner will */
  #later(ms) {
    if (this.#timer !== undefined || this.#sending !== undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#due = this.#newest;
        void this.#send();
      },
      Math.min(ms, MAX_TIMER_MS),
    );
    // A process that has nothing else to do may end; whoever minds awaits flush().
    this.#timer.unref?.();
  }

  /**
   * @param {MillimetricError} error
   * @param {Waiting[]} batch
   */
  #lose(error, batch) {
    if (batch.length === 0) return;
    void this.#tell(
      error,
      batch.map(({ text }) => JSON.parse(text)),
    );
  }

  /**
   * @param {MillimetricError} error
   * @param {object[]} events
   */
  async #tell(error, events) {
    try {
      await this.#options.onError(error, events);
    } catch {
      // Whoever counts events must not fail by it.
    }
  }
}

/**
 * @param {number} ms
 * @param {Promise<boolean>} settled
 * @returns {Promise<boolean>} false when it took longer
 */
async function within(ms, settled) {
  if (ms === Infinity) return settled;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {Record<string, unknown>} [fieldErrors]
 * @returns {string} such as `url: must be an http or https URL`
 */
function inWords(fieldErrors = {}) {
  const fields = Object.entries(fieldErrors).map(([field, why]) => `${field}: ${[why].flat()}`);
  return fields.join("; ") || "the server refused this event";
}
