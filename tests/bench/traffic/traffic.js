/**
 * The traffic of the benchmarks: the same events for a number of events on every machine, in the
 * order of time, one minute after the other, so that tens of millions of them need no memory.
 *
 * A minute's plan says how many events there are by its end; sessions are begun until their events
 * make up for it, by visitors whose turn has come to return, or by new ones.
 */
import { aCountry, anAgent } from "./agents.js";
import { Random } from "./random.js";
import { DAY, LONGEST_SESSION, MINUTE, SLOTS, START, planned } from "./rhythm.js";
import { browse } from "./session.js";

/**
 * @typedef {import("./session.js").Event} Event
 * @typedef {import("./session.js").Visitor} Visitor
 */

export const SEED = 20_260_301;
/** Minutes that a session reaches into the future, and one for what is left of its first. */
const AHEAD = LONGEST_SESSION / MINUTE + 2;
/** Who comes back while others come for the first time. */
const RETURNING = 0.75;

/**
 * @param {Random} random
 * @returns {number} sessions of a visitor in all: most come once, few very often
 */
function sessionsOf(random) {
  const dice = random.unit();
  if (dice < 0.62) return 1;
  if (dice < 0.87) return random.integer(2, 4);
  if (dice < 0.98) return random.integer(5, 12);
  return random.integer(15, 60);
}

class Traffic {
  #random = new Random(SEED);
  #total;
  #begun = 0;
  #users = 100_000;
  /** @type {Event[][]} by minute, in a ring */
  #minutes = Array.from({ length: AHEAD }, () => []);
  /** @type {Map<number, Visitor[]>} by the hour that they come back in */
  #returns = new Map();
  /** @type {Visitor[]} whose turn has come, the next one last */
  #due = [];
  #lastTime = 0;

  /** @param {number} total */
  constructor(total) {
    this.#total = total;
  }

  /** @returns {Generator<Event[], void>} */
  *run() {
    const plan = planned(this.#random, this.#total);
    for (let slot = 0; slot < SLOTS; slot++) {
      if (slot % 60 === 0) this.#recall(slot / 60);
      while (this.#begun < Math.round(plan[slot])) this.#begin(slot);
      const events = this.#minutes[slot % AHEAD];
      if (events.length === 0) continue;
      this.#minutes[slot % AHEAD] = [];
      yield this.#ordered(events);
    }
  }

  /** @param {number} hour */
  #recall(hour) {
    const back = this.#returns.get(hour);
    if (back === undefined) return;
    this.#returns.delete(hour);
    this.#due = [...back, ...this.#due];
  }

  /** @param {number} slot */
  #begin(slot) {
    const random = this.#random;
    const start = START + slot * MINUTE + Math.floor(random.unit() * MINUTE);
    const visitor = this.#next();
    const room = this.#total - this.#begun;
    const events = browse(random, visitor, start, room, () => `user_${++this.#users}`);
    this.#begun += events.length;
    for (const event of events) {
      this.#minutes[Math.floor((event.time - START) / MINUTE) % AHEAD].push(event);
    }
    if (--visitor.sessions <= 0) return;
    const days = 0.2 + random.wait(6);
    const hour = Math.ceil((start + days * DAY - START) / (60 * MINUTE));
    const others = this.#returns.get(hour);
    if (others === undefined) this.#returns.set(hour, [visitor]);
    else others.push(visitor);
  }

  /** @returns {Visitor} */
  #next() {
    const random = this.#random;
    const back = random.chance(RETURNING) ? this.#due.pop() : undefined;
    return (
      back ?? {
        id: random.uuid(),
        agent: anAgent(random),
        country: aCountry(random),
        user: null,
        sessions: sessionsOf(random),
      }
    );
  }

  /** @param {Event[]} events of a minute */
  #ordered(events) {
    events.sort((a, b) => a.time - b.time);
    for (const event of events) {
      // No two have one time: every store then agrees on which is the newest.
      this.#lastTime = event.time = Math.max(event.time, this.#lastTime + 1);
      event.id = this.#random.uuid();
    }
    return events;
  }
}

/**
 * @param {number} total how many events
 * @returns {Generator<Event[], void>} some at a time
 */
export const traffic = (total) => new Traffic(total).run();
