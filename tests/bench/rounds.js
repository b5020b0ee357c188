import { requestsPerSecond } from "./load.js";
import { median } from "./report.js";

/** Enough for a median that one slow round of a busy machine does not move. */
const ROUNDS = 5;

/**
 * Loads each contender in turn, several times over, so that a machine that slows down or speeds up
 * in between does so for all of them.
 *
 * @template {string} Name
 * @template [Target=import("./load.js").Shot]
 * @param {Record<Name, Target>} shots
 * @param {number} seconds of each load
 * @param {(shot: Target, seconds: number) => Promise<number>} [load]
 * @returns {Promise<Record<Name, number>>} the median of what each load gave; by default its
 *   requests per second
 */
export async function alternate(shots, seconds, load = /** @type {any} */ (requestsPerSecond)) {
  const names = /** @type {Name[]} */ (Object.keys(shots));
  const warmUp = Math.min(seconds, 2);
  for (const name of names) await load(shots[name], warmUp);

  const measured = new Map(names.map((name) => [name, /** @type {number[]} */ ([])]));
  for (let round = 0; round < ROUNDS; round++) {
    // Whoever comes first differs from round to round, so that nobody always follows the same one.
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + i) % names.length];
      measured.get(name)?.push(await load(shots[name], seconds));
    }
  }
  return /** @type {Record<Name, number>} */ (
    Object.fromEntries([...measured].map(([name, values]) => [name, median(values)]))
  );
}
