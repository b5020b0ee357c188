/**
 * HMAC-SHA256 by WebCrypto, for both hosts.
 *
 * @typedef {import("./frames.js").HmacEffect} HmacEffect
 */

const HMAC = { name: "HMAC", hash: "SHA-256" };
const DIGEST_BYTES = 32;

/** @param {Uint8Array} bytes */
function importKey(bytes) {
  return crypto.subtle.importKey("raw", /** @type {any} */ (bytes), HMAC, false, ["sign"]);
}

/**
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export class Hmac {
  #pepper;
  /** @type {CryptoKey | undefined} */
  #pepperKey;
  /**
   * The key that was given last: all addresses of a day are hashed with one, and to import it costs
   * as much as a few digests.
   *
   * @type {{ bytes: Uint8Array, key: CryptoKey } | undefined}
   */
  #given;

  /** @param {string} pepper */
  constructor(pepper) {
    this.#pepper = new TextEncoder().encode(pepper);
  }

  /**
   * @param {HmacEffect} effect
   * @returns {Promise<Uint8Array>} the digest of each text, one after the other
   */
  async digest({ key: bytes, data }) {
    const key = bytes === null ? await this.#ofPepper() : await this.#ofGiven(bytes);
    const digests = await Promise.all(
      data.map((text) => crypto.subtle.sign(HMAC, key, /** @type {any} */ (text))),
    );
    const out = new Uint8Array(digests.length * DIGEST_BYTES);
    digests.forEach((digest, i) => out.set(new Uint8Array(digest), i * DIGEST_BYTES));
    return out;
  }

  async #ofPepper() {
    return (this.#pepperKey ??= await importKey(this.#pepper));
  }

  /** @param {Uint8Array} bytes */
  async #ofGiven(bytes) {
    if (this.#given !== undefined && equal(this.#given.bytes, bytes)) return this.#given.key;
    const key = await importKey(bytes);
    this.#given = { bytes, key };
    return key;
  }
}
