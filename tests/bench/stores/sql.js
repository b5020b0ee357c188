/**
 * The questions in SQL, as somebody would write them who knows the database. DuckDB and SQLite
 * differ in how they write a time and a day. Other forms were tried (groups in two steps, a funnel
 * by lists or materialised, rows by their number first): these are the fastest or nearly so.
 */
import { COLUMNS } from "../traffic/encode.js";
import { DAY } from "../traffic/rhythm.js";
import { FILTERED, MOST_EVENTS, MOST_ROWS, MOST_SOURCES, STEPS } from "./questions.js";

/**
 * @typedef {object} Dialect
 * @property {(ms: number) => string} time
 * @property {string} day the day of the column `timestamp`, as a time
 */

/** @type {Dialect} */
export const duckdb = {
  time: (ms) => `TIMESTAMP '${new Date(ms).toISOString().replace("T", " ").replace("Z", "")}'`,
  day: "timestamp::DATE",
};

/** @type {Dialect} */
export const sqlite = {
  time: String,
  day: `timestamp - timestamp % ${DAY}`,
};

/**
 * @param {import("./questions.js").Question} question
 * @param {Dialect} dialect
 * @param {string} [distinct] how visitors are counted
 */
export function sqlOf(
  { name, from, to, user },
  dialect,
  distinct = "COUNT(DISTINCT anonymous_id)",
) {
  const range = `timestamp >= ${dialect.time(from)} AND timestamp < ${dialect.time(to)}`;
  switch (name) {
    case "top_sources":
      return (
        `SELECT source, medium, COUNT(*), ${distinct} FROM events WHERE ${range} ` +
        `GROUP BY source, medium ORDER BY 3 DESC, 1, 2 LIMIT ${MOST_SOURCES}`
      );
    case "stats_daily":
      return (
        `SELECT ${dialect.day} AS day, source, medium, COUNT(*) FROM events WHERE ${range} ` +
        `GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, 2, 3 LIMIT ${MOST_ROWS}`
      );
    case "uniques_country":
      return `SELECT country, ${distinct} FROM events WHERE ${range} GROUP BY country ORDER BY 2 DESC, 1`;
    case "stats_filtered":
      return (
        `SELECT ${dialect.day} AS day, COUNT(*) FROM events WHERE ${range} AND ` +
        `event_name = '${FILTERED.event}' AND path = '${FILTERED.path}' GROUP BY 1 ORDER BY 1`
      );
    case "funnel":
      return funnel(range);
    case "recent":
      return `SELECT ${COLUMNS} FROM events WHERE ${range} ORDER BY timestamp DESC LIMIT ${MOST_EVENTS}`;
    case "user_history":
      return (
        `SELECT ${COLUMNS} FROM events WHERE ${range} AND user_id = '${user}' ` +
        `ORDER BY timestamp DESC LIMIT ${MOST_EVENTS}`
      );
  }
}

/**
 * Each step's earliest time behind the step before.
 *
 * @param {string} range
 */
function funnel(range) {
  const tables = STEPS.map((event, i) => {
    const of = `event_name = '${event}' AND ${range}`;
    return i === 0
      ? `s0 AS (SELECT anonymous_id, MIN(timestamp) AS at FROM events WHERE ${of} GROUP BY 1)`
      : `s${i} AS (SELECT e.anonymous_id, MIN(e.timestamp) AS at FROM events e JOIN s${i - 1} p ` +
          `ON p.anonymous_id = e.anonymous_id AND e.timestamp > p.at WHERE ${of} GROUP BY 1)`;
  });
  const counts = STEPS.map((_, i) => `SELECT ${i + 1}, COUNT(*) FROM s${i}`);
  return `WITH ${tables.join(", ")} ${counts.join(" UNION ALL ")} ORDER BY 1`;
}
