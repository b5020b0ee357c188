/** `mm usage`: a month's events against the plans' allowances. */
import { knownAccount } from "../accounts.js";
import { plain, table } from "../text.js";
import { UsageError } from "../errors.js";
import { print, terminalWidth, text } from "./command.js";
import { MM, QUIET_MM } from "../name.js";

/**
 * @typedef {object} Usage
 * @property {string} account_id
 * @property {string} project_id
 * @property {string} slug
 * @property {string} plan
 * @property {number} events_this_month of the month that was asked for
 * @property {number} account_events_this_month
 * @property {number} allowance of the account
 * @property {boolean} over
 */

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const grouped = new Intl.NumberFormat("en-US");

/** @type {readonly import("../text.js").Column<Usage>[]} */
const COLUMNS = [
  { title: "ACCOUNT", value: (row) => row.account_id },
  { title: "PLAN", value: (row) => row.plan },
  { title: "PROJECT", value: (row) => row.project_id },
  { title: "SLUG", value: (row) => row.slug },
  { title: "EVENTS", value: (row) => grouped.format(row.events_this_month), align: "right" },
  {
    title: "ACCOUNT'S",
    value: (row) => grouped.format(row.account_events_this_month),
    align: "right",
  },
  { title: "ALLOWANCE", value: (row) => grouped.format(row.allowance), align: "right" },
  { title: "SHARE", value: share, align: "right" },
];

/** @param {Usage} row the account's events against its allowance */
function share(row) {
  const percent = (100 * row.account_events_this_month) / row.allowance;
  return row.over ? `${percent.toFixed(0)} % OVER` : `${percent.toFixed(1)} %`;
}

/** @type {import("./command.js").Command} */
export const usageCommand = {
  name: "usage",
  summary: "show a month's events, by project, against the accounts' allowances",
  options: {
    account: { value: "ID", help: "only this account" },
    month: { value: "YYYY-MM", help: "default: this month" },
  },
  notes: [
    "Past the allowance events are still accepted and counted. Months are in UTC. Plans and allowances are those of today, whatever the month.",
  ],
  examples: [
    `${MM} usage`,
    `${MM} usage --month 2026-10`,
    `${QUIET_MM} usage --json | jq '.rows[] | select(.over) | .account_id'`,
  ],
  async run(run) {
    const month = text(run, "month");
    if (month !== undefined && !MONTH.test(month)) {
      throw new UsageError(`--month must be a month such as 2026-10; got "${plain(month)}".`);
    }
    const client = run.connect();
    const account = await knownAccount(client, text(run, "account"));
    const answer = await client.get("/admin/usage", { account, month });
    print(run, answer, ({ month, rows }) =>
      rows.length === 0
        ? `No projects, so no events in ${month}.\n`
        : `Events of ${month}\n\n${table(COLUMNS, rows, terminalWidth(run))}`,
    );
  },
};
