/** A small seeded generator: the same numbers on every machine. Not for secrets. */
export class Random {
  #state;

  /** @param {number} seed a 32-bit integer */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** @returns {number} 32 random bits (splitmix32) */
  bits() {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** @returns {number} at least 0, below 1 */
  unit() {
    return this.bits() / 2 ** 32;
  }

  /** @param {number} probability */
  chance(probability) {
    return this.unit() < probability;
  }

  /**
   * @param {number} low
   * @param {number} high
   * @returns {number} an integer, both ends included
   */
  integer(low, high) {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  /**
   * @template T
   * @param {readonly T[]} items
   * @returns {T}
   */
  pick(items) {
    return items[this.integer(0, items.length - 1)];
  }

  /**
   * @template T
   * @param {readonly (readonly [T, number])[]} items each with its weight
   * @returns {T}
   */
  weighted(items) {
    let left = this.unit() * items.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of items) {
      left -= weight;
      if (left < 0) return item;
    }
    return items[items.length - 1][0];
  }

  /**
   * @template T
   * @param {readonly T[]} items
   * @returns {T[]} the items in a random order
   */
  shuffled(items) {
    const result = [...items];
    for (let index = result.length - 1; index > 0; index--) {
      const other = this.integer(0, index);
      [result[index], result[other]] = [result[other], result[index]];
    }
    return result;
  }

  /** @param {number} digits at most 8 */
  hex(digits) {
    return this.bits().toString(16).padStart(8, "0").slice(0, digits);
  }
}
