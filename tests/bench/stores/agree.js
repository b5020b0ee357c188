/**
 * Whether two stores answer a question alike.
 */
import { isDeepStrictEqual } from "node:util";
import { ANSWERS } from "./questions.js";

/** What an estimate of distinct visitors may be off by. */
const TOLERANCE = 0.03;

/**
 * @typedef {import("./questions.js").Answer} Answer
 * @typedef {import("./questions.js").Row} Row
 */

/**
 * Rows must come in the same order, unless what they are ordered by is estimated.
 *
 * @param {import("./questions.js").QuestionName} name
 * @param {Answer} ours
 * @param {Answer} theirs exact
 * @param {boolean} exact whether ours says that it is exact as well
 * @throws with the first difference
 */
export function checkAgreement(name, ours, theirs, exact) {
  const { keys, estimates } = ANSWERS[name];
  if (theirs.length === 0) throw new Error(`${name}: there is nothing to compare`);
  const sorts = estimates.includes(keys);
  const [left, right] = sorts ? [byKey(ours), byKey(theirs)] : [ours, theirs];
  const rows = Math.max(left.length, right.length);
  for (let i = 0; i < rows; i++) {
    const same = left[i]?.every((value, column) =>
      !exact && estimates.includes(column)
        ? isNear(Number(value), Number(right[i]?.[column]))
        : isDeepStrictEqual(value, right[i]?.[column]),
    );
    if (same) continue;
    const [a, b] = [JSON.stringify(left[i]), JSON.stringify(right[i])];
    throw new Error(`${name}: row ${i} of ${left.length} and ${right.length}: ${a} is not ${b}`);
  }
}

/** @param {Answer} answer */
const byKey = (answer) => [...answer].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));

/**
 * @param {number} estimate
 * @param {number} exact
 */
const isNear = (estimate, exact) => Math.abs(estimate - exact) <= TOLERANCE * exact;
