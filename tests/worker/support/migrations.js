import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { inTree, root } from "./root.js";

/** Wrangler's own bookkeeping table, so that a persisted database stays usable by both. */
const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/**
 * Applies the migrations that `database` has not had yet, in the order of their names.
 *
 * @param {import("@cloudflare/workers-types").D1Database} database
 * @param {string} [directory] where the `.sql` files are; default `migrations/` of the tree
 * @returns {Promise<string[]>} the names applied now
 */
export async function applyMigrations(database, directory = inTree("migrations")) {
  await database.prepare(TABLE).run();
  const { results } = await database.prepare("SELECT name FROM d1_migrations").all();
  const done = new Set(results.map((row) => row.name));
  const waiting = (await readdir(directory))
    .filter((name) => name.endsWith(".sql") && !done.has(name))
    .sort();
  for (const name of waiting) {
    // The local D1 runs a whole script in one prepared call; splitting SQL here would be a parser.
    await database.prepare(script(await readFile(join(directory, name), "utf8"))).run();
    await database.prepare("INSERT INTO d1_migrations(name) VALUES (?)").bind(name).run();
  }
  return waiting;
}

/**
 * @param {string} text
 * @returns {string} the script without a trailing comment, which D1 refuses as an empty statement
 */
function script(text) {
  const lines = text.trimEnd().split("\n");
  while (/^\s*(--.*)?$/.test(lines.at(-1) ?? "x")) lines.pop();
  return lines.join("\n");
}

/** @returns {Promise<string>} the compatibility date that `wrangler.toml` deploys with */
export async function compatibilityDate() {
  const config = await readFile(join(root, "wrangler.toml"), "utf8");
  const date = /^compatibility_date\s*=\s*"([^"]+)"/m.exec(config)?.[1];
  if (date === undefined) throw new Error("wrangler.toml names no compatibility_date");
  return date;
}
