/**
 * One session: a landing, pages one behind the other, and what is done on them.
 */
import { INTERNAL, aLanding } from "./landings.js";
import { LONGEST_SESSION } from "./rhythm.js";
import { Weighted } from "./random.js";
import { ORIGIN, aPath, innerQuery } from "./site.js";

/**
 * @typedef {import("./random.js").Random} Random
 * @typedef {import("./landings.js").Attribution} Attribution
 *
 * @typedef {object} Visitor
 * @property {string} id the anonymous_id
 * @property {import("./agents.js").Agent} agent
 * @property {string} country
 * @property {string | null} user from the sign-up on
 * @property {number} sessions still to come
 *
 * @typedef {object} Page what all events on it share
 * @property {string} url
 * @property {string} path
 * @property {string | null} referrer
 * @property {Attribution} attribution
 *
 * @typedef {object} Event
 * @property {number} time
 * @property {string} name
 * @property {Visitor} visitor
 * @property {string | null} user
 * @property {Page} page
 * @property {string} properties JSON
 * @property {string} id the event_id, given when its turn has come
 */

const BUTTONS = [
  "hero_cta",
  "add_to_wishlist",
  "size_guide",
  "compare",
  "share",
  "filter",
  "newsletter_open",
  "play_video",
  "chat_open",
  "load_more",
];
const FORMS = ["newsletter", "contact", "review", "store_pickup"];
const FILES = ["size-chart.pdf", "warranty.pdf", "catalogue-2026.pdf", "care-guide.pdf"];
const SHARES = ["whatsapp", "mail", "copy_link", "facebook"];
/** As JSON.stringify writes them. */
const CENTS = ["", ".5", ".9", ".95"];
const PLANS = ["free", "club", "club_plus"];
const METHODS = ["email", "google", "apple"];

/** @type {[weight: number, name: string, properties: (random: Random) => string][]} */
const DEEDS = [
  [46, "button_clicked", (r) => `{"button":"${r.pick(BUTTONS)}"}`],
  [22, "scrolled", (r) => `{"depth":${r.pick([25, 50, 75, 100])}}`],
  [
    14,
    "add_to_cart",
    (r) =>
      `{"sku":"AG-${r.integer(1000, 3999)}","price":${r.integer(9, 480)}${r.pick(CENTS)},"quantity":${r.chance(0.85) ? 1 : 2}}`,
  ],
  [7, "form_submitted", (r) => `{"form":"${r.pick(FORMS)}","fields":${r.integer(1, 6)}}`],
  [
    5,
    "video_played",
    (r) =>
      `{"video":"v${r.integer(100, 180)}","seconds":${r.integer(3, 240)},"completed":${r.chance(0.3)}}`,
  ],
  [3, "file_downloaded", (r) => `{"file":"${r.pick(FILES)}"}`],
  [3, "shared", (r) => `{"via":"${r.pick(SHARES)}"}`],
];
const deeds = new Weighted(DEEDS, ([weight]) => weight);

/** What a page view now and then brings along. */
const EXPERIMENTS = ['{"variant":"a"}', '{"variant":"b"}'];

/** The events of a session as it goes on. */
class Session {
  /** @type {Event[]} */
  events = [];
  /** @type {Page} */
  #page;
  #random;
  #visitor;
  #time;
  #room;
  #end;

  /**
   * @param {Random} random
   * @param {Visitor} visitor
   * @param {number} time
   * @param {number} room how many events it may have
   */
  constructor(random, visitor, time, room) {
    this.#random = random;
    this.#visitor = visitor;
    this.#time = time;
    this.#room = room;
    this.#end = time + LONGEST_SESSION;
    const { query, referrer, attribution } = aLanding(random);
    const path = aPath(random);
    this.#page = { url: `${ORIGIN}${path}${query}`, path, referrer, attribution };
    this.#view();
  }

  get open() {
    return this.events.length < this.#room && this.#time < this.#end;
  }

  /** @param {string} [path] default: any */
  visit(path = aPath(this.#random)) {
    if (!this.#wait(45)) return;
    const { url: referrer } = this.#page;
    const url = `${ORIGIN}${path}${innerQuery(this.#random, path)}`;
    this.#page = { url, path, referrer, attribution: INTERNAL };
    this.#view();
  }

  /**
   * @param {string} name
   * @param {string} properties
   * @param {number} [seconds] after the last event, on average
   */
  do(name, properties, seconds = 15) {
    if (this.#wait(seconds)) this.#add(name, properties);
  }

  #view() {
    const tested = this.#random.chance(0.04);
    this.#add("$pageview", tested ? this.#random.pick(EXPERIMENTS) : "{}");
  }

  /** @param {number} seconds on average */
  #wait(seconds) {
    this.#time += 1000 + Math.floor(this.#random.wait(Math.min(seconds, 600) * 1000));
    return this.open;
  }

  /**
   * @param {string} name
   * @param {string} properties
   */
  #add(name, properties) {
    this.events.push({
      time: this.#time,
      name,
      visitor: this.#visitor,
      user: this.#visitor.user,
      page: this.#page,
      properties,
      id: "",
    });
  }
}

/**
 * @param {Random} random
 * @param {Visitor} visitor
 * @param {number} time
 * @param {number} room how many events there may still be
 * @param {() => string} newUser
 * @returns {Event[]} at least one, in the order of time, within LONGEST_SESSION
 */
export function browse(random, visitor, time, room, newUser) {
  const session = new Session(random, visitor, time, room);
  const steps = random.chance(0.4) ? 0 : 1 + Math.floor(random.wait(5));
  for (let i = 0; i < steps && session.open; i++) {
    if (random.chance(0.7)) {
      session.visit();
      continue;
    }
    const [, name, properties] = deeds.pick(random);
    session.do(name, properties(random));
    if (name === "add_to_cart" && random.chance(0.3)) buy(random, session);
  }
  if (visitor.user === null && random.chance(0.08)) signUp(random, visitor, session, newUser);
  return session.events;
}

/**
 * @param {Random} random
 * @param {Session} session
 */
function buy(random, session) {
  session.visit("/cart");
  if (random.chance(0.45)) return;
  session.visit("/checkout");
  session.do("checkout_started", `{"items":${random.integer(1, 5)}}`);
  if (random.chance(0.4)) return;
  const total = `${random.integer(19, 690)}${random.pick(CENTS)}`;
  const order = `AG${random.integer(10_000_000, 99_999_999)}`;
  session.do("purchase", `{"order_id":"${order}","total":${total},"currency":"EUR"}`, 90);
}

/**
 * @param {Random} random
 * @param {Visitor} visitor
 * @param {Session} session
 * @param {() => string} newUser
 */
function signUp(random, visitor, session, newUser) {
  session.visit("/signup");
  if (random.chance(0.25)) return;
  session.do("signup_started", `{"method":"${random.pick(METHODS)}"}`);
  if (random.chance(0.4) || !session.open) return;
  visitor.user = newUser();
  session.do("$identify", `{"plan":"${random.pick(PLANS)}"}`, 40);
  session.do("signup", `{"plan":"${random.pick(PLANS)}"}`, 1);
}
