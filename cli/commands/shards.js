/** `mm shards`: over how many stores a project's events are spread, and changing that online. */
import { CliError, EXIT, InterruptedError } from "../errors.js";
import { interruptible } from "../io.js";
import { findProject } from "../projects.js";
import { integer, print } from "./command.js";
import { MM } from "../name.js";

/**
 * @typedef {object} Shards
 * @property {number} shards
 * @property {"none" | "copying" | "emptying"} phase
 * @property {number | null} to of copying
 * @property {number} copied
 * @property {number} total
 * @property {boolean} done
 *
 * @typedef {import("./command.js").Run} Run
 */

const MOST_SHARDS = 16;
const LINE_EVERY_MS = 2000;
const IDLE_PAUSE_MS = 250;
/**
 * So many steps in a row may leave all numbers as they are. Those that empty a layout which was
 * abandoned, because a visitor was forgotten, do: each deletes some 64 segments of every store, and
 * a full one has thousands. With the pauses it is more, too, than a seal of another driver (20 s).
 */
const MOST_IDLE_STEPS = 400;

/** @param {Shards} now */
function described({ shards, phase, to, copied, total }) {
  const so = shards === 1 ? "1 shard" : `${shards} shards`;
  if (phase === "none") return so;
  if (phase === "emptying") return `${so}; the stores before are emptied, ${total} events left`;
  return `${so}, on its way to ${to}: ${copied} of ${total} events copied`;
}

/**
 * What steps change. While events are copied that is not the total, which those that come in raise.
 * @param {Shards} now
 */
function placeOf({ shards, phase, to, copied, total }) {
  return [shards, phase, to, phase === "copying" ? copied : total].join();
}

/**
 * Takes steps until it is done. Stopped anywhere, it goes on from there the next time.
 *
 * @param {Run} run
 * @param {number | undefined} to
 */
function change(run, to) {
  const client = run.connect();
  return interruptible(run.io, "Stopping after this step", async (interruption) => {
    const project = await findProject(client, run.argument, interruption);
    const path = `/admin/shards?project=${encodeURIComponent(project.project_id)}`;
    /** @type {Record<string, number>} */
    let body = to === undefined ? {} : { to };
    const goOn = `To go on: ${MM} shards ${project.project_id} --continue`;
    let said = run.io.now();
    let idle = 0;
    let place = "";
    for (;;) {
      const answer = await client.ask("POST", path, { body, repeatable: true, ...interruption });
      /** @type {Shards} */
      const now = answer.json;
      // An earlier change may have had to end first.
      if (now.done && (to === undefined || now.shards === to)) {
        return print(run, answer, () => `${project.slug} has ${described(now)}.\n`);
      }
      body = now.phase === "none" && to !== undefined ? { to } : {};
      idle = placeOf(now) === place ? idle + 1 : 0;
      place = placeOf(now);
      if (idle > 0) await run.io.sleep(IDLE_PAUSE_MS, interruption.stop);
      const state = `${project.slug} has ${described(now)}. ${goOn}`;
      if (interruption.stop.aborted) throw new InterruptedError(`Stopped: ${state}`);
      if (idle >= MOST_IDLE_STEPS) {
        throw new CliError(EXIT.refused, `No progress in ${idle} steps: ${state}`);
      }
      if (run.io.now() - said < LINE_EVERY_MS) continue;
      said = run.io.now();
      run.io.stderr.write(`${described(now)}\n`);
    }
  });
}

/** @type {import("./command.js").Command} */
export const shardsCommand = {
  name: "shards",
  argument: "<project>",
  summary: "show over how many shards a project's events are spread, or change that online",
  options: {
    to: { value: "N", help: `so many shards, 1 to ${MOST_SHARDS}` },
    continue: { help: "go on with a change that was interrupted" },
  },
  notes: [
    "Ingest and queries keep working throughout; only for a moment at the end, while the last events are copied, do new ones wait. If the change is interrupted, repeat the command to resume it.",
  ],
  examples: [`${MM} shards shop`, `${MM} shards shop --to 4`],
  async run(run) {
    const to = integer(run, "to", 1, MOST_SHARDS);
    if (to !== undefined || run.values.continue === true) return change(run, to);
    const client = run.connect();
    const project = await findProject(client, run.argument);
    const answer = await client.get("/admin/shards", { project: project.project_id });
    print(run, answer, (/** @type {Shards} */ now) => `${project.slug} has ${described(now)}.\n`);
  },
};
