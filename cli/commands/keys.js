/** `mm keys`: what opens a project or an account. Secrets are shown once, when minted. */
import { knownAccount } from "../accounts.js";
import { CliError, EXIT, UsageError } from "../errors.js";
import { streamSink } from "../export/output.js";
import { findProject } from "../projects.js";
import { list, moment, table } from "../text.js";
import { given, print, shown, terminalWidth, text } from "./command.js";
import { MM, QUIET_MM } from "../name.js";

/**
 * @typedef {object} Key
 * @property {string} prefix
 * @property {string} kind
 * @property {string} env
 * @property {string} account_id
 * @property {string | null} project_id
 * @property {boolean} all_projects
 * @property {string[]} project_ids
 * @property {string | null} label
 * @property {string} created_at
 * @property {string | null} revoked_at
 *
 * @typedef {import("./command.js").Command} Command
 * @typedef {import("./command.js").Run} Run
 */

/** @type {Record<string, string>} */
const KINDS = {
  pk: "publishable: browsers of the project's origins send events with it",
  sk: "secret: a server sends, reads and forgets with it, and agents may use /mcp",
  rk: "reading: agents and dashboards only read, through /mcp and /v1",
  ak: "account: agents read all or some of an account's projects through /mcp/account",
};
const WHOLE_KEY = /^(?:pk|sk|rk|ak)_(?:live|test)_([A-Za-z0-9]{8})(?:_.*)?$/;

/** @type {readonly import("../text.js").Column<Key>[]} */
const COLUMNS = [
  { title: "KEY", value: (row) => `${row.kind}_${row.env}_${row.prefix}` },
  { title: "OPENS", value: opens },
  { title: "LABEL", value: (row) => row.label, flexible: true },
  { title: "CREATED (UTC)", value: (row) => moment(row.created_at) },
  { title: "REVOKED (UTC)", value: (row) => moment(row.revoked_at) },
];

/** @param {Key} key */
function opens(key) {
  if (key.project_id !== null) return key.project_id;
  return key.all_projects ? `${key.account_id}: all` : key.project_ids.join(" ") || "-";
}

/** @param {Key} key */
function describe(key) {
  return list([
    ["prefix", key.prefix],
    ["kind", `${key.kind} (${KINDS[key.kind] ?? "unknown"})`],
    ["opens", opens(key)],
    ["label", key.label],
    ["created", `${moment(key.created_at)} UTC`],
    ...(key.revoked_at
      ? [/** @type {const} */ (["revoked", `${moment(key.revoked_at)} UTC`])]
      : []),
  ]);
}

/** @param {Run} run what is wrong on the command line, before the server is asked */
function checkMint(run) {
  const kind = text(run, "kind") ?? "";
  if (!(kind in KINDS)) throw new UsageError(`--kind must be pk, sk, rk or ak; got "${kind}".`);
  const [needed, others] =
    kind === "ak" ? ["account", ["project"]] : ["project", ["account", "projects"]];
  if (text(run, needed) === undefined)
    throw new UsageError(`A key of kind ${kind} needs --${needed}.`);
  for (const name of others) {
    if (text(run, name) === undefined) continue;
    throw new UsageError(`A key of kind ${kind} takes --${needed}, not --${name}.`);
  }
  return kind;
}

/** @param {Run} run */
async function mint(run) {
  const kind = checkMint(run);
  const client = run.connect();
  const account = text(run, "account");
  // The projects of an ak key are its account's: another one's may have the same slug.
  const among = account === undefined ? {} : { query: { account } };
  const find = async (/** @type {string | undefined} */ name) =>
    name === undefined ? undefined : (await findProject(client, name, among)).project_id;
  /** @type {string[]} */
  const subset = [];
  for (const name of text(run, "projects")?.split(",") ?? []) {
    subset.push((await find(name.trim())) ?? "");
  }
  const body = given({
    kind,
    env: text(run, "env"),
    project_id: await find(text(run, "project")),
    account_id: account,
    project_ids: subset.length === 0 ? undefined : subset,
    label: text(run, "label"),
  });
  const answer = await client.ask("POST", "/admin/keys", { body });
  const said = shown(
    run,
    answer,
    (key) =>
      `Key minted. This is the only time that it is shown:\n\n  ${key.key}\n\n${describe(key)}`,
  );
  await streamSink(run.io.stdout)
    .write(said)
    .catch((error) => {
      throw lost(error, answer.json);
    });
}

/**
 * A key that exists, though nobody has seen its secret.
 * @param {Error} error of standard output
 * @param {Key} key
 */
function lost(error, { prefix }) {
  return new CliError(
    EXIT.partial,
    `${error.message}\nA key with the prefix ${prefix} now exists, but its secret was not printed and cannot ` +
      `be shown again. Revoke it, and mint another: ${MM} keys revoke ${prefix}`,
    { cause: error },
  );
}

/** @type {readonly Command[]} */
export const keyCommands = [
  {
    name: "keys list",
    summary: "list the keys, without their secrets",
    options: {
      account: { value: "ID", help: "only those of this account" },
      project: { value: "PROJECT", help: "only those of this project (id or slug)" },
    },
    examples: [`${MM} keys list --project shop`],
    async run(run) {
      const client = run.connect();
      const named = text(run, "project");
      const project =
        named === undefined ? undefined : (await findProject(client, named)).project_id;
      const query = { account: await knownAccount(client, text(run, "account")), project };
      print(run, await client.get("/admin/keys", query), ({ rows }) =>
        rows.length === 0
          ? `No keys. Mint one: ${MM} keys mint --kind sk --project PROJECT\n`
          : table(COLUMNS, rows, terminalWidth(run)),
      );
    },
  },
  {
    name: "keys mint",
    summary: "make a key; its secret is shown once",
    options: {
      kind: { value: "KIND", help: "pk, sk, rk or ak, see below", required: true },
      project: { value: "PROJECT", help: "what a pk, sk or rk key opens (id or slug)" },
      account: { value: "ID", help: "what an ak key opens" },
      projects: { value: "LIST", help: "an ak key for these only: ids or slugs with commas" },
      env: { value: "ENV", help: "live or test; default live" },
      label: { value: "TEXT", help: "what it is for, so that you know which to revoke" },
    },
    notes: [
      `Kinds\n${Object.entries(KINDS)
        .map(([kind, meaning]) => `  ${kind}  ${meaning}`)
        .join("\n")}`,
      "The server keeps only a keyed hash of the secret: a key that is lost is minted anew.",
    ],
    examples: [
      `${MM} keys mint --kind sk --project shop --label backend`,
      `${MM} keys mint --kind ak --account acc_... --projects shop,blog --label 'weekly report'`,
      `${QUIET_MM} keys mint --kind rk --project shop --json | jq -r .key`,
    ],
    run: mint,
  },
  {
    name: "keys revoke",
    summary: "end a key; it holds everywhere within a minute",
    argument: "<prefix>",
    notes: ["The prefix is the 8 characters after rk_live_; a whole key is understood as well."],
    examples: [`${MM} keys revoke ab12CD34`],
    async run(run) {
      // Of a whole key nothing but the prefix goes over the wire.
      const prefix = WHOLE_KEY.exec(run.argument)?.[1] ?? run.argument;
      if (!/^[A-Za-z0-9]{8}$/.test(prefix)) {
        throw new UsageError(`A key's prefix is 8 letters and digits. See: ${MM} keys list`);
      }
      const answer = await run.connect().ask("DELETE", `/admin/keys/${prefix}`);
      print(
        run,
        answer,
        (key) => `Key revoked; within a minute it opens nothing.\n\n${describe(key)}`,
      );
    },
  },
];
