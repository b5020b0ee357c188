/** From the command line to a command and its exit code. */
import { readFileSync } from "node:fs";
import { Writable } from "node:stream";
import { parseArgs } from "node:util";
import { COMMANDS } from "./commands/index.js";
import { connect } from "./connection.js";
import { CliError, EXIT, RefusedError, UsageError } from "./errors.js";
import { GLOBAL_OPTIONS, commandHelp, groupHelp, overview } from "./help.js";
import { printed } from "./io.js";
import { didYouMean, plain } from "./text.js";
import { MM } from "./name.js";

/**
 * @typedef {import("./io.js").Io} Io
 * @typedef {import("./commands/command.js").Command} Command
 */

/**
 * @param {readonly string[]} argv without Node and the script
 * @param {Io} io
 * @returns {Promise<number>} the exit code
 */
export async function main(argv, io) {
  // `pnpm mm -- accounts list` hands the dashes on.
  const args = argv[0] === "--" ? argv.slice(1) : [...argv];
  const json = args.includes("--json");
  io.stdout.on("error", () => {}); // is told at the end, or by the command that waits for it
  io.stderr.on("error", () => {}); // nobody reads it any more, which ends nothing
  try {
    const exit = await dispatch(args, json ? { ...io, stderr: noticesTo(io.stderr) } : io, json);
    await printed(io.stdout);
    return exit;
  } catch (error) {
    return report(error, json, io);
  }
}

/**
 * @param {string[]} args
 * @param {Io} io
 * @param {boolean} json
 */
async function dispatch(args, io, json) {
  // What the command's own options mean is not known yet; its words come before them.
  const loose = parseArgs({ args, options: parseOptions(GLOBAL_OPTIONS), strict: false });
  if (loose.values.version === true) {
    io.stdout.write(json ? `${JSON.stringify({ version: version() })}\n` : `${version()}\n`);
    return EXIT.ok;
  }
  const words = loose.positionals[0] === "help" ? loose.positionals.slice(1) : loose.positionals;
  const wantsHelp = loose.values.help === true || loose.positionals[0] === "help";
  if (words.length === 0) {
    if (json && !wantsHelp) throw new UsageError(`A command is missing. See: ${MM} --help`);
    (wantsHelp ? io.stdout : io.stderr).write(overview(COMMANDS));
    return wantsHelp ? EXIT.ok : EXIT.usage;
  }
  const command = COMMANDS.find(({ name }) => startsWith(words, name.split(" ")));
  if (command === undefined) return group(words, wantsHelp, io, json);
  if (wantsHelp) {
    io.stdout.write(commandHelp(command));
    return EXIT.ok;
  }
  return run(command, args, io);
}

/** @returns {string} the package's */
function version() {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}

/**
 * `accounts` without a word that says what to do with them, or something unknown.
 * @param {string[]} words
 * @param {boolean} wantsHelp
 * @param {Io} io
 * @param {boolean} json
 */
function group(words, wantsHelp, io, json) {
  const members = COMMANDS.filter(({ name }) => name.startsWith(`${words[0]} `));
  if (members.length === 0) {
    const names = [...new Set(COMMANDS.map(({ name }) => name.split(" ")[0]))];
    const hint = didYouMean(words[0], names) || ` There are: ${names.join(", ")}.`;
    throw new UsageError(`There is no command "${plain(words[0])}".${hint}`);
  }
  if (words.length > 1 && !wantsHelp) {
    const names = members.map(({ name }) => name.split(" ")[1]);
    const hint = didYouMean(words[1], names) || ` There are: ${names.join(", ")}.`;
    throw new UsageError(`"${words[0]}" has no command "${plain(words[1])}".${hint}`);
  }
  if (json && !wantsHelp) {
    throw new UsageError(`What of ${words[0]}? See: ${MM} ${words[0]} --help`);
  }
  (wantsHelp ? io.stdout : io.stderr).write(groupHelp(words[0], members));
  return wantsHelp ? EXIT.ok : EXIT.usage;
}

/**
 * @param {Command} command
 * @param {string[]} args
 * @param {Io} io
 */
async function run(command, args, io) {
  const options = { ...GLOBAL_OPTIONS, ...command.options };
  const advice = `See: ${MM} ${command.name} --help`;
  let parsed;
  try {
    parsed = parseArgs({ args, options: parseOptions(options), allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${usageProblem(error, Object.keys(options))}\n${advice}`);
  }
  const values = /** @type {import("./commands/command.js").Values} */ (parsed.values);
  const rest = parsed.positionals.slice(command.name.split(" ").length);
  for (const [name, option] of Object.entries(options)) {
    if ("required" in option && option.required && values[name] === undefined) {
      throw new UsageError(`--${name} is missing.\n${advice}`);
    }
  }
  const most = command.argument === undefined ? 0 : 1;
  if (rest.length > most) {
    throw new UsageError(`"${plain(rest[most])}" is one argument too many.\n${advice}`);
  }
  if (rest.length < most) throw new UsageError(`${command.argument} is missing.\n${advice}`);
  const given = /** @type {{ host?: string, token?: string }} */ (values);
  const exit = await command.run({
    io,
    values,
    argument: rest[0] ?? "",
    json: values.json === true,
    connect: () => connect(io, given),
  });
  return exit ?? EXIT.ok;
}

/** @param {Record<string, import("./commands/command.js").Option>} options */
function parseOptions(options) {
  return Object.fromEntries(
    Object.entries(options).map(([name, { value, short, multiple }]) => [
      name,
      {
        type:
          value === undefined ? /** @type {const} */ ("boolean") : /** @type {const} */ ("string"),
        ...(short === undefined ? {} : { short }),
        ...(multiple === undefined ? {} : { multiple }),
      },
    ]),
  );
}

/**
 * @param {unknown} error of parseArgs
 * @param {string[]} known
 */
function usageProblem(error, known) {
  if (!(error instanceof TypeError) || !("code" in error)) throw error;
  if (error.code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION")
    return plain(error.message.replace(/\s*\n\s*/g, " "));
  const name = /'--?([^' =]*)/.exec(error.message)?.[1] ?? "";
  const dashes = name.length === 1 ? "-" : "--";
  return `There is no option ${dashes}${plain(name)} here.${didYouMean(name, known)}`;
}

/** @param {string[]} words @param {string[]} name */
function startsWith(words, name) {
  return name.every((word, i) => words[i] === word);
}

/**
 * @param {unknown} error
 * @param {boolean} json
 * @param {Io} io
 */
function report(error, json, io) {
  if (json) io.stderr.write(`${JSON.stringify(asJson(error))}\n`);
  else io.stderr.write(`${asText(error)}\n`);
  return error instanceof CliError ? error.exit : EXIT.refused;
}

/** @param {unknown} error */
function asText(error) {
  if (!(error instanceof CliError)) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  return error.message
    .split("\n")
    .map((line) => plain(line))
    .join("\n");
}

/** @param {unknown} error */
function asJson(error) {
  if (!(error instanceof CliError)) return { error: "failed", error_description: String(error) };
  const body = error instanceof RefusedError ? error.body : {};
  const error_description = error instanceof RefusedError ? error.description : error.message;
  return { ...body, error: error.code, error_description };
}

/**
 * What a command says beside its result, for scripts: a JSON object per line.
 * @param {import("./io.js").Output} stderr
 * @returns {import("./io.js").Output}
 */
function noticesTo(stderr) {
  return new Writable({
    write(chunk, _encoding, done) {
      const lines = String(chunk)
        .split("\n")
        .filter((line) => line.trim() !== "");
      stderr.write(lines.map((notice) => `${JSON.stringify({ notice })}\n`).join(""));
      done();
    },
  });
}
