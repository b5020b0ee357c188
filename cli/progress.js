/** How far a long command has come, on stderr: a bar on a terminal, a line now and then elsewhere. */

const BAR_CELLS = 24;
const REDRAW_MS = 100;
const LINE_EVERY_SHARE = 0.1;
const LINE_EVERY_EVENTS = 50_000;

export class ProgressBar {
  #io;
  #total;
  #started;
  #events = 0;
  #share = 0;
  #startShare = 0;
  #drawnAt = -Infinity;
  #drawn = false;
  #saidShare = 0;
  #saidEvents = 0;

  /**
   * @param {import("./io.js").Io} io
   * @param {number | undefined} total bytes, when they are known
   */
  constructor(io, total) {
    this.#io = io;
    this.#total = total;
    this.#started = io.now();
  }

  /** @param {number} bytes done before this run: they say nothing of its speed */
  startAt(bytes) {
    this.#startShare = this.#saidShare = this.#shareOf(bytes);
    this.#started = this.#io.now();
  }

  /**
   * @param {number} events done in this run
   * @param {number} bytes of the total
   */
  update(events, bytes) {
    this.#events = events;
    this.#share = this.#shareOf(bytes);
    const { stderr } = this.#io;
    if (stderr.isTTY === true) {
      if (this.#io.now() - this.#drawnAt >= REDRAW_MS) this.#draw();
    } else if (this.#isTimeForLine()) {
      this.#saidShare = this.#share;
      this.#saidEvents = events;
      stderr.write(`${this.#text()}\n`);
    }
  }

  /** Leaves the terminal's line for other text. */
  clear() {
    if (this.#drawn) this.#io.stderr.write("\r\x1b[K");
    this.#drawn = false;
    this.#drawnAt = -Infinity;
  }

  #isTimeForLine() {
    if (this.#total === undefined) return this.#events - this.#saidEvents >= LINE_EVERY_EVENTS;
    return this.#share - this.#saidShare >= LINE_EVERY_SHARE;
  }

  #draw() {
    this.#drawnAt = this.#io.now();
    this.#drawn = true;
    const filled = Math.round(this.#share * BAR_CELLS);
    const bar = `[${"#".repeat(filled)}${"-".repeat(BAR_CELLS - filled)}] `;
    const line = (this.#total === undefined ? "" : bar) + this.#text();
    this.#io.stderr.write(`\r\x1b[K${line.slice(0, (this.#io.stderr.columns || 80) - 1)}`);
  }

  #text() {
    const seconds = (this.#io.now() - this.#started) / 1000;
    const rate = seconds > 0 ? `, ${Math.round(this.#events / seconds)}/s` : "";
    if (this.#total === undefined) return `${this.#events} events${rate}`;
    const done = this.#share - this.#startShare;
    const left = done > 0 ? `, ETA ${duration((seconds / done) * (1 - this.#share))}` : "";
    return `${Math.floor(this.#share * 100)} %, ${this.#events} events${rate}${left}`;
  }

  /** @param {number} bytes */
  #shareOf(bytes) {
    return this.#total ? Math.min(1, bytes / this.#total) : 0;
  }
}

/** @param {number} seconds */
function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
