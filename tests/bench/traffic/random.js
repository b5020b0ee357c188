/**
 * Seeded randomness for traffic: fast, and the same numbers on every machine. Not for secrets.
 */

/** Every number of 16 bits in hex: a UUID is eight of them. */
const HEX4 = Array.from({ length: 65_536 }, (_, n) => n.toString(16).padStart(4, "0"));
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** sfc32: 128 bits of state, so that tens of millions of UUIDs do not meet. */
export class Random {
  #a;
  #b;
  #c = 1;
  #counter = 1;

  /** @param {number} seed a 32-bit integer */
  constructor(seed) {
    this.#a = seed | 0;
    this.#b = ~seed;
    for (let i = 0; i < 15; i++) this.bits();
  }

  /** @returns {number} 32 random bits, signed */
  bits() {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum;
  }

  /** @returns {number} at least 0, below 1 */
  unit() {
    return (this.bits() >>> 0) / 2 ** 32;
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
   * @param {number} mean
   * @returns {number} exponentially distributed
   */
  wait(mean) {
    return -Math.log(1 - this.unit()) * mean;
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
   * @param {readonly T[]} items
   * @returns {T[]} the items in a random order
   */
  shuffled(items) {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const other = this.integer(0, i);
      [result[i], result[other]] = [result[other], result[i]];
    }
    return result;
  }

  /** @returns {string} a UUID of version 4, as crypto.randomUUID gives */
  uuid() {
    const a = this.bits();
    const b = this.bits();
    const c = this.bits();
    const d = this.bits();
    return (
      `${HEX4[a >>> 16]}${HEX4[a & 0xffff]}-${HEX4[b >>> 16]}-${HEX4[0x4000 | (b & 0xfff)]}-` +
      `${HEX4[0x8000 | (c & 0x3fff)]}-${HEX4[c >>> 16]}${HEX4[d >>> 16]}${HEX4[d & 0xffff]}`
    );
  }

  /** @param {number} length in characters */
  token(length) {
    let text = "";
    for (let i = 0; i < length; i++) text += BASE64URL[this.bits() >>> 26];
    return text;
  }
}

/**
 * Picks by weight in constant time (Walker's aliases), however many there are.
 *
 * @template T
 */
export class Weighted {
  /** @type {number[]} */
  #keep = [];
  /** @type {number[]} */
  #alias = [];
  #items;

  /**
   * @param {readonly T[]} items
   * @param {(item: T, index: number) => number} weightOf
   */
  constructor(items, weightOf) {
    this.#items = items;
    const weights = items.map(weightOf);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const left = weights.map((weight) => (weight * items.length) / total);
    const small = left.flatMap((share, i) => (share < 1 ? [i] : []));
    const large = left.flatMap((share, i) => (share < 1 ? [] : [i]));
    this.#keep = left.map(() => 1);
    this.#alias = left.map((_, i) => i);
    while (small.length > 0 && large.length > 0) {
      const less = /** @type {number} */ (small.pop());
      const more = large[large.length - 1];
      this.#keep[less] = left[less];
      this.#alias[less] = more;
      left[more] -= 1 - left[less];
      if (left[more] < 1) small.push(/** @type {number} */ (large.pop()));
    }
  }

  /**
   * @param {Random} random
   * @returns {T}
   */
  pick(random) {
    const i = random.integer(0, this.#items.length - 1);
    return this.#items[random.unit() < this.#keep[i] ? i : this.#alias[i]];
  }
}
