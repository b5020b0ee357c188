/** `mm accounts`: who owns projects, on which plan. */
import { UsageError } from "../errors.js";
import { warnOfDeletionNow } from "../retention.js";
import { list, moment, table } from "../text.js";
import { given, print, terminalWidth, text } from "./command.js";
import { MM, QUIET_MM } from "../name.js";

/**
 * @typedef {import("./command.js").Command} Command
 * @typedef {import("../accounts.js").Account} Account
 */

const PLAN = { value: "PLAN", help: "free, pro or business; default free" };

/** @type {readonly import("../text.js").Column<Account>[]} */
const COLUMNS = [
  { title: "ACCOUNT", value: (row) => row.account_id },
  { title: "NAME", value: (row) => row.name, flexible: true },
  { title: "PLAN", value: (row) => row.plan },
  { title: "PROJECTS", value: (row) => row.projects, align: "right" },
  { title: "CREATED (UTC)", value: (row) => moment(row.created_at) },
];

/** @param {Account} account */
function describe(account) {
  return list([
    ["account", account.account_id],
    ["name", account.name],
    ["plan", account.plan],
    ["projects", account.projects],
    ["created", `${moment(account.created_at)} UTC`],
  ]);
}

/** @type {readonly Command[]} */
export const accountCommands = [
  {
    name: "accounts list",
    summary: "list the accounts",
    examples: [
      `${MM} accounts list`,
      `${QUIET_MM} accounts list --json | jq -r .rows[].account_id`,
    ],
    async run(run) {
      print(run, await run.connect().get("/admin/accounts"), ({ rows }) =>
        rows.length === 0
          ? `No accounts yet. Make one: ${MM} accounts create --name NAME\n`
          : table(COLUMNS, rows, terminalWidth(run)),
      );
    },
  },
  {
    name: "accounts create",
    summary: "make an account",
    options: {
      name: { value: "NAME", help: "what people call it", required: true },
      plan: PLAN,
    },
    examples: [`${MM} accounts create --name Acme --plan business`],
    async run(run) {
      const body = given({ name: text(run, "name"), plan: text(run, "plan") });
      const answer = await run.connect().ask("POST", "/admin/accounts", { body });
      print(run, answer, (account) => `Account made.\n\n${describe(account)}`);
    },
  },
  {
    name: "accounts update",
    summary: "change an account's name or plan",
    argument: "<account-id>",
    options: {
      name: { value: "NAME", help: "the new name" },
      plan: { value: "PLAN", help: "free, pro or business" },
    },
    notes: [
      "A plan takes effect for keys that are in use within a minute.",
      "Projects without a retention of their own have the plan's. With a shorter one the next daily job deletes what is older then, which cannot be undone; the command names the projects.",
    ],
    examples: [`${MM} accounts update acc_... --plan pro`],
    async run(run) {
      const body = given({ name: text(run, "name"), plan: text(run, "plan") });
      if (Object.keys(body).length === 0) {
        throw new UsageError("Nothing to change: give --name or --plan.");
      }
      const client = run.connect();
      const projects = async () =>
        (await client.get("/admin/projects", { account: run.argument })).json.rows;
      const before = body.plan === undefined ? [] : await projects();
      const path = `/admin/accounts/${encodeURIComponent(run.argument)}`;
      const answer = await client.ask("PATCH", path, { body });
      print(run, answer, (account) => `Account changed.\n\n${describe(account)}`);
      if (before.length > 0) await warnOfDeletionNow(run.io, before, projects);
    },
  },
];
