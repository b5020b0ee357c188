/**
 * The same traffic in our store, in DuckDB and as plain rows of SQLite: what they answer, how long
 * they take for it, what they read for it, and what they need to keep it.
 */
import { median, row } from "../report.js";
import { MOST_FOR_SQLITE, SIZES } from "../sizes.js";
import { checkAgreement } from "../stores/agree.js";
import { openDuckDb } from "../stores/duckdb.js";
import { memoryOfAsking, openOurs } from "../stores/ours.js";
import { QUESTIONS, question } from "../stores/questions.js";
import { duckdb as dialect, sqlOf } from "../stores/sql.js";
import { openSqlite } from "../stores/sqlite.js";

/**
 * @typedef {import("../stores/questions.js").QuestionName} QuestionName
 * @typedef {import("../stores/questions.js").Store} Store
 * @typedef {import("../report.js").Row} Row
 *
 * @typedef {object} Field who competes, and about what
 * @property {import("../sizes.js").Size} size
 * @property {string[]} users whose histories are asked for
 * @property {import("../stores/ours.js").Ours} ours
 * @property {import("../stores/duckdb.js").DuckDb} duckdb
 * @property {(Store & { bytes: number }) | undefined} sqlite
 * @property {(line: string) => void} note
 */

const ROUNDS = 9;
const LEAST_ROUNDS = 3;
/** A store that has taken so long for one question is asked no more, once it has its least rounds. */
const ENOUGH_MS = 20_000;
/** What the project allows itself at 10 M events: rows that storage reads for one question. */
const MOST_ROWS_READ = 2000;
/** And for memory at any size, beyond the runtime's own. */
const MOST_MEGABYTES = 64;
const MEGABYTE = 2 ** 20;

/**
 * @param {import("../sizes.js").Size} size
 * @returns {import("./index.js").Bench}
 */
export function queries(size) {
  const total = SIZES[size];
  const withSqlite = total <= MOST_FOR_SQLITE;
  const against = withSqlite ? ["vs_duckdb", "vs_sqlite"] : ["vs_duckdb"];
  const ofQuestion = (/** @type {QuestionName} */ name) => [
    ...against.map((other) => `query.${size}.${name}.ms.${other}`),
    `query.${size}.${name}.rows_read`,
  ];
  return {
    rows: [
      `query.${size}.cold.rows_read`,
      ...QUESTIONS.flatMap(ofQuestion),
      ...against.map((other) => `storage.${size}.bytes_per_event.${other}`),
      `memory.${size}.mb`,
    ],
    size,
    async run({ note, wanted }) {
      const duckdb = await openDuckDb(size, total);
      const sqlite = withSqlite ? await openSqlite(size, total) : undefined;
      const ours = await openOurs(size, total);
      const users = await usersWithHistory(duckdb);
      const field = { size, users, ours, duckdb, sqlite, note };
      /** @type {Row[]} */
      const found = [];
      try {
        describeLoading(field);
        found.push(await cold(field));
        for (const name of QUESTIONS) {
          if (ofQuestion(name).some(wanted)) found.push(...(await asked(name, field)));
        }
        found.push(...(await storage(field)));
      } finally {
        await Promise.all([ours.close(), duckdb.close(), sqlite?.close()]);
      }
      found.push(await memory(field));
      return found;
    },
  };
}

/**
 * @param {import("../stores/duckdb.js").DuckDb} duckdb
 * @returns {Promise<string[]>} some users who have come now and then
 */
async function usersWithHistory(duckdb) {
  const rows = await duckdb.run(
    "SELECT user_id FROM events WHERE user_id IS NOT NULL GROUP BY user_id " +
      "HAVING COUNT(*) BETWEEN 20 AND 200 ORDER BY md5(user_id) LIMIT 20",
  );
  return rows.map(([user]) => String(user));
}

/** @param {Field} field */
function describeLoading({ size, ours: { loading }, note }) {
  const { seconds, merging } = loading.found;
  note(
    `${size}: ${SIZES[size]} events of 120 days, each asking with another range; ` +
      `${loading.now ? "loaded" : "loaded by an earlier run"} at ` +
      `${Math.round(SIZES[size] / seconds)} events/s, merged ${merging.toFixed(1)} s later`,
  );
}

/**
 * The first question to a server that has just started. An object that nobody has asked for some
 * seconds is evicted, so that in use many a question is such a one.
 *
 * @param {Field} field whose stores nobody has asked yet
 */
async function cold({ size, users, ours, note }) {
  const started = performance.now();
  const read = await ours.rowsRead(question("recent", 0, users));
  const took = performance.now() - started;
  note(`${size}: the first question to a server that has just started took ${took.toFixed(0)} ms`);
  return row(`query.${size}.cold.rows_read`, read, "rows", "the aim at 10m", MOST_ROWS_READ);
}

/**
 * @param {QuestionName} name
 * @param {Field} field
 * @returns {Promise<Row[]>}
 */
async function asked(name, field) {
  const { size, users, ours } = field;
  await compare(name, field);
  const rows = await timed(name, field);
  await noteApproximate(name, field);
  await breathe();
  const read = await ours.rowsRead(question(name, ROUNDS + 1, users));
  const readName = `query.${size}.${name}.rows_read`;
  return [...rows, row(readName, read, "rows", "the aim at 10m", MOST_ROWS_READ)];
}

/**
 * @param {QuestionName} name
 * @param {Field} field
 * @throws when the stores do not answer alike
 */
async function compare(name, { users, ours, duckdb, sqlite }) {
  const first = question(name, 0, users);
  await breathe();
  const answer = await ours.ask(first);
  const exact = await ours.exact(first);
  checkAgreement(name, answer, await duckdb.ask(first), exact);
  if (sqlite !== undefined) checkAgreement(name, answer, await sqlite.ask(first), exact);
}

/**
 * @param {QuestionName} name
 * @param {Field} field
 * @returns {Promise<Row[]>} medians of rounds in which the stores take turns
 */
async function timed(name, { size, users, ours, duckdb, sqlite }) {
  const stores = sqlite === undefined ? [ours, duckdb] : [ours, duckdb, sqlite];
  const took = stores.map(() => /** @type {number[]} */ ([]));
  for (let round = 1; round <= ROUNDS; round++) {
    for (let i = 0; i < stores.length; i++) {
      // Whoever comes first differs from round to round.
      const turn = (round + i) % stores.length;
      if (took[turn].length >= LEAST_ROUNDS && sum(took[turn]) > ENOUGH_MS) continue;
      took[turn].push(await milliseconds(stores[turn], question(name, round, users)));
    }
  }
  const [value, ...others] = took.map(median);
  return others.map((other, i) => {
    const suffix = i === 0 ? "vs_duckdb" : "vs_sqlite";
    return row(`query.${size}.${name}.ms.${suffix}`, value, "ms", stores[i + 1].name, other);
  });
}

/**
 * @param {Store} store
 * @param {import("../stores/questions.js").Question} asking
 * @returns {Promise<number>} until the rows are there as values
 */
async function milliseconds(store, asking) {
  await breathe();
  const started = performance.now();
  const answer = await store.ask(asking);
  const took = performance.now() - started;
  if (answer.length === 0) throw new Error(`${store.name}: no rows for ${JSON.stringify(asking)}`);
  return took;
}

/**
 * SQLite answers without letting go of this thread. A connection that our server closed meanwhile,
 * as idle, must be known to be closed before the next request.
 */
const breathe = () => new Promise((resolve) => setTimeout(resolve, 5));

/**
 * DuckDB counts distinct values exactly unless it is asked for less; ours estimates large groups.
 *
 * @param {QuestionName} name
 * @param {Field} field
 */
async function noteApproximate(name, { users, duckdb, note }) {
  if (name !== "top_sources" && name !== "uniques_country") return;
  /** @type {number[]} */
  const times = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const sql = sqlOf(question(name, round, users), dialect, "approx_count_distinct(anonymous_id)");
    const started = performance.now();
    await duckdb.run(sql);
    times.push(performance.now() - started);
  }
  note(`${name}: DuckDB with approx_count_distinct ${median(times).toFixed(1)} ms`);
}

/**
 * @param {Field} field
 * @returns {Promise<Row[]>}
 */
async function storage({ size, ours, duckdb, sqlite, note }) {
  const told = await ours.storage();
  if (told !== undefined) note(`${size}: ${told.segments} segments, of ${told.bytes} bytes`);
  const bytes = await ours.databaseBytes();
  const compared = (/** @type {string} */ suffix, /** @type {Store & { bytes: number }} */ other) =>
    row(
      `storage.${size}.bytes_per_event.${suffix}`,
      bytes / SIZES[size],
      "bytes",
      other.name,
      other.bytes / SIZES[size],
    );
  const rows = [compared("vs_duckdb", duckdb)];
  return sqlite === undefined ? rows : [...rows, compared("vs_sqlite", sqlite)];
}

/** @param {Field} field whose stores are closed: one process at a time may have our database */
async function memory({ size, users, ours, note }) {
  const askings = QUESTIONS.flatMap((name) =>
    Array.from({ length: 5 }, (_, asking) => question(name, asking, users)),
  );
  const { grown, ...behind } = await memoryOfAsking(ours.loading, askings);
  const loading = ours.loading.found;
  const mb = (/** @type {number} */ bytes) => `${(bytes / MEGABYTE).toFixed(1)} MB`;
  const told = (/** @type {Record<string, number>} */ { modules, held, used }) =>
    `the module ${mb(modules)}, JavaScript ${mb(held)}, uncollected ${mb(used - held)}`;
  const process = grown === undefined ? "" : `, the process grew by ${mb(grown)}`;
  note(`${size}: behind loading ${told(loading)}`);
  note(`${size}: behind ${askings.length} questions ${told(behind)}${process}`);
  const most = Math.max(behind.modules + behind.held, loading.modules + loading.held) / MEGABYTE;
  return row(`memory.${size}.mb`, most, "MB", "the aim", MOST_MEGABYTES);
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
