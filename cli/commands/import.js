/** `mm import`: a file of events into a project. */
import { open } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { CliError, EXIT, InterruptedError, UsageError } from "../errors.js";
import { MOST_REPORTED } from "../import/batch.js";
import { readCsv } from "../import/csv.js";
import { refuseBinary } from "../import/dialect.js";
import { Importer } from "../import/importer.js";
import { readJsonl } from "../import/lines.js";
import { readMapping } from "../import/mapping.js";
import { StateFile } from "../import/state.js";
import { interruptible } from "../io.js";
import { ProgressBar } from "../progress.js";
import { findProject } from "../projects.js";
import { plain, quoted } from "../text.js";
import { text, texts } from "./command.js";
import { MM } from "../name.js";

/** @typedef {import("./command.js").Run} Run */

const FORMATS = ["jsonl", "csv"];

/**
 * @typedef {object} Input
 * @property {string} name for messages
 * @property {number | undefined} size
 * @property {string} format
 * @property {import("node:stream").Readable} bytes
 * @property {string | undefined} statePath
 */

/**
 * @param {Run} run
 * @returns {Promise<Input>}
 */
async function openInput(run) {
  const { argument, io } = run;
  const format = text(run, "format") ?? (/\.csv(?:\.gz)?$/i.test(argument) ? "csv" : "jsonl");
  if (!FORMATS.includes(format)) {
    throw new UsageError(`--format must be jsonl or csv; got "${format}".`);
  }
  if (/\.tsv(?:\.gz)?$/i.test(argument)) {
    throw new UsageError(
      `${argument} has tabs between its fields, which are not read: save it as CSV with commas, or as JSONL.`,
    );
  }
  const state = text(run, "state");
  const statePath = state === undefined ? undefined : io.resolve(state);
  if (argument === "-") {
    return { name: "standard input", size: undefined, format, bytes: io.stdin, statePath };
  }
  if (/\.gz$/i.test(argument)) throw new UsageError(gunzipAdvice(run, format));
  const path = io.resolve(argument);
  const file = await openFile(path);
  const stat = await file.stat();
  if (stat.isDirectory()) {
    await file.close();
    throw new UsageError(`${path} is a folder; give one file.`);
  }
  return {
    name: argument,
    size: stat.isFile() ? stat.size : undefined,
    format,
    bytes: file.createReadStream(),
    statePath: statePath ?? `${path}.mm-import.json`,
  };
}

/**
 * The same bytes, unless they are packed: those would be wrong rows by the hundred.
 * @param {import("node:stream").Readable} bytes
 * @param {() => string} advice
 * @returns {AsyncGenerator<Uint8Array>}
 */
async function* unpacked(bytes, advice) {
  let isFirst = true;
  for await (const chunk of bytes) {
    if (isFirst && chunk[0] === 0x1f && chunk[1] === 0x8b) throw new UsageError(advice());
    if (isFirst) refuseBinary(chunk);
    isFirst = false;
    yield chunk;
  }
}

/**
 * @param {Run} run
 * @param {string} format
 */
function gunzipAdvice(run, format) {
  const { argument, values } = run;
  const from = argument === "-" ? "FILE" : quoted(argument);
  const isCsv = format === "csv" && values.format === undefined;
  const options = Object.entries(isCsv ? { format, ...values } : values)
    .filter(([name]) => name !== "token") // no history or log should have it
    .flatMap(([name, value]) => [value].flat().map((given) => ({ name, given })))
    .map(({ name, given }) => `--${name}${given === true ? "" : ` ${quoted(String(given))}`}`);
  const command = `gunzip -c ${from} | ${MM} import - ${options.join(" ")}`;
  return `The file is packed with gzip. Unpack it on the way: ${command}`;
}

/**
 * Not left to a stream: that would fail while the server is asked, and nobody listens yet.
 * @param {string} path
 */
async function openFile(path) {
  try {
    return await open(path);
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    const missing = code === "ENOENT" || code === "ENOTDIR";
    throw new UsageError(missing ? `There is no file ${path}` : `Cannot read ${path}: ${message}`);
  }
}

/** @param {Run} run */
async function runImport(run) {
  const mapping = readMapping(texts(run, "map"), texts(run, "set"));
  const input = await openInput(run);
  input.bytes.on("error", () => {}); // who reads is told; Ctrl-C may come before anybody does
  try {
    const client = run.connect();
    return await interruptible(run.io, "Stopping after this batch", (interruption) =>
      importFrom(run, input, mapping, client, interruption),
    );
  } finally {
    input.bytes.destroy();
  }
}

/**
 * @param {Run} run
 * @param {Input} input
 * @param {import("../import/mapping.js").Mapping} mapping
 * @param {import("../client.js").Client} client
 * @param {import("../io.js").Interruption} interruption
 */
async function importFrom(run, input, mapping, client, interruption) {
  const { io } = run;
  const project = await findProject(client, text(run, "project") ?? "", interruption);
  const typed = run.values["as-text"] !== true;
  const state = new StateFile(input.statePath, {
    host: client.host,
    project: project.project_id,
    format: input.format,
    map: [...mapping.columns],
    set: [...mapping.constants],
    typed,
  });
  addAbortSignal(interruption.stop, input.bytes); // it may never give more
  const bytes = unpacked(input.bytes, () => gunzipAdvice(run, input.format));
  const outcome = () => (state.exists ? state.restart : "Nothing was stored.");
  const sources =
    input.format === "csv" ? readCsv(bytes, mapping, outcome) : readJsonl(bytes, mapping);
  const bar = new ProgressBar(io, input.size);
  const skipBad = run.values["skip-bad"] === true;
  const job = { io, client, project, sources, mapping, typed, skipBad, state, bar, interruption };
  const importer = new Importer(job);
  try {
    await importer.run();
  } catch (error) {
    const failure = interruption.stop.aborted ? new InterruptedError("Stopped.") : error;
    throw explained(failure, input, state, importer);
  } finally {
    bar.clear();
  }
  return finish(run, input, project, importer);
}

/**
 * Adds to a failure how far the import has come, and how to go on.
 * @param {unknown} error
 * @param {Input} input
 * @param {StateFile} state
 * @param {Importer} importer
 */
function explained(error, input, state, { progress }) {
  if (error instanceof UsageError || !(error instanceof Error)) return error;
  const failure =
    error instanceof CliError ? error : new CliError(EXIT.usage, `${input.name}: ${error.message}`);
  if (!(error instanceof CliError) && !("syscall" in error)) return error;
  const { line, stored, duplicates } = progress;
  if (line === 0) {
    failure.message += "\nNo batch was accepted.";
  } else {
    failure.message += `\nDone to line ${line}: ${stored} new, ${duplicates} already there. `;
    failure.message += state.exists
      ? `Run the same command again to go on from there (noted in ${state.path}).`
      : "Run it again from the start within 7 days: what is there is not stored twice.";
  }
  return failure;
}

/**
 * @param {Run} run
 * @param {Input} input
 * @param {import("../projects.js").Project} project
 * @param {Importer} importer
 */
function finish({ io, json }, input, project, importer) {
  const { stored, duplicates, skipped } = importer.progress;
  const { leftOut, untimed } = importer;
  const more = skipped > MOST_REPORTED ? ` The first ${MOST_REPORTED} are named above.` : "";
  const hints = [...importer.hints(importer.wrong), ...importer.hintsOfMapping()];
  if (hints.length > 0) io.stderr.write(`${hints.join("\n")}\n`);
  if (json) {
    const summary = { ok: true, project_id: project.project_id, new: stored, duplicates, skipped };
    const times = { no_timestamp: untimed.isAll, untimed: untimed.count };
    const about = { left_out: leftOut, ...times, wrong: importer.wrong };
    io.stdout.write(`${JSON.stringify({ ...summary, ...about })}\n`);
  } else {
    const parts = [
      `Imported ${input.name} into ${project.slug}: ${stored} new, ${duplicates} already there.`,
      ...(skipped === 0 ? [] : [`${skipped} wrong rows were left out.${more}`]),
      ...(leftOut.length === 0 ? [] : [`Columns left out: ${leftOut.map(plain).join(", ")}.`]),
      ...aboutTimes(untimed),
    ];
    io.stdout.write(`${parts.join(" ")}\n`);
  }
  return skipped === 0 ? EXIT.ok : EXIT.partial;
}

/** @param {Importer["untimed"]} untimed */
function aboutTimes({ count, isAll }) {
  if (isAll) return ["No row had a timestamp: all events count as of now."];
  if (count === 0) return [];
  return [`Without a timestamp, and so as of now: ${count}.`];
}

/** @type {import("./command.js").Command} */
export const importCommand = {
  name: "import",
  summary: "put a file of events into a project",
  argument: "<file>",
  options: {
    project: { value: "PROJECT", help: "where to (id or slug)", required: true },
    format: { value: "FORMAT", help: "jsonl or csv; default by the file's name, else jsonl" },
    map: {
      value: "FIELD=COLUMN,...",
      help: "make an event's field from another column",
      multiple: true,
    },
    set: { value: "FIELD=VALUE", help: "give every event this value", multiple: true },
    "as-text": { help: "keep CSV properties that look like numbers or booleans as text" },
    "skip-bad": { help: "leave wrong rows out and go on; exit code 4 if there were any" },
    state: { value: "FILE", help: "where to note the progress; default <file>.mm-import.json" },
  },
  notes: [
    [
      "<file> is JSONL, one event per line, or CSV with a header row and commas; - is standard input.",
      "Spaces and tabs around a CSV cell are not of it, unless it is in quotes.",
    ].join("\n"),
    [
      "Fields  event, event_id, timestamp, anonymous_id, user_id, session_id, url, path, referrer,",
      "        properties (JSON) or properties.NAME, context (JSON), and of the visitor user_agent,",
      "        ip (hashed, never stored) and country. Other columns are left out unless mapped; one",
      "        that is a field but for letter case, _, - and spaces (Timestamp) is refused unless mapped.",
    ].join("\n"),
    [
      "Times are ISO 8601 (without an offset: UTC), Unix time in seconds or smaller units of 10 digits",
      'or more, "2026-11-20 10:00:00 +0200", or with the month\'s name as in e-mail and web logs.',
    ].join("\n"),
    [
      "A file may be imported again: an event that the server has taken within the last 7 days is",
      "not stored twice. It is known by its event_id, or without one by its project, line number and",
      "line; a mapping that has changed does not make it another. After 7 days the server has",
      "forgotten the ids, and a second import would store everything again.",
    ].join("\n"),
    [
      "An import that stopped goes on with the same command: how far it came is noted after every",
      "batch in the state file, which is removed at the end. A wrong row stops it before anything",
      "of its batch (up to 500 rows) is stored; up to 50 wrong rows are named by line at once.",
    ].join("\n"),
    [
      "Events older than the project's retention are refused. For history, first:",
      `  ${MM} projects update PROJECT --retention-days 0`,
    ].join("\n"),
  ],
  examples: [
    `${MM} import events.jsonl --project shop`,
    `${MM} import sales.csv --project shop --map event=action,timestamp=time --skip-bad`,
    `${MM} import access.jsonl --project shop --set event='$pageview' --map properties.status=status`,
    `gunzip -c events.jsonl.gz | ${MM} import - --project shop --state events.state`,
  ],
  run: runImport,
};
