/**
 * SQL effects on a database that answers at once: one transaction for all statements of an effect.
 *
 * @typedef {import("./frames.js").RowsAnswer} RowsAnswer
 * @typedef {import("./frames.js").Rows} Rows
 * @typedef {import("./frames.js").SqlEffect} SqlEffect
 * @typedef {import("./frames.js").Statement} Statement
 * @typedef {import("./frames.js").Value} Value
 *
 * @typedef {object} Database
 * @property {(statement: Statement) => { width: number, rows: Iterator<Value[]> }} open
 * @property {(run: () => Rows[]) => Rows[]} transaction all or nothing
 */

/**
 * @param {Database} database
 * @param {SqlEffect} effect
 * @returns {RowsAnswer}
 * @throws what the database throws; nothing has changed then
 */
export function performSql(database, { statements }) {
  // One is done or not by itself.
  if (statements.length === 1) return { results: [rowsOf(database, statements[0])] };
  return { results: database.transaction(() => statements.map((s) => rowsOf(database, s))) };
}

/**
 * @param {Database} database
 * @param {Statement} statement
 * @returns {Rows}
 */
function rowsOf(database, statement) {
  const { width, rows } = database.open(statement);
  /** @type {Value[]} */
  const cells = [];
  for (let next = rows.next(); !next.done; next = rows.next()) cells.push(...next.value);
  return { width, cells };
}
