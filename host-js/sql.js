/**
 * SQL effects on a database that answers at once: one transaction for many statements, or one
 * statement read page by page.
 *
 * @typedef {import("./frames.js").Answer} Answer
 * @typedef {import("./frames.js").Rows} Rows
 * @typedef {import("./frames.js").SqlEffect} SqlEffect
 * @typedef {import("./frames.js").FetchEffect} FetchEffect
 * @typedef {import("./frames.js").Statement} Statement
 * @typedef {import("./frames.js").Value} Value
 *
 * @typedef {object} Database
 * @property {(statement: Statement) => { width: number, rows: Iterator<Value[]> }} open
 * @property {(run: () => Rows[]) => Rows[]} transaction all or nothing
 */

/** The cursors of one call. */
export class SqlEffects {
  #database;
  /** @type {Map<number, { width: number, rows: Iterator<Value[]> }>} */
  #cursors = new Map();
  #lastCursor = 0;

  /** @param {Database} database */
  constructor(database) {
    this.#database = database;
  }

  /**
   * @param {SqlEffect | FetchEffect} effect
   * @returns {Answer}
   */
  perform(effect) {
    if (effect.kind === "fetch") return this.#page(effect.cursor, effect.pageRows);
    if (effect.pageRows === 0) {
      const results = this.#database.transaction(() => effect.statements.map((s) => this.#all(s)));
      return { cursor: 0, results };
    }
    const cursor = ++this.#lastCursor;
    this.#cursors.set(cursor, this.#database.open(effect.statements[0]));
    return this.#page(cursor, effect.pageRows);
  }

  /**
   * @param {Statement} statement
   * @returns {Rows}
   */
  #all(statement) {
    const { width, rows } = this.#database.open(statement);
    /** @type {Value[]} */
    const cells = [];
    for (let next = rows.next(); !next.done; next = rows.next()) cells.push(...next.value);
    return { width, cells };
  }

  /**
   * @param {number} cursor
   * @param {number} pageRows
   * @returns {Answer}
   */
  #page(cursor, pageRows) {
    const open = this.#cursors.get(cursor);
    if (open === undefined) throw new Error(`there is no cursor ${cursor}`);
    /** @type {Value[]} */
    const cells = [];
    for (let row = 0; row < pageRows; ++row) {
      const next = open.rows.next();
      if (next.done) {
        this.#cursors.delete(cursor);
        return { cursor: 0, results: [{ width: open.width, cells }] };
      }
      cells.push(...next.value);
    }
    return { cursor, results: [{ width: open.width, cells }] };
  }
}
