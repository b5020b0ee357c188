/**
 * Databases in memory, on SQLite's own WebAssembly build.
 */
import sqlite3InitModule from "@sqlite.org/sqlite-wasm";

/**
 * @typedef {import("./frames.js").Value} Value
 * @typedef {import("@sqlite.org/sqlite-wasm").PreparedStatement} PreparedStatement
 */

const sqlite3 = await sqlite3InitModule();
const { capi } = sqlite3;

/** What forgetting writes over the log is megabytes, and there is no log here. */
const noNoise = sqlite3.wasm.installFunction("v(pip)", (/** @type {number} */ call) =>
  capi.sqlite3_result_zeroblob(call, 0),
);

/**
 * @typedef {import("./sql.js").Database & {
 *   exec: (script: string) => void,
 *   close: () => void,
 * }} MemoryDatabase
 */

/** @returns {MemoryDatabase} */
export function openDatabase() {
  const db = new sqlite3.oo1.DB(":memory:");
  capi.sqlite3_create_function(db, "randomblob", 1, capi.SQLITE_UTF8, 0, noNoise, 0, 0);
  return {
    open({ sql, params }) {
      const statement = db.prepare(sql);
      if (params.length > 0) statement.bind(/** @type {any[]} */ (params));
      return { width: statement.columnCount, rows: rowsOf(statement) };
    },
    transaction: (run) => db.transaction(run),
    exec: (script) => void db.exec(script),
    close: () => db.close(),
  };
}

/**
 * @param {PreparedStatement} statement
 * @returns {Generator<Value[], void>}
 */
function* rowsOf(statement) {
  try {
    while (statement.step()) yield /** @type {Value[]} */ (statement.get([]));
  } finally {
    statement.finalize();
  }
}
