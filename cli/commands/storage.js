/** `mm storage`: what a project's events weigh, and in which columns. */
import { findProject } from "../projects.js";
import { table } from "../text.js";
import { print, terminalWidth } from "./command.js";
import { MM, QUIET_MM } from "../name.js";

/**
 * @typedef {{ column: string, bytes: number }} Weight
 *
 * @typedef {object} Storage
 * @property {number} events
 * @property {number} bytes
 * @property {number} small_segments
 * @property {number} large_segments
 * @property {number} damaged_segments
 * @property {number} merge_debt
 * @property {string | null} first
 * @property {string | null} last
 * @property {Weight[]} columns
 */

const grouped = new Intl.NumberFormat("en-US");

/** @param {number} events */
const columnsOf = (events) =>
  /** @type {readonly import("../text.js").Column<Weight>[]} */ ([
    { title: "COLUMN", value: (row) => row.column },
    { title: "BYTES", value: (row) => grouped.format(row.bytes), align: "right" },
    { title: "AN EVENT", value: (row) => (row.bytes / events).toFixed(2), align: "right" },
  ]);

/** @param {Storage} s */
function heading(s) {
  const damaged = s.damaged_segments > 0 ? `, ${s.damaged_segments} DAMAGED` : "";
  return (
    `${grouped.format(s.events)} events from ${s.first} to ${s.last}\n` +
    `${grouped.format(s.bytes)} bytes, ${(s.bytes / s.events).toFixed(1)} an event\n` +
    `${s.large_segments} large and ${s.small_segments} small segments${damaged}; ` +
    `${s.merge_debt} wait to be merged\n`
  );
}

/** @type {import("./command.js").Command} */
export const storageCommand = {
  name: "storage",
  argument: "<project>",
  summary: "show what a project's events weigh, by column, and how far they are merged",
  notes: [
    "Bytes are those of the segments and their indexes; the database's pages add some percent.",
    "Damaged are the segments whose header has a wrong checksum: questions about their time range fail. Damage within a column is not counted: the question or export that reads it fails and names the segment.",
  ],
  examples: [`${MM} storage shop`, `${QUIET_MM} storage shop --json | jq .bytes`],
  async run(run) {
    const client = run.connect();
    const project = await findProject(client, run.argument);
    const answer = await client.get("/admin/storage", { project: project.project_id });
    print(run, answer, (/** @type {Storage} */ storage) =>
      storage.events === 0
        ? `${project.slug} has no events.\n`
        : `${heading(storage)}\n${table(columnsOf(storage.events), storage.columns, terminalWidth(run))}`,
    );
  },
};
