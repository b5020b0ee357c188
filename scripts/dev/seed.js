/**
 * The local demo: control plane rows straight into D1, events through the server itself. What has
 * been done is noted beside the state, so a start that finds everything in place only checks, and
 * one that was interrupted goes on with the same events: their ids keep a repeated request from
 * counting twice.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEMO, controlSql, keyText } from "../demo/control.js";
import { demoEvents, utcMidnight } from "../demo/events.js";
import { ROOT, UserError } from "../process.js";
import { STATE_FOLDER, d1 } from "./wrangler.js";

const NOTES_FILE = join(STATE_FOLDER, "demo.json");

/** The most events that one import request may hold. */
const BATCH = 1000;

/**
 * @typedef {object} Notes
 * @property {number} midnight the start of the seeding's UTC day
 * @property {string} migrations fingerprint of the migrations that were applied
 * @property {string} control fingerprint of the rows that were written
 * @property {Record<string, number>} events how many events each project has taken
 */

/** @returns {Notes} */
function readNotes() {
  if (existsSync(NOTES_FILE)) return JSON.parse(readFileSync(NOTES_FILE, "utf8"));
  return { midnight: utcMidnight(Date.now()), migrations: "", control: "", events: {} };
}

/** @param {Notes} notes */
function writeNotes(notes) {
  mkdirSync(STATE_FOLDER, { recursive: true });
  writeFileSync(NOTES_FILE, JSON.stringify(notes));
}

/**
 * Brings D1 up to date: migrations, then the demo's rows. Runs before the server starts.
 * @param {string} pepper
 */
export async function seedControl(pepper) {
  const notes = readNotes();
  const migrations = fingerprint(migrationsText());
  if (notes.migrations !== migrations) {
    console.log("Preparing the local database.");
    await d1(["migrations", "apply", "CONTROL"]);
    writeNotes(Object.assign(notes, { migrations }));
  }
  const sql = controlSql(pepper, notes.midnight);
  const control = fingerprint(sql);
  if (notes.control !== control) {
    const file = join(STATE_FOLDER, "demo.sql");
    writeFileSync(file, sql);
    await d1(["execute", "CONTROL", "--file", file, "--yes"]);
    writeNotes(Object.assign(notes, { control }));
  }
}

/**
 * Sends the demo's events to the running server, unless it has them.
 * @param {string} server its URL
 * @param {string} adminToken
 */
export async function seedEvents(server, adminToken) {
  const notes = readNotes();
  for (const slug of /** @type {const} */ (["shop", "blog"])) {
    const project = `prj_${slug}`;
    const events = demoEvents(slug, notes.midnight);
    for (let sent = notes.events[project] ?? 0; sent < events.length; sent += BATCH) {
      if (sent === 0) console.log(`Seeding ${events.length} events of ${slug}.`);
      await importEvents(server, adminToken, project, events.slice(sent, sent + BATCH));
      notes.events[project] = sent + BATCH;
      writeNotes(notes);
    }
  }
}

/**
 * @param {string} server
 * @param {string} adminToken
 * @param {string} project
 * @param {object[]} events
 */
async function importEvents(server, adminToken, project, events) {
  const response = await fetch(`${server}/admin/import?project=${project}`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ events }),
  });
  if (response.ok) return void (await response.arrayBuffer());
  const body = await response.text();
  throw new UserError(`Seeding ${project} failed: HTTP ${response.status} ${body.slice(0, 2000)}`);
}

/** @returns {string} the demo's keys for the terminal, by account and project */
export function describeKeys() {
  const blocks = DEMO.map(({ name, plan, keys, projects }) => {
    const lines = keys.map((key) => {
      const slug = projects.find((project) => project.id === key.projectId)?.slug;
      return `  ${(slug ?? "account").padEnd(8)} ${keyText(key)}`;
    });
    return `${name} (${plan})\n${lines.join("\n")}`;
  });
  return blocks.join("\n\n");
}

function migrationsText() {
  const folder = join(ROOT, "migrations");
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return names
    .sort()
    .map((name) => `${name}\n${readFileSync(join(folder, name), "utf8")}`)
    .join("\n");
}

/** @param {string} text */
function fingerprint(text) {
  return createHash("sha256").update(text).digest("hex");
}
