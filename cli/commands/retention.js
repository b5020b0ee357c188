/** `mm retention run`: the daily job, now. */
import { EXIT } from "../errors.js";
import { print } from "./command.js";
import { MM } from "../name.js";

/** @type {import("./command.js").Command} */
export const retentionCommand = {
  name: "retention run",
  summary: "delete now what is older than each project's retention",
  notes: [
    "The server does this every day on its own. It works in small steps and may be interrupted at any point: the next run goes on.",
    "Exit code 4 means that some projects could not be done; the next run comes back to them.",
  ],
  examples: [`${MM} retention run`],
  async run(run) {
    const answer = await run.connect().ask("POST", "/admin/retention", { repeatable: true });
    print(run, answer, ({ deleted, failed_projects }) => {
      const failed =
        failed_projects > 0 ? ` ${failed_projects} projects failed; run it again.` : "";
      return `Deleted ${deleted} events that were past their retention.${failed}\n`;
    });
    return answer.json.ok !== true ? EXIT.partial : EXIT.ok;
  },
};
