/** What `--help` prints. */
import { EXIT } from "./errors.js";
import { MM } from "./name.js";

/**
 * @typedef {import("./commands/command.js").Command} Command
 * @typedef {import("./commands/command.js").Option} Option
 */

/** @type {Record<string, Option>} */
export const GLOBAL_OPTIONS = {
  host: { value: "URL", help: "the server; default $MM_HOST, else http://localhost:8787" },
  token: {
    value: "TOKEN",
    help: "its ADMIN_TOKEN; default $MM_ADMIN_TOKEN, else for a local server the one in .dev.vars",
  },
  json: {
    help: "print the server's JSON, for scripts (with pnpm -s, which keeps pnpm silent); on stderr a JSON object per line",
  },
  help: { short: "h", help: "this help, with examples" },
  version: { help: "print the version of this command line" },
};

const EXIT_CODES = [
  [EXIT.ok, "done"],
  [EXIT.refused, "the server refused, or a file's rows are wrong"],
  [EXIT.usage, "the command line is wrong"],
  [EXIT.unreachable, "the server cannot be reached"],
  [
    EXIT.partial,
    "done in part: rows left out under --skip-bad, projects that the retention job failed, output that could not be written",
  ],
  [EXIT.interrupted, "interrupted; what was printed says how to go on"],
];

/**
 * @param {string} title
 * @param {readonly (readonly [string | number, string])[]} pairs
 */
function section(title, pairs) {
  const widest = Math.max(...pairs.map(([name]) => String(name).length));
  const lines = pairs.map(([name, text]) => `  ${String(name).padEnd(widest)}  ${text}\n`);
  return `\n${title}\n${lines.join("")}`;
}

/** @param {Record<string, Option>} options */
function optionLines(options) {
  return Object.entries(options).map(([name, { value, short, help, required, multiple }]) => {
    const flag = `--${name}${value === undefined ? "" : ` ${value}`}`;
    const notes = [...(required ? ["required"] : []), ...(multiple ? ["may be repeated"] : [])];
    const more = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
    return /** @type {const} */ ([short === undefined ? flag : `-${short}, ${flag}`, help + more]);
  });
}

/** @param {readonly Command[]} commands */
function commandLines(commands) {
  return commands.map(({ name, argument, summary }) => {
    const call = argument === undefined ? name : `${name} ${argument}`;
    return /** @type {const} */ ([call, summary]);
  });
}

/** @param {readonly string[]} examples */
function exampleLines(examples) {
  return `\nExamples\n${examples.map((line) => `  ${line}\n`).join("")}`;
}

/** @param {readonly Command[]} commands */
export function overview(commands) {
  return [
    "The operator's commands for a Millimetric server, local or deployed.\n",
    `\n${MM} <command> [options]\n`,
    section("Commands", commandLines(commands)),
    section("Options of every command", optionLines(GLOBAL_OPTIONS)),
    exampleLines([
      `${MM} accounts create --name Acme --plan business`,
      `${MM} projects create --account acc_... --slug shop --retention-days 0`,
      `${MM} keys mint --kind sk --project shop --label backend`,
      `${MM} import events.jsonl --project shop`,
      `${MM} usage --host https://mm.example.com`,
      `${MM} keys mint --help`,
    ]),
    section("Exit codes", /** @type {any} */ (EXIT_CODES)),
  ].join("");
}

/**
 * @param {string} name
 * @param {readonly Command[]} commands those of this group
 */
export function groupHelp(name, commands) {
  return [
    `${MM} ${name} <${commands.map((command) => command.name.split(" ")[1]).join("|")}> [options]\n`,
    section("Commands", commandLines(commands)),
    exampleLines(commands.flatMap((command) => command.examples.slice(0, 1))),
    `\nMore of each: ${MM} ${commands[0].name} --help\n`,
  ].join("");
}

/** @param {Command} command */
export function commandHelp(command) {
  const { name, argument, summary, options = {}, notes = [], examples } = command;
  const own = Object.keys(options).length === 0 ? "" : section("Options", optionLines(options));
  return [
    `${summary[0].toUpperCase()}${summary.slice(1)}.\n`,
    `\n${MM} ${name}${argument === undefined ? "" : ` ${argument}`} [options]\n`,
    own,
    section("Options of every command", optionLines(GLOBAL_OPTIONS)),
    ...notes.map((note) => `\n${note}\n`),
    exampleLines(examples),
  ].join("");
}
