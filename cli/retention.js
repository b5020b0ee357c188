/** For how long projects keep their events, and what a change of that deletes. */
import { CliError } from "./errors.js";
import { MM } from "./name.js";

/** @typedef {import("./projects.js").Project} Project */

/** @param {number} days 0: for ever */
export function spanOf(days) {
  if (days === 0) return "for ever";
  return days === 1 ? "1 day" : `${days} days`;
}

/** @param {Project} project */
const kept = ({ effective_retention_days: days }) => (days === 0 ? Infinity : days);

/**
 * Names the projects that keep less than they did: nobody who changes a plan is asked about that.
 * @param {import("./io.js").Io} io
 * @param {readonly Project[]} before
 * @param {readonly Project[]} after
 */
export function warnOfDeletion(io, before, after) {
  const was = new Map(before.map((project) => [project.project_id, project]));
  const lines = after.flatMap((now) => {
    const old = was.get(now.project_id);
    if (old === undefined || kept(now) >= kept(old)) return [];
    const spans = [now, old].map((project) => spanOf(project.effective_retention_days));
    return [`  ${now.slug} (${now.project_id}): ${spans[0]}, before ${spans[1]}\n`];
  });
  if (lines.length === 0) return;
  io.stderr.write(
    `Events are kept for less long than before:\n${lines.join("")}` +
      `The next daily job deletes older ones for good. To keep them: ${MM} projects update PROJECT --retention-days DAYS\n`,
  );
}

/**
 * The same of all projects of an account. What was changed stays so when they cannot be read.
 * @param {import("./io.js").Io} io
 * @param {readonly Project[]} before
 * @param {() => Promise<readonly Project[]>} read
 */
export async function warnOfDeletionNow(io, before, read) {
  try {
    warnOfDeletion(io, before, await read());
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    io.stderr.write(
      `Which projects keep their events for less long than before could not be read; the next daily job deletes older ones for good. See: ${MM} projects list\n`,
    );
  }
}
