/**
 * The same traffic in our store, in DuckDB and as plain rows of SQLite: what they answer, how long
 * they take for it, what they read for it, and what they need to keep it.
 */
import { row, median } from "../report.js";
import { MOST_FOR_SQLITE, SIZES } from "../sizes.js";
import { checkAgreement } from "../stores/agree.js";
import { openDuckDb } from "../stores/duckdb.js";
import { openOurs } from "../stores/ours.js";
import { QUESTIONS, question } from "../stores/questions.js";
import { residentMegabytes } from "../stores/resident.js";
import { duckdb as dialect, sqlOf } from "../stores/sql.js";
import { openSqlite } from "../stores/sqlite.js";

/**
 * @typedef {import("../sizes.js").Size} Size
 * @typedef {import("../stores/questions.js").QuestionName} QuestionName
 * @typedef {import("../stores/questions.js").Store} Store
 * @typedef {import("../report.js").Row} Row
 * @typedef {import("../stores/duckdb.js").DuckDb} DuckDb
 * @typedef {import("../stores/ours.js").Ours} Ours
 */

const ROUNDS = 9;
const LEAST_ROUNDS = 3;
/** A store that has taken so long for one question is asked no more, once it has its least rounds. */
const ENOUGH_MS = 20_000;
/** What the project allows itself at 10 M events: rows that storage reads for one question. */
const MOST_ROWS_READ = 2000;
/** And for memory at any size, beyond the runtime's own. */
const MOST_MEGABYTES = 64;
const APPROXIMATE = "approx_count_distinct(anonymous_id)";

/**
 * @param {Size} size
 * @returns {import("./index.js").Bench}
 */
export function queries(size) {
  const total = SIZES[size];
  const withSqlite = total <= MOST_FOR_SQLITE;
  const against = withSqlite ? ["vs_duckdb", "vs_sqlite"] : ["vs_duckdb"];
  const rows = [
    ...QUESTIONS.flatMap((name) => [
      ...against.map((other) => `query.${size}.${name}.ms.${other}`),
      `query.${size}.${name}.rows_read`,
    ]),
    ...against.map((other) => `storage.${size}.bytes_per_event.${other}`),
    `memory.${size}.mb`,
  ];
  return {
    rows,
    size,
    async run({ note, wanted }) {
      const duckdb = await openDuckDb(size, total);
      const sqlite = withSqlite ? await openSqlite(size, total) : undefined;
      const before = await residentMegabytes();
      const ours = await openOurs(size, total);
      try {
        describeLoading(ours, size, note);
        const users = await usersWithHistory(duckdb);
        /** @type {Row[]} */
        const found = [];
        for (const name of QUESTIONS) {
          const own = rows.filter((row) => row.startsWith(`query.${size}.${name}.`));
          if (!own.some(wanted)) continue;
          await compare(name, users, ours, sqlite === undefined ? [duckdb] : [duckdb, sqlite]);
          found.push(...(await timed(name, size, users, ours, duckdb, sqlite)));
          found.push(await readRows(name, size, users, ours));
          await noteApproximate(name, users, duckdb, note);
        }
        found.push(...(await storage(size, total, ours, duckdb, sqlite, note)));
        found.push(await memory(size, ours, before, note));
        return found;
      } finally {
        await Promise.all([ours.close(), duckdb.close(), sqlite?.close()]);
      }
    },
  };
}

/**
 * @param {Ours} ours
 * @param {Size} size
 * @param {(line: string) => void} note
 */
function describeLoading({ loading }, size, note) {
  const { seconds, merging } = loading.found;
  const rate = Math.round(SIZES[size] / seconds);
  note(
    `${size}: ${SIZES[size]} events of 120 days, every asking another range; ` +
      `${loading.now ? "loaded" : "loaded by an earlier run"} at ${rate} events/s, ` +
      `${merging.toFixed(1)} s of merging behind that`,
  );
}

/**
 * @param {DuckDb} duckdb
 * @returns {Promise<string[]>} some users who have come now and then
 */
async function usersWithHistory(duckdb) {
  const rows = await duckdb.run(
    "SELECT user_id FROM events WHERE user_id IS NOT NULL GROUP BY user_id " +
      "HAVING COUNT(*) BETWEEN 20 AND 200 ORDER BY md5(user_id) LIMIT 20",
  );
  return rows.map(([user]) => String(user));
}

/**
 * @param {QuestionName} name
 * @param {string[]} users
 * @param {Ours} ours
 * @param {Store[]} others
 */
async function compare(name, users, ours, others) {
  const asked = question(name, 0, users);
  const answer = await ours.ask(asked);
  const exact = await ours.exact(asked);
  for (const other of others) checkAgreement(name, answer, await other.ask(asked), exact);
}

/**
 * @param {QuestionName} name
 * @param {Size} size
 * @param {string[]} users
 * @param {Ours} ours
 * @param {DuckDb} duckdb
 * @param {Store | undefined} sqlite
 * @returns {Promise<Row[]>}
 */
async function timed(name, size, users, ours, duckdb, sqlite) {
  const stores = sqlite === undefined ? [ours, duckdb] : [ours, duckdb, sqlite];
  const took = new Map(stores.map((store) => [store, /** @type {number[]} */ ([])]));
  for (let round = 1; round <= ROUNDS; round++) {
    for (let i = 0; i < stores.length; i++) {
      // Whoever comes first differs from round to round.
      const store = stores[(round + i) % stores.length];
      const times = took.get(store) ?? [];
      if (times.length >= LEAST_ROUNDS && sum(times) > ENOUGH_MS) continue;
      times.push(await milliseconds(store, question(name, round, users)));
    }
  }
  const [value, ...others] = stores.map((store) => median(took.get(store) ?? []));
  return others.map((other, i) => {
    const suffix = i === 0 ? "vs_duckdb" : "vs_sqlite";
    return row(`query.${size}.${name}.ms.${suffix}`, value, "ms", stores[i + 1].name, other);
  });
}

/**
 * @param {Store} store
 * @param {import("../stores/questions.js").Question} asked
 * @returns {Promise<number>} until the rows are there as values
 */
async function milliseconds(store, asked) {
  const started = performance.now();
  const answer = await store.ask(asked);
  const took = performance.now() - started;
  if (answer.length === 0)
    throw new Error(`${store.name} had no rows for ${JSON.stringify(asked)}`);
  return took;
}

/**
 * @param {QuestionName} name
 * @param {Size} size
 * @param {string[]} users
 * @param {Ours} ours
 */
async function readRows(name, size, users, ours) {
  const read = await ours.rowsRead(question(name, ROUNDS + 1, users));
  return row(`query.${size}.${name}.rows_read`, read, "rows", "the aim at 10m", MOST_ROWS_READ);
}

/**
 * DuckDB counts distinct values exactly unless it is asked for less; ours estimates large groups.
 *
 * @param {QuestionName} name
 * @param {string[]} users
 * @param {DuckDb} duckdb
 * @param {(line: string) => void} note
 */
async function noteApproximate(name, users, duckdb, note) {
  if (name !== "top_sources" && name !== "uniques_country") return;
  /** @type {number[]} */
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await duckdb.run(sqlOf(question(name, round, users), dialect, APPROXIMATE));
    times.push(performance.now() - started);
  }
  note(`${name}: DuckDB with approx_count_distinct ${median(times).toFixed(1)} ms`);
}

/**
 * @param {Size} size
 * @param {number} total
 * @param {Ours} ours
 * @param {DuckDb} duckdb
 * @param {{ bytes: number } | undefined} sqlite
 * @param {(line: string) => void} note
 * @returns {Promise<Row[]>}
 */
async function storage(size, total, ours, duckdb, sqlite, note) {
  const { databaseBytes } = await ours.state();
  const told = await ours.storage();
  if (told !== undefined) note(`${size}: ${told.segments} segments, ${told.bytes} bytes by itself`);
  const per = (/** @type {number} */ bytes) => bytes / total;
  const name = `storage.${size}.bytes_per_event`;
  const rows = [row(`${name}.vs_duckdb`, per(databaseBytes), "bytes", "DuckDB", per(duckdb.bytes))];
  if (sqlite === undefined) return rows;
  return [
    ...rows,
    row(`${name}.vs_sqlite`, per(databaseBytes), "bytes", "SQLite rows", per(sqlite.bytes)),
  ];
}

/**
 * @param {Size} size
 * @param {Ours} ours
 * @param {Map<string, number>} before processes that are not ours
 * @param {(line: string) => void} note
 */
async function memory(size, ours, before, note) {
  const { memories } = await ours.state();
  const asking = sum(memories) / 2 ** 20;
  const loading = ours.loading.found.memory / 2 ** 20;
  const own = [...(await residentMegabytes())].filter(([pid]) => !before.has(pid));
  const resident = own.map(([, megabytes]) => `, the process ${Math.round(megabytes)} MB`).join();
  note(
    `${size}: the module's memories have ${asking.toFixed(1)} MB behind these questions, ` +
      `${loading.toFixed(1)} MB behind loading${resident}`,
  );
  const most = Math.max(asking, loading);
  return row(`memory.${size}.mb`, most, "MB", "the aim", MOST_MEGABYTES);
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
