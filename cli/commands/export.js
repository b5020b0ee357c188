/** `mm export`: a project's events as JSONL. */
import { CliError, InterruptedError, OutputError, RefusedError } from "../errors.js";
import { fileSink, streamSink } from "../export/output.js";
import { Pages } from "../export/pages.js";
import { interruptible } from "../io.js";
import { ProgressBar } from "../progress.js";
import { findProject } from "../projects.js";
import { plain } from "../text.js";
import { integer, text } from "./command.js";
import { MM, QUIET_MM } from "../name.js";

/** @typedef {import("./command.js").Run} Run */

const PAGE_ROWS = 1000;
const NEWLINE = Buffer.from("\n");

/** @param {Run} run */
function runExport(run) {
  const limit = integer(run, "page", 1, PAGE_ROWS) ?? PAGE_ROWS;
  const client = run.connect();
  return interruptible(run.io, "Stopping after this page", async (interruption) => {
    const project = await findProject(client, text(run, "project") ?? "", interruption);
    const query = { project: project.project_id, from: text(run, "from"), to: text(run, "to") };
    const pages = new Pages(client, { ...query, limit }, interruption, text(run, "cursor"));
    const rows = await writePages(run, pages);
    const out = text(run, "out") ?? "-";
    if (out === "-") return;
    const summary = { ok: true, project_id: project.project_id, rows, file: out };
    const said = `Exported ${rows} events of ${project.slug} to ${plain(out)}`;
    run.io.stdout.write(`${run.json ? JSON.stringify(summary) : said}\n`);
  });
}

/**
 * @param {Run} run
 * @param {Pages} pages
 * @returns {Promise<number>} how many rows there were
 */
async function writePages(run, pages) {
  const { io } = run;
  const toTerminal = (text(run, "out") ?? "-") === "-" && io.stdout.isTTY === true;
  // Between rows on a terminal, a count would be in the way.
  const bar = toTerminal ? undefined : new ProgressBar(io, undefined);
  /** @type {import("../export/output.js").Sink | undefined} */
  let sink;
  let rows = 0;
  try {
    for (let page = await pages.next(); page !== undefined; page = await pages.next()) {
      sink ??= await openSink(run); // not before: a refusal leaves an older file as it is
      if (page.length > 0) await sink.write(linesOf(page));
      pages.confirm();
      rows += page.length;
      bar?.update(rows, 0);
    }
    return rows;
  } catch (error) {
    const failure = pages.interrupted ? new InterruptedError("Stopped.") : error;
    throw explained(failure, rows, pages.cursor);
  } finally {
    bar?.clear();
    await sink?.close();
  }
}

/** @param {Run} run */
async function openSink(run) {
  const out = text(run, "out") ?? "-";
  if (out === "-") return streamSink(run.io.stdout);
  return fileSink(run.io.resolve(out), run.values.cursor !== undefined);
}

/** @param {readonly Buffer[]} rows */
function linesOf(rows) {
  return Buffer.concat(rows.flatMap((row) => [row, NEWLINE]));
}

/**
 * @param {unknown} error
 * @param {number} rows
 * @param {string | undefined} cursor
 */
function explained(error, rows, cursor) {
  if (!(error instanceof CliError)) return error;
  error.message += `\n${howFar(error, rows)}`;
  // Where the request itself was refused, the same again would be too: the server says what to do.
  const refused = error instanceof RefusedError && error.status === 400;
  if (cursor === undefined || refused) return error;
  error.message += ` To go on, give the same command with: --cursor ${cursor}`;
  return error;
}

/**
 * @param {CliError} error
 * @param {number} rows of the pages that are written whole
 */
function howFar(error, rows) {
  // Of the page that met its end, the reader may have taken any part.
  if (error instanceof OutputError && error.isGone) {
    return rows === 0
      ? "Events of the first page may have gone out."
      : `${rows} events went out, and maybe some of the next page.`;
  }
  return rows === 0 ? "Nothing was exported." : `${rows} events were exported.`;
}

/** @type {import("./command.js").Command} */
export const exportCommand = {
  name: "export",
  summary: "write a project's events as JSONL, oldest first",
  options: {
    project: { value: "PROJECT", help: "whose (id or slug)", required: true },
    from: { value: "TIME", help: "from when, such as 2026-11-01; default the first event" },
    to: { value: "TIME", help: "until when, exclusive; default the last event" },
    out: { value: "FILE", help: "into a file instead of standard output; - is standard output" },
    cursor: { value: "CURSOR", help: "go on where an export stopped; FILE is then appended to" },
    page: { value: "ROWS", help: `rows per request, 1 to ${PAGE_ROWS}; default ${PAGE_ROWS}` },
  },
  notes: [
    "Each line is a row as queries give it, byte for byte as the server sent it.",
    "An export that fails says with which --cursor to go on; its output ends with a whole row.",
    `What it writes can be imported again; see ${MM} import --help.`,
  ],
  examples: [
    `${MM} export --project shop --out shop.jsonl`,
    `${QUIET_MM} export --project shop --from 2026-11-01 --to 2026-12-01 | gzip > shop-november.jsonl.gz`,
    `${QUIET_MM} export --project shop | jq -r .event_name | sort | uniq -c`,
  ],
  run: runExport,
};
