/** What a client is made with, checked: mistakes are shown at once, not with the first event. */

/** The most events that the server takes at once. */
const MAX_BATCH_EVENTS = 1000;
/**
 * A batch is at most 1 MiB and stored within a second or two, also over a slow line: a server that
 * takes longer hangs. With it, the four attempts of a flush end within a minute.
 */
const TIMEOUT_MS = 10_000;
/** The longest that a timer can wait. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * @callback OnError
 * @param {import("./error.js").MillimetricError} error
 * @param {object[]} events that are lost with it, as they were to be sent
 * @returns {any} nothing that matters; a promise may be rejected
 *
 * @typedef {object} Options
 * @property {string} key a secret key, `sk_...`
 * @property {string} host the server's address, such as `https://analytics.example.com`
 * @property {number} [batchSize] most events of a request, and how many are sent without waiting
 *   for more: 1 to 1000, default 500
 * @property {number} [flushIntervalMs] how long an event waits for others; default 1000
 * @property {number} [maxQueue] how many events may wait while the server does not answer; beyond
 *   that the oldest are dropped, and told to `onError`; default 10,000
 * @property {number} [timeoutMs] how long the server may take for a request before that counts as
 *   failed, and is made again; default 10,000
 * @property {OnError} [onError] default: a line on the console, without the events
 * @property {typeof globalThis.fetch} [fetch] default: Node's own; another must heed the `signal`
 *
 * @typedef {object} FlushOptions
 * @property {number} [timeoutMs] how long the flush may take in all; default: as long as it needs
 */

/**
 * @param {Options} options
 * @returns {Required<Omit<Options, "host">> & { endpoint: string }}
 */
export function checked(options) {
  const { key, host } = options;
  if (typeof key !== "string" || key === "") throw new TypeError("millimetric: key is missing");
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new TypeError("millimetric: key has a character that no key has; copy it once more");
  }
  if (typeof host !== "string" || !/^https?:\/\//.test(host) || !URL.canParse(host)) {
    throw new TypeError("millimetric: host must be the server's http(s) address");
  }
  return {
    key,
    endpoint: `${host.replace(/\/+$/, "")}/v1/batch`,
    batchSize: count("batchSize", options.batchSize ?? 500, MAX_BATCH_EVENTS),
    flushIntervalMs: count("flushIntervalMs", options.flushIntervalMs ?? 1000, MAX_TIMER_MS),
    maxQueue: count("maxQueue", options.maxQueue ?? 10_000, Number.MAX_SAFE_INTEGER),
    timeoutMs: count("timeoutMs", options.timeoutMs ?? TIMEOUT_MS, MAX_TIMER_MS),
    onError: options.onError ?? toConsole,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  };
}

/**
 * @param {FlushOptions | null} [options]
 * @returns {number} how long a flush may take
 */
export function flushTimeout(options) {
  const timeoutMs = options?.timeoutMs;
  return timeoutMs === undefined ? Infinity : count("timeoutMs", timeoutMs, MAX_TIMER_MS);
}

/**
 * @param {string} name
 * @param {number} value
 * @param {number} most
 */
function count(name, value, most) {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`millimetric: ${name} must be a whole number from 1 to ${most}`);
}

/** @type {OnError} */
function toConsole(error, events) {
  const { event, event_id: id } = /** @type {Record<string, unknown>} */ (events[0] ?? {});
  const first = `${JSON.stringify(event)} (event_id ${id})`;
  const what = events.length === 1 ? first : `${events.length} events, the first of them ${first}`;
  console.error(`millimetric: lost ${what}: ${error.code}: ${error.message}`);
}
