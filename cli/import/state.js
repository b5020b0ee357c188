/**
 * How far an import has come, in a file beside its input: written whole or not at all after every
 * batch that the server has accepted, and removed at the end.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { CliError, EXIT, UsageError } from "../errors.js";

const VERSION = 1;

/**
 * @typedef {object} Progress
 * @property {number} records read and done with
 * @property {string} digest of those records' bytes: a changed file is not gone on with
 * @property {number} line the last that is done
 * @property {number} stored
 * @property {number} duplicates
 * @property {number} skipped
 * @property {number} untimed events without a timestamp; older versions did not note them
 */

export class StateFile {
  #path;
  #import;

  /**
   * @param {string | undefined} path undefined: nothing is kept
   * @param {object} about what makes it this import and no other: server, project, options
   */
  constructor(path, about) {
    this.#path = path;
    this.#import = JSON.stringify(about);
  }

  /** Whether there is something to go on with. */
  get exists() {
    return this.#path !== undefined && existsSync(this.#path);
  }

  get path() {
    return this.#path;
  }

  /** How an import that has stored something gets another mapping. */
  get restart() {
    const remove = this.#path === undefined ? "" : `remove ${this.#path} and `;
    return (
      `To give another --map now, ${remove}import the whole file again within 7 days: what is ` +
      "stored already is not stored twice, and stays as it is."
    );
  }

  /** @returns {Progress | undefined} */
  read() {
    if (this.#path === undefined || !existsSync(this.#path)) return undefined;
    let kept;
    try {
      kept = JSON.parse(readFileSync(this.#path, "utf8"));
    } catch {
      kept = {};
    }
    if (kept.version !== VERSION || typeof kept.progress?.records !== "number") {
      throw new UsageError(`${this.#path} is no state of an import. Remove it, or give --state.`);
    }
    if (JSON.stringify(kept.import) !== this.#import) {
      throw new UsageError(
        `${this.#path} is of an import with another server, project or mapping:\n` +
          `  ${JSON.stringify(kept.import)}\n` +
          "Finish that one first, or give another file with --state, or remove this one to start from " +
          "the beginning: what was stored within the last 7 days is not stored twice.",
      );
    }
    return { untimed: 0, ...kept.progress };
  }

  /** Before anything is stored: whether progress could be noted here. */
  checkWritable() {
    if (this.#path === undefined) return;
    try {
      writeFileSync(this.#next, "");
      rmSync(this.#next);
    } catch (error) {
      throw new UsageError(this.#unwritable(error));
    }
  }

  /** @param {Progress} progress */
  write(progress) {
    if (this.#path === undefined) return;
    const kept = { version: VERSION, import: JSON.parse(this.#import), progress };
    try {
      writeFileSync(this.#next, `${JSON.stringify(kept)}\n`);
      renameSync(this.#next, this.#path);
    } catch (error) {
      throw new CliError(EXIT.partial, this.#unwritable(error), { cause: error });
    }
  }

  get #next() {
    return `${this.#path}.new`;
  }

  /** @param {unknown} error */
  #unwritable(error) {
    const why = error instanceof Error ? error.message : String(error);
    return `Cannot write the state file ${this.#path}: ${why}. Give another place with --state FILE.`;
  }

  remove() {
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
  }
}
