/**
 * The questions that the stores are compared by. No two of a run are the same: our store keeps the
 * answers to repeated ones, so every asking moves the range by whole hours, for all stores alike.
 */
import { DAY, END } from "../traffic/rhythm.js";

const HOUR = DAY / 24;

/**
 * @typedef {"top_sources" | "stats_daily" | "uniques_country" | "stats_filtered" | "funnel" |
 *   "recent" | "user_history"} QuestionName
 *
 * @typedef {object} Question
 * @property {QuestionName} name
 * @property {number} from inclusive, in milliseconds
 * @property {number} to exclusive
 * @property {string} user of user_history
 *
 * @typedef {(string | number | null)[]} Row
 * @typedef {Row[]} Answer rows of the columns that ANSWERS names, in the order that our server gives
 *
 * @typedef {object} Store
 * @property {string} name as the table calls it
 * @property {(question: Question) => Promise<Answer>} ask
 * @property {() => Promise<void>} close
 */

/** Days that a question covers. */
const SPAN = /** @type {Record<QuestionName, number>} */ ({
  top_sources: 30,
  stats_daily: 90,
  uniques_country: 7,
  stats_filtered: 90,
  funnel: 30,
  recent: 110,
  user_history: 110,
});

export const QUESTIONS = /** @type {QuestionName[]} */ (Object.keys(SPAN));

/** What `stats_filtered` filters by. */
export const FILTERED = { event: "$pageview", path: "/pricing" };
export const STEPS = ["$pageview", "signup_started", "signup"];
/** Most rows of an answer of statistics, and of one of events. */
export const MOST_ROWS = 1000;
export const MOST_SOURCES = 200;
export const MOST_EVENTS = 100;

/**
 * What an answer's columns are: those that name a group or stand in a row as they are, and those
 * that are counted. Of the counted ones some may be estimates.
 */
export const ANSWERS = /** @type {Record<QuestionName, { keys: number, estimates: number[] }>} */ ({
  top_sources: { keys: 2, estimates: [3] },
  stats_daily: { keys: 3, estimates: [] },
  uniques_country: { keys: 1, estimates: [1] },
  stats_filtered: { keys: 1, estimates: [] },
  funnel: { keys: 1, estimates: [] },
  recent: { keys: 19, estimates: [] },
  user_history: { keys: 19, estimates: [] },
});

/**
 * @param {QuestionName} name
 * @param {number} asking how often it has been asked before
 * @param {string[]} users whose histories are asked for in turn
 * @returns {Question}
 */
export function question(name, asking, users) {
  const to = END - asking * HOUR;
  return { name, from: to - SPAN[name] * DAY, to, user: users[asking % users.length] };
}
