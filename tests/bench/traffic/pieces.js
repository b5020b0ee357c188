import { traffic } from "./traffic.js";

/**
 * @param {number} total how many events
 * @param {number} size of a piece
 * @returns {Generator<import("./session.js").Event[], void>} the traffic in pieces of that size; the
 *   last one may be smaller
 */
export function* pieces(total, size) {
  /** @type {import("./session.js").Event[]} */
  let piece = [];
  for (const minute of traffic(total)) {
    for (const event of minute) {
      piece.push(event);
      if (piece.length < size) continue;
      yield piece;
      piece = [];
    }
  }
  if (piece.length > 0) yield piece;
}
