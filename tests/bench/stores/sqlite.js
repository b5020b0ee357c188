/**
 * The traffic as plain rows of SQLite, with the indexes that the questions call for.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { COLUMNS, rowOf } from "../traffic/encode.js";
import { pieces } from "../traffic/pieces.js";
import { loaded } from "./cache.js";
import { sqlOf, sqlite as dialect } from "./sql.js";

const PIECE = 10_000;
const INDEXES = [
  "timestamp",
  "event_name, timestamp",
  "anonymous_id, timestamp",
  "user_id, timestamp",
];
/** Memory for the database's pages, in KB: more than our server has in all. */
const CACHE_KB = 256 * 1024;

/** @param {string} folder */
function open(folder) {
  const database = new DatabaseSync(join(folder, "events.sqlite"));
  database.exec(`PRAGMA cache_size = -${CACHE_KB}`);
  return database;
}

/**
 * @param {string} folder
 * @param {number} total
 */
async function load(folder, total) {
  const database = open(folder);
  // Nothing is lost with a file that is only kept once it is whole.
  database.exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
  const types = COLUMNS.map((column) => `${column} ${column === "timestamp" ? "INTEGER" : "TEXT"}`);
  database.exec(`CREATE TABLE events (${types})`);
  const insert = database.prepare(`INSERT INTO events VALUES (${COLUMNS.map(() => "?")})`);
  for (const piece of pieces(total, PIECE)) {
    database.exec("BEGIN");
    for (const event of piece) insert.run(...rowOf(event));
    database.exec("COMMIT");
  }
  INDEXES.forEach((columns, i) => database.exec(`CREATE INDEX by_${i} ON events (${columns})`));
  database.exec("ANALYZE");
  database.close();
  return {};
}

/**
 * @param {string} size
 * @param {number} total
 * @returns {Promise<import("./questions.js").Store & { bytes: number }>}
 */
export async function openSqlite(size, total) {
  const { folder } = await loaded("sqlite", size, ["tests/bench/stores/sqlite.js"], (made) =>
    load(made, total),
  );
  const database = open(folder);
  return {
    name: "SQLite rows",
    async ask(question) {
      const statement = database.prepare(sqlOf(question, dialect));
      statement.setReturnArrays(true);
      return /** @type {any} */ (statement.all());
    },
    bytes: (await stat(join(folder, "events.sqlite"))).size,
    async close() {
      database.close();
    },
  };
}
