/**
 * Keeps a project's requests apart where their order decides an answer: those of one kind run together,
 * `alone` ones by themselves, and nobody waits for ever.
 */

/** @typedef {"write" | "ask" | "alone"} Kind */

export class Gate {
  /** @type {Kind} */
  #kind = "ask";
  #running = 0;
  /** @type {{ kind: Kind, start: () => void }[]} */
  #waiting = [];

  /**
   * @template T
   * @param {Kind} kind
   * @param {() => Promise<T>} run
   * @returns {Promise<T>}
   */
  async through(kind, run) {
    await new Promise((resolve) => {
      this.#waiting.push({ kind, start: () => resolve(undefined) });
      this.#admit();
    });
    try {
      return await run();
    } finally {
      this.#running -= 1;
      this.#admit();
    }
  }

  /** Whether one that runs by itself does so now. */
  get isAlone() {
    return this.#kind === "alone" && this.#running > 0;
  }

  #admit() {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const together = next.kind === this.#kind && next.kind !== "alone";
      if (this.#running > 0 && !together) return;
      this.#waiting.shift();
      this.#kind = next.kind;
      this.#running += 1;
      next.start();
    }
  }
}
