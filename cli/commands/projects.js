/** `mm projects`: the tenants, their origins and their retention. */
import { knownAccount } from "../accounts.js";
import { UsageError } from "../errors.js";
import { findProject } from "../projects.js";
import { spanOf, warnOfDeletion } from "../retention.js";
import { list, moment, table } from "../text.js";
import { given, print, terminalWidth, text, texts } from "./command.js";
import { MM } from "../name.js";

/**
 * @typedef {import("./command.js").Command} Command
 * @typedef {import("../projects.js").Project} Project
 */

const MOST_DAYS = 36_500;
const ORIGIN = {
  value: "ORIGIN",
  multiple: true,
  help: "a site whose browsers may send with a pk key, such as https://shop.example",
};
const RETENTION = {
  value: "DAYS",
  help: 'after how many days events are deleted; 0 for ever; "plan": as the plan has it',
};

/** @type {readonly import("../text.js").Column<Project>[]} */
const COLUMNS = [
  { title: "PROJECT", value: (row) => row.project_id },
  { title: "SLUG", value: (row) => row.slug },
  { title: "NAME", value: (row) => row.name, flexible: true },
  { title: "ACCOUNT", value: (row) => row.account_id },
  { title: "RETENTION", value: retention },
  { title: "ORIGINS", value: (row) => row.origins.join(" ") || "-", flexible: true },
  { title: "CREATED (UTC)", value: (row) => moment(row.created_at) },
];

/** @param {Project} project */
function retention(project) {
  const span = spanOf(project.effective_retention_days);
  return project.retention_days === null ? `${span} (plan)` : span;
}

/** @param {Project} project */
function describe(project) {
  return list([
    ["project", project.project_id],
    ["slug", project.slug],
    ["name", project.name],
    ["account", project.account_id],
    ["retention", retention(project)],
    ["origins", project.origins.join(" ") || "-"],
    ["created", `${moment(project.created_at)} UTC`],
  ]);
}

/**
 * @param {string | undefined} days
 * @returns {number | null | undefined} as the API takes it
 */
function readRetention(days) {
  if (days === undefined) return undefined;
  if (days === "plan") return null;
  if (!/^\d{1,5}$/.test(days) || Number(days) > MOST_DAYS) {
    throw new UsageError(
      `--retention-days must be 0 (for ever) to ${MOST_DAYS}, or "plan"; got "${days}".`,
    );
  }
  return Number(days);
}

/** @type {readonly Command[]} */
export const projectCommands = [
  {
    name: "projects list",
    summary: "list the projects",
    options: { account: { value: "ID", help: "only those of this account" } },
    examples: [`${MM} projects list`, `${MM} projects list --account acc_...`],
    async run(run) {
      const client = run.connect();
      const query = { account: await knownAccount(client, text(run, "account")) };
      print(run, await client.get("/admin/projects", query), ({ rows }) =>
        rows.length === 0
          ? `No projects. Make one: ${MM} projects create --account ID --slug SLUG\n`
          : table(COLUMNS, rows, terminalWidth(run)),
      );
    },
  },
  {
    name: "projects create",
    summary: "make a project",
    options: {
      account: { value: "ID", help: "the account that owns it", required: true },
      slug: {
        value: "SLUG",
        help: "its short name: 1 to 64 of a-z, 0-9 and -; one of a kind in the account",
        required: true,
      },
      name: { value: "NAME", help: "what people call it; default the slug" },
      origin: ORIGIN,
      "retention-days": RETENTION,
    },
    examples: [
      `${MM} projects create --account acc_... --slug shop --origin https://shop.example`,
      `${MM} projects create --account acc_... --slug archive --retention-days 0`,
    ],
    async run(run) {
      const origins = texts(run, "origin");
      const body = given({
        account_id: text(run, "account"),
        slug: text(run, "slug"),
        name: text(run, "name"),
        origins: origins.length === 0 ? undefined : origins,
        retention_days: readRetention(text(run, "retention-days")),
      });
      const answer = await run.connect().ask("POST", "/admin/projects", { body });
      print(run, answer, (project) => `Project made.\n\n${describe(project)}`);
    },
  },
  {
    name: "projects update",
    summary: "change a project's name, slug, origins or retention",
    argument: "<project>",
    options: {
      name: { value: "NAME", help: "the new name" },
      slug: { value: "SLUG", help: "the new slug; the project's id stays" },
      origin: { ...ORIGIN, help: `${ORIGIN.help}; those given replace all there were` },
      "no-origins": { help: "no browser may send any more" },
      "retention-days": RETENTION,
    },
    notes: [
      "With a shorter retention the next daily job deletes what is older then, which cannot be undone; the command says so.",
    ],
    examples: [
      `${MM} projects update shop --retention-days 0`,
      `${MM} projects update shop --origin https://shop.example --origin https://www.shop.example`,
      `${MM} projects update prj_... --retention-days plan`,
    ],
    async run(run) {
      const origins = texts(run, "origin");
      const none = run.values["no-origins"] === true;
      if (none && origins.length > 0) {
        throw new UsageError("--origin and --no-origins exclude each other.");
      }
      const body = given({
        name: text(run, "name"),
        slug: text(run, "slug"),
        origins: none || origins.length > 0 ? origins : undefined,
        retention_days: readRetention(text(run, "retention-days")),
      });
      if (Object.keys(body).length === 0) {
        throw new UsageError(
          "Nothing to change: give --name, --slug, --origin, --no-origins or --retention-days.",
        );
      }
      const client = run.connect();
      const before = await findProject(client, run.argument);
      const path = `/admin/projects/${encodeURIComponent(before.project_id)}`;
      const answer = await client.ask("PATCH", path, { body });
      print(run, answer, (project) => `Project changed.\n\n${describe(project)}`);
      warnOfDeletion(run.io, [before], [answer.json]);
    },
  },
];
