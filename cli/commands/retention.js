/** `mm retention run`: the daily job, now. */
import { CliError, EXIT } from "../errors.js";
import { print } from "./command.js";
import { MM } from "../name.js";

/**
 * @typedef {object} Summary
 * @property {boolean} ok
 * @property {number} deleted
 * @property {number} failed_projects
 */

/** @param {Summary} summary */
function described({ deleted, failed_projects: failed }) {
  const done = `Deleted ${deleted} events that were past their retention.`;
  if (failed === 0) return `${done}\n`;
  const projects = failed === 1 ? "1 project" : `${failed} projects`;
  return `${done} ${projects} failed: what is past its retention there is deleted by a later run.\n`;
}

/** @type {import("./command.js").Command} */
export const retentionCommand = {
  name: "retention run",
  summary: "delete now what is older than each project's retention",
  notes: [
    "The server does this every day on its own. It works in small steps and may be interrupted at any point: the next run goes on.",
    "Exit code 4 means that some projects failed: what is past its retention there is deleted by a later run.",
  ],
  examples: [`${MM} retention run`],
  async run(run) {
    const answer = await run.connect().ask("POST", "/admin/retention", { repeatable: true });
    /** @type {Summary} */
    const { ok, failed_projects } = answer.json;
    // Versions that answer so could not even read which projects there are; others answer 502.
    if (!ok && failed_projects === 0) {
      throw new CliError(
        EXIT.refused,
        "The server could not read the list of projects: nothing was deleted. Try again; the reason is in its log.",
      );
    }
    print(run, answer, described);
    return ok ? EXIT.ok : EXIT.partial;
  },
};
