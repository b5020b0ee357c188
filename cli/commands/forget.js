/** `mm forget`: deletes a visitor's events, as a visitor may demand. */
import { UsageError } from "../errors.js";
import { findProject } from "../projects.js";
import { plain } from "../text.js";
import { given, print, text } from "./command.js";
import { MM } from "../name.js";

const grouped = new Intl.NumberFormat("en-US");

/** @type {import("./command.js").Command} */
export const forgetCommand = {
  name: "forget",
  argument: "<project>",
  summary: "delete every event of a visitor, for good",
  options: {
    "user-id": { value: "ID", help: "the visitor, by user_id" },
    "anonymous-id": { value: "ID", help: "the visitor, by anonymous_id" },
  },
  notes: [
    "Gone from every answer, and from the stored bytes, when this ends. A visitor with ids of both kinds is forgotten by each of them. Exports made before still hold the events.",
  ],
  examples: [`${MM} forget shop --user-id u17`, `${MM} forget shop --anonymous-id v-204`],
  async run(run) {
    const user_id = text(run, "user-id");
    const anonymous_id = text(run, "anonymous-id");
    if ((user_id === undefined) === (anonymous_id === undefined)) {
      throw new UsageError(
        `Name the visitor with --user-id or with --anonymous-id, one of the two.\nSee: ${MM} forget --help`,
      );
    }
    const client = run.connect();
    const project = await findProject(client, run.argument);
    const answer = await client.ask("POST", "/admin/forget", {
      query: { project: project.project_id },
      body: given({ user_id, anonymous_id }),
      repeatable: true, // what is gone stays gone
    });
    const visitor = plain(user_id ?? anonymous_id ?? "");
    print(run, answer, ({ deleted }) =>
      deleted === 0
        ? `${project.slug} has no events of ${visitor}.\n`
        : `Deleted ${grouped.format(deleted)} event${deleted === 1 ? "" : "s"} of ${visitor} in ${project.slug}.\n`,
    );
  },
};
