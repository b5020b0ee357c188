/**
 * The traffic in DuckDB: its own file format, as many threads as our server gets, ids as UUIDs.
 */
import { appendFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { COLUMNS, CSV_NULL } from "../traffic/encode.js";
import { encoded } from "../traffic/stream.js";
import { loaded } from "./cache.js";
import { duckdb as dialect, sqlOf } from "./sql.js";

/** Lines that are written at a time, and pieces that are read at a time. */
const PIECE = 20_000;
const PIECES = 50;

/** @param {string} column */
function typeOf(column) {
  if (column === "timestamp") return "TIMESTAMP";
  return column === "event_id" || column === "anonymous_id" ? "UUID" : "VARCHAR";
}

/** @param {string} folder */
async function open(folder) {
  const instance = await DuckDBInstance.create(join(folder, "events.duckdb"), {
    threads: "2",
    // The newest format: it compresses better than the one that old versions can read.
    storage_compatibility_version: "latest",
  });
  const connection = await instance.connect();
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/**
 * @param {string} folder
 * @param {number} total
 */
async function load(folder, total) {
  const { connection, close } = await open(folder);
  const csv = join(folder, "piece.csv");
  const types = COLUMNS.map((column) => `${column} ${typeOf(column)}`);
  const columns = COLUMNS.map((column) => `'${column}': '${typeOf(column)}'`);
  await connection.run(`CREATE TABLE events (${types})`);
  const read =
    `INSERT INTO events FROM read_csv('${csv}', header = false, auto_detect = false, ` +
    `delim = ',', quote = '"', escape = '"', nullstr = '${CSV_NULL}', columns = {${columns}})`;
  let waiting = 0;
  for await (const piece of encoded(total, PIECE, "csv")) {
    await appendFile(csv, piece);
    if (++waiting < PIECES) continue;
    await connection.run(read);
    await rm(csv);
    waiting = 0;
  }
  if (waiting > 0) await connection.run(read);
  await rm(csv, { force: true });
  await connection.run("CHECKPOINT");
  const [[events]] = (await connection.runAndReadAll("SELECT COUNT(*) FROM events")).getRowsJS();
  close();
  if (Number(events) !== total) throw new Error(`DuckDB has ${events} of ${total} events`);
  return {};
}

/** @param {unknown} value */
function plain(value) {
  if (value instanceof Date) return value.getTime();
  return typeof value === "bigint" ? Number(value) : /** @type {string | null} */ (value);
}

/**
 * @typedef {import("./questions.js").Store & {
 *   run: (sql: string) => Promise<import("./questions.js").Answer>,
 *   bytes: number,
 * }} DuckDb
 */

/**
 * @param {string} size
 * @param {number} total
 * @returns {Promise<DuckDb>}
 */
export async function openDuckDb(size, total) {
  const { folder } = await loaded("duckdb", size, ["tests/bench/stores/duckdb.js"], (made) =>
    load(made, total),
  );
  const { connection, close } = await open(folder);
  /** @param {string} sql */
  const run = async (sql) => {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowsJS().map((row) => row.map(plain));
  };
  return {
    name: "DuckDB",
    ask: (question) => run(sqlOf(question, dialect)),
    run,
    bytes: (await stat(join(folder, "events.duckdb"))).size,
    async close() {
      close();
    },
  };
}
