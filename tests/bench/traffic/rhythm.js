/**
 * When traffic comes: 120 days that end at one given instant, with the rhythm of days and weeks and
 * some growth.
 */

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const DAYS = 120;
/** Behind the last event, and behind us: a server refuses what is ahead of its clock. */
export const END = Date.UTC(2026, 2, 1);
export const START = END - DAYS * DAY;
/** The minutes that traffic is planned in. */
export const SLOTS = (DAYS * DAY) / MINUTE;
/** How long a session may last; the last minutes begin none, so that all of them end before END. */
export const LONGEST_SESSION = 40 * MINUTE;

/** How busy each hour of the day is, in UTC. */
const HOURS = [
  12, 8, 6, 5, 6, 10, 22, 38, 52, 60, 64, 66, 68, 66, 64, 64, 66, 70, 76, 84, 88, 76, 50, 26,
];
/** From Sunday. */
const WEEKDAYS = [1.02, 1.08, 1.06, 1.04, 1.0, 0.9, 0.86];

/**
 * @param {import("./random.js").Random} random
 * @param {number} total events
 * @returns {Float64Array} how many of them there are by the end of each minute
 */
export function planned(random, total) {
  const sums = new Float64Array(SLOTS);
  const last = SLOTS - LONGEST_SESSION / MINUTE - 5;
  let sum = 0;
  let mood = 1;
  for (let slot = 0; slot < SLOTS; slot++) {
    if (slot % (DAY / MINUTE) === 0) mood = 0.85 + 0.3 * random.unit();
    const date = new Date(START + slot * MINUTE);
    const hour = date.getUTCHours();
    const part = date.getUTCMinutes() / 60;
    const hourly = HOURS[hour] * (1 - part) + HOURS[(hour + 1) % 24] * part;
    const growth = 0.8 + (0.4 * slot) / SLOTS;
    if (slot < last) sum += hourly * WEEKDAYS[date.getUTCDay()] * growth * mood;
    sums[slot] = sum;
  }
  return sums.map((value) => (value / sum) * total);
}
