/**
 * The demo's events: the same on every machine, relative to the UTC day of seeding. Everything is
 * drawn from a seeded generator and placed by its distance to that day's midnight; even the weekly
 * rhythm counts back from it, so that the figures do not depend on the weekday of the seeding.
 */
import { LANDINGS } from "./landings.js";
import { Random } from "./random.js";
import { SITES } from "./sites.js";
import { Visit } from "./visit.js";
import { newVisitor } from "./visitors.js";

/** @typedef {import('./visit.js').DemoEvent} DemoEvent */
/** @typedef {import('./visitors.js').Visitor} Visitor */

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const DAYS = 60;

/**
 * A week before the seeding the sites are down from half past midnight. That gives a diagnosis of
 * traffic something to find; and the last seven days, which is what the tools show by default,
 * hold the same events at any later time of the day of seeding.
 */
const OUTAGE_DAY = 7;

/** Every rule of the classifier comes up at least once in so many days. */
const DECK_DAYS = 6;

/** How busy each hour of the day is. */
const HOURS = [3, 2, 1, 1, 1, 2, 4, 6, 8, 9, 9, 10, 11, 10, 10, 11, 12, 12, 12, 13, 14, 12, 8, 5];

/**
 * @param {number} now milliseconds since the epoch
 * @returns {number} the start of that UTC day
 */
export function utcMidnight(now) {
  return Math.floor(now / DAY) * DAY;
}

/**
 * @param {'shop' | 'blog'} name
 * @param {number} midnight the start of the seeding's UTC day: every event is before it
 * @returns {DemoEvent[]} in the order of time
 */
export function demoEvents(name, midnight) {
  const site = SITES[name];
  const random = new Random(site.seed);
  const sources = sourceDeck(random);
  /** @type {Visitor[]} */
  const visitors = [];
  /** @type {DemoEvent[]} */
  const events = [];
  let users = 100;

  for (let daysBefore = DAYS; daysBefore >= 1; daysBefore--) {
    if (daysBefore % DECK_DAYS === 0) sources.reshuffle();
    const start = midnight - daysBefore * DAY;
    for (const moment of visitTimes(random, daysBefore, site.visitsPerDay)) {
      const visitor = pickVisitor(random, visitors);
      const visit = new Visit(random, visitor, site.origin, start + moment);
      site.browse(visit, sources.next(), () => ++users);
      events.push(...visit.events);
    }
  }
  return events.sort((a, b) => compare(a.timestamp, b.timestamp));
}

/**
 * @param {Random} random
 * @param {number} daysBefore
 * @param {number} average visits per day
 * @returns {number[]} the visits' starts, in order, as milliseconds from the day's start
 */
function visitTimes(random, daysBefore, average) {
  const growth = 1.2 - (0.4 * daysBefore) / DAYS;
  const weekly = daysBefore % 7 === 0 || daysBefore % 7 === 6 ? 0.65 : 1.13;
  const count = Math.round(average * growth * weekly * (0.85 + 0.3 * random.unit()));
  const hours = HOURS.map((weight, hour) => /** @type {const} */ ([hour, weight]));
  const times = [];
  for (let index = 0; index < count; index++) {
    const hour = random.weighted(hours);
    // The last half hour stays free, so that every visit ends within its day.
    const seconds = random.integer(0, hour === 23 ? 1799 : 3599);
    times.push(hour * 60 * MINUTE + seconds * 1000);
  }
  times.sort((a, b) => a - b);
  if (daysBefore !== OUTAGE_DAY) return times;
  return [2, 5, 9].map((minute) => minute * MINUTE);
}

/**
 * One in four comes back; the others are new.
 * @param {Random} random
 * @param {Visitor[]} visitors
 */
function pickVisitor(random, visitors) {
  if (visitors.length > 0 && random.chance(0.25)) return random.pick(visitors.slice(-200));
  const visitor = newVisitor(random);
  visitors.push(visitor);
  return visitor;
}

/**
 * Where visits come from: half of them by weight, half from a shuffled deck of all rules, so that
 * the rare ones come up regularly.
 * @param {Random} random
 */
function sourceDeck(random) {
  /** @type {import('./landings.js').Landing[]} */
  let deck = [];
  const byWeight = LANDINGS.map((landing) => /** @type {const} */ ([landing, landing.weight]));
  return {
    reshuffle() {
      deck = random.shuffled(LANDINGS);
    },
    next() {
      const fromDeck = random.chance(0.5) ? deck.pop() : undefined;
      return (fromDeck ?? random.weighted(byWeight)).make(random);
    },
  };
}

/**
 * By UTF-16 units, not by the machine's language.
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  return a < b ? -1 : Number(a > b);
}
