/**
 * What a project must answer: the same events in plain JavaScript, and the questions answered by
 * looking at all of them.
 */
import { Gate } from "./gate.js";

export const NAMES = ["$pageview", "signup_started", "signup", "purchase", "search", "click"];
const SOURCES = ["google", "newsletter", "partner", "mastodon"];
const MEDIA = { cpc: "paid", email: "email", social: "social" };

/** Events are spread over so long before the run, an hour of which is left free at each end. */
export const SPAN_MS = 5 * 86_400_000;
const HOUR_MS = 3_600_000;

/**
 * @typedef {object} Event as it was sent, with what must come of it
 * @property {string} event
 * @property {string} event_id
 * @property {number} time
 * @property {string} anonymous_id
 * @property {string | null} user_id
 * @property {string} source
 * @property {string} medium
 * @property {object} body what is sent
 *
 * @typedef {{ from: number, to: number }} Range
 * @typedef {(event: Event) => string} KeyOf
 */

export class Project {
  gate = new Gate();
  /** @type {Event[]} those that the server has acknowledged */
  events = [];
  /** Of each name, how many were ever sent and how many acknowledged: no count is outside of that. */
  sent = new Map(NAMES.map((name) => [name, 0]));
  acknowledged = new Map(NAMES.map((name) => [name, 0]));
  /** Grows when events are forgotten: bounds that were taken before no longer hold. */
  epoch = 0;
  /** @type {Set<number>} times in use: with one event each, no order is left to chance */
  #times = new Set();
  #made = 0;

  /**
   * @param {{ id: string, sk: string, rk: string }} identity
   * @param {number} start when the run began
   */
  constructor({ id, sk, rk }, start) {
    this.id = id;
    this.sk = sk;
    this.rk = rk;
    /** @type {Range} */
    this.all = { from: start - SPAN_MS - HOUR_MS, to: start + HOUR_MS };
    this.start = start;
  }

  /**
   * @param {import("../../scripts/demo/random.js").Random} random
   * @returns {Event}
   */
  make(random) {
    let time = this.start - random.integer(0, SPAN_MS);
    while (this.#times.has(time)) time -= 1;
    this.#times.add(time);
    const event = random.pick(NAMES);
    const number = random.integer(1, 40 + Math.floor(this.#made / 100));
    const event_id = `${this.id}-${++this.#made}`;
    const anonymous_id = `visitor-${number}`;
    const user_id = number % 3 === 0 ? `user-${number}` : null;
    const source = random.pick(SOURCES);
    const utm = random.pick(/** @type {(keyof typeof MEDIA)[]} */ (Object.keys(MEDIA)));
    const url = `https://site.example/p${number % 7}?utm_source=${source}&utm_medium=${utm}`;
    const timestamp = new Date(time).toISOString();
    const body = { event, event_id, timestamp, anonymous_id, url, properties: { n: number } };
    return {
      ...{ event, event_id, time, anonymous_id, user_id, source, medium: MEDIA[utm] },
      body: user_id === null ? body : { ...body, user_id },
    };
  }

  /** @param {Event[]} events */
  willSend(events) {
    for (const { event } of events) this.sent.set(event, (this.sent.get(event) ?? 0) + 1);
  }

  /** @param {Event[]} events */
  wasStored(events) {
    this.events.push(...events);
    for (const { event } of events) {
      this.acknowledged.set(event, (this.acknowledged.get(event) ?? 0) + 1);
    }
  }

  /**
   * @param {string} anonymous_id
   * @returns {number} how many events that were
   */
  forget(anonymous_id) {
    const before = this.events.length;
    this.events = this.events.filter((event) => event.anonymous_id !== anonymous_id);
    for (const name of NAMES) {
      const left = this.events.filter(({ event }) => event === name).length;
      this.sent.set(name, left);
      this.acknowledged.set(name, left);
    }
    this.epoch += 1;
    return before - this.events.length;
  }

  /**
   * @param {Range} range
   * @param {(event: Event) => boolean} [matches]
   */
  within({ from, to }, matches = () => true) {
    return this.events.filter((event) => event.time >= from && event.time < to && matches(event));
  }
}

/**
 * @param {Event[]} events
 * @param {KeyOf} keyOf
 * @returns {Map<string, Event[]>}
 */
export function grouped(events, keyOf) {
  /** @type {Map<string, Event[]>} */
  const groups = new Map();
  for (const event of events) {
    const key = keyOf(event);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]);
    else group.push(event);
  }
  return groups;
}

/** @param {Event[]} events @param {"anonymous_id" | "user_id"} id */
export const distinct = (events, id) =>
  new Set(events.map((event) => event[id]).filter((value) => value !== null)).size;

const METRICS = {
  count: (/** @type {Event[]} */ events) => events.length,
  uniques: (/** @type {Event[]} */ events) => distinct(events, "anonymous_id"),
  users: (/** @type {Event[]} */ events) => distinct(events, "user_id"),
};
export const metrics = /** @type {(keyof typeof METRICS)[]} */ (Object.keys(METRICS));

const before = (/** @type {string} */ a, /** @type {string} */ b) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The rows of get_stats, grouped by one column.
 *
 * @param {Event[]} events
 * @param {keyof typeof METRICS} metric
 * @param {"event_name" | "source" | "medium"} column
 */
export function statsRows(events, metric, column) {
  const field = column === "event_name" ? "event" : column;
  return [...grouped(events, (event) => event[field])]
    .map(([key, group]) => ({ [column]: key, value: METRICS[metric](group) }))
    .filter(({ value }) => Number(value) > 0)
    .sort((a, b) => Number(b.value) - Number(a.value) || before(`${a[column]}`, `${b[column]}`));
}

/** The rows of get_stats by day. @param {Event[]} events @param {keyof typeof METRICS} metric */
export function dailyRows(events, metric) {
  const day = (/** @type {Event} */ event) => new Date(event.time).toISOString().slice(0, 10);
  return [...grouped(events, day)]
    .map(([key, group]) => ({ bucket: `${key}T00:00:00.000Z`, value: METRICS[metric](group) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => before(a.bucket, b.bucket));
}

/** The rows of top_sources. @param {Event[]} events */
export function sourceRows(events) {
  return [...grouped(events, ({ source, medium }) => `${source} ${medium}`)]
    .map(([, group]) => ({
      source: group[0].source,
      medium: group[0].medium,
      events: group.length,
      uniques: distinct(group, "anonymous_id"),
      paid_share: group[0].medium === "paid" ? 1 : 0,
    }))
    .sort(
      (a, b) => b.events - a.events || before(a.source, b.source) || before(a.medium, b.medium),
    );
}

/**
 * How many visitors reach each step.
 *
 * @param {Event[]} events
 * @param {string[]} steps
 */
export function funnelVisitors(events, steps) {
  const reached = steps.map(() => 0);
  for (const own of grouped(events, (event) => event.anonymous_id).values()) {
    own.sort((a, b) => a.time - b.time);
    let step = 0;
    for (const { event } of own) {
      if (event === steps[step]) reached[step++] += 1;
    }
  }
  return reached;
}

/** Ids, newest first. @param {Event[]} events */
export const newestFirst = (events) =>
  events.toSorted((a, b) => b.time - a.time).map((event) => event.event_id);
