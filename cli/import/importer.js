/**
 * Sends a file's rows in batches, one after the other, noting how far it has come. While one is on its
 * way the next is read.
 */
import { createHash } from "node:crypto";
import { CliError, EXIT, InterruptedError, RefusedError, UsageError } from "../errors.js";
import { plain } from "../text.js";
import { Batch, MOST_REPORTED, prepare } from "./batch.js";
import { namesOf } from "./event.js";
import { advisesMap } from "./mapping.js";
import { MM } from "../name.js";

/**
 * @typedef {import("./state.js").Progress} Progress
 * @typedef {import("./batch.js").WrongRow} WrongRow
 *
 * @typedef {object} Job
 * @property {import("../io.js").Io} io
 * @property {import("../client.js").Client} client
 * @property {import("../projects.js").Project} project
 * @property {AsyncIterable<import("./lines.js").Source>} sources
 * @property {import("./mapping.js").Mapping} mapping
 * @property {boolean} typed
 * @property {boolean} skipBad
 * @property {import("./state.js").StateFile} state
 * @property {import("../progress.js").ProgressBar} bar
 * @property {import("../io.js").Interruption} interruption
 */

export class Importer {
  #job;
  #batch = new Batch(); // that is being read
  #sent = new Batch(); // that was sent last
  #sending = Promise.resolve();
  #digest = createHash("sha256"); // of all rows that were read
  #offset = 0;
  #newRows = 0; // of this run

  /** @type {Progress} */
  progress = {
    records: 0,
    digest: "",
    line: 0,
    stored: 0,
    duplicates: 0,
    skipped: 0,
    untimed: 0,
  };
  /** @type {WrongRow[]} the first of them */
  wrong = [];

  /** @param {Job} job */
  constructor(job) {
    this.#job = job;
  }

  /** Sends everything that is not done yet. */
  async run() {
    const { state } = this.#job;
    const before = state.read();
    if (before !== undefined) this.progress = before;
    state.checkWritable();
    try {
      await this.#readAll(before);
    } finally {
      await this.#sending; // whatever came of the reading, this batch is stored or refused
    }
    state.remove();
  }

  /** @param {Progress | undefined} before */
  async #readAll(before) {
    const { sources, state, mapping, project, typed } = this.#job;
    let records = 0;
    for await (const source of sources) {
      records++;
      if (before !== undefined && records <= before.records) {
        this.#passOver(source, records, before);
        continue;
      }
      const row = prepare(source, mapping, project.project_id, typed);
      if (!this.#batch.hasRoomFor(row.bytes)) await this.#handOver();
      if (this.#batch.rows === 0) this.#batch.first = source;
      this.#batch.add(row);
      this.#note(source);
      if (this.#batch.isFull) await this.#handOver();
    }
    if (before !== undefined && records < before.records) throw changedFile(state.path);
    await this.#handOver();
  }

  /** Sends the batch that was read, once the one before is done with. */
  async #handOver() {
    await this.#sending;
    if (this.#batch.rows === 0) return;
    if (this.progress.records === 0) this.#checkTime(this.#batch);
    const done = { digest: this.#digest.copy().digest("hex"), offset: this.#offset };
    this.#sent = this.#batch;
    this.#batch = new Batch();
    this.#sending = this.#send(this.#sent, done);
    this.#sending.catch(() => {}); // whoever awaits it is told
  }

  /** @param {import("./lines.js").Source} source */
  #note({ bytes, offset, header }) {
    if (header !== undefined) this.#digest.update(header).update("\n");
    this.#digest.update(bytes).update("\n");
    this.#offset = offset;
  }

  /**
   * @param {import("./lines.js").Source} source
   * @param {number} records
   * @param {Progress} before
   */
  #passOver(source, records, before) {
    this.#note(source);
    if (records < before.records) return;
    const { state, io, bar } = this.#job;
    // A blank line more or less is not in the digest, but the ids of all rows behind it are made from
    // other line numbers.
    const isSame = this.#digest.copy().digest("hex") === before.digest;
    if (!isSame || source.line !== before.line) throw changedFile(state.path);
    bar.startAt(source.offset);
    io.stderr.write(`Going on after line ${before.line}, where the last run stopped.\n`);
  }

  /**
   * Without their time events happen now: where none of the first rows has one, the column is misspelt.
   * @param {Batch} batch
   */
  #checkTime({ events, untimed, first, firstLine, lastLine }) {
    const column = this.#job.mapping.columns.get("timestamp");
    // CSV has a header, which is looked at before.
    if (column === undefined || first?.cells !== undefined) return;
    if (events.length === 0 || untimed < events.length) return;
    throw new UsageError(
      `--map makes timestamp from "${plain(column)}", which no row of lines ${firstLine} to ${lastLine} has. ` +
        "Nothing was stored.",
    );
  }

  /**
   * @param {Batch} batch
   * @param {{ digest: string, offset: number }} done with it
   */
  async #send(batch, { digest, offset }) {
    this.#checkInterrupted();
    if (batch.wrong.length > 0) await this.#complainOfAll(batch);
    const { stored, duplicates } = await this.#store(batch);
    const { records, skipped, untimed } = this.progress;
    this.progress = {
      records: records + batch.rows,
      digest,
      line: batch.lastLine,
      stored: this.progress.stored + stored,
      duplicates: this.progress.duplicates + duplicates,
      skipped: skipped + batch.wrong.length,
      untimed: untimed + batch.untimed,
    };
    this.#job.state.write(this.progress);
    this.#newRows += batch.rows;
    this.#job.bar.update(this.#newRows, offset);
    this.#checkInterrupted();
  }

  /**
   * Names what is wrong already, and, where that ends the import, what the server would not have.
   * @param {Batch} batch
   */
  async #complainOfAll(batch) {
    if (!this.#job.skipBad && batch.events.length > 0) await this.#judge(batch);
    this.#complain(batch.wrong);
  }

  /**
   * Has the server look at the events of a batch, without storing any.
   * @param {Batch} batch
   */
  async #judge(batch) {
    try {
      await this.#ask(batch.bodyToJudge);
    } catch (error) {
      this.#checkInterrupted();
      // Another failure is for the import of the mended file to meet.
      if (error instanceof RefusedError) batch.remove(error.body.details?.events ?? []);
    }
  }

  /** @param {string} body */
  async #ask(body) {
    const { client, project, interruption } = this.#job;
    const { json } = await client.ask("POST", "/admin/import", {
      query: { project: project.project_id },
      body,
      repeatable: true, // every event has an id by which the server knows it again
      ...interruption,
    });
    return json;
  }

  /**
   * @param {Batch} batch
   * @returns {Promise<{ stored: number, duplicates: number }>}
   */
  async #store(batch) {
    while (batch.events.length > 0) {
      try {
        const json = await this.#ask(batch.body);
        return { stored: json.count - json.duplicates, duplicates: json.duplicates };
      } catch (error) {
        this.#checkInterrupted();
        const refused = error instanceof RefusedError ? (error.body.details?.events ?? []) : [];
        const rows = batch.remove(refused);
        if (rows.length === 0) throw error;
        this.#complain(rows);
      }
    }
    return { stored: 0, duplicates: 0 };
  }

  /**
   * Names wrong rows, and stops the import unless they are to be left out.
   * @param {readonly WrongRow[]} rows
   */
  #complain(rows) {
    const { io, bar, skipBad } = this.#job;
    const named = rows.slice(0, MOST_REPORTED - this.wrong.length);
    this.wrong.push(...named);
    const lines = named.map(({ line, message }) => `line ${line}: ${plain(message)}\n`);
    bar.clear();
    io.stderr.write(lines.join(""));
    if (!skipBad) throw new CliError(EXIT.refused, this.#refusal(rows));
  }

  /** @param {readonly WrongRow[]} rows */
  #refusal(rows) {
    const { firstLine, lastLine } = this.#sent;
    const most = rows.length >= MOST_REPORTED ? "At least " : ""; // no answer names more
    const count = rows.length === 1 ? "1 row is" : `${most}${rows.length} rows are`;
    const lines = [
      `${count} wrong, so nothing of lines ${firstLine} to ${lastLine} was stored. ` +
        "Mend them, or leave such rows out with --skip-bad.",
      ...this.hints(rows),
      ...this.#hintOfRestart(rows),
    ];
    return lines.join("\n");
  }

  /** @param {readonly WrongRow[]} rows */
  hints(rows) {
    return [...this.#hintOfEvent(rows), ...this.#hintOfRetention(rows)];
  }

  /** Columns, or members of JSON, that nothing was made of. */
  get leftOut() {
    return [...this.#job.mapping.leftOut];
  }

  /** Events that count as of their import: how many, and whether these are all. */
  get untimed() {
    const { stored, duplicates, untimed } = this.progress;
    return { count: untimed, isAll: untimed > 0 && untimed === stored + duplicates };
  }

  /** @returns {string[]} of mapped columns that no row had */
  hintsOfMapping() {
    // Of an import that went on, only a part of the rows is known.
    if (this.#newRows === 0 || this.#newRows < this.progress.records) return [];
    const { columns, found } = this.#job.mapping;
    return [...columns]
      .filter(([field]) => !found.has(field))
      .map(
        ([field, column]) =>
          `No row had "${plain(column)}", which --map makes ${plain(field)} from.`,
      );
  }

  /** @param {readonly WrongRow[]} rows */
  #hintOfEvent(rows) {
    const { rowsWithoutEvent, first } = this.#sent;
    const none = rowsWithoutEvent > 0 && rowsWithoutEvent >= this.#sent.rows;
    if (!none || !rows.some(({ message }) => message.startsWith("event "))) return [];
    const names = first === undefined ? [] : namesOf(first);
    return [
      `No row has the name of an event. There are: ${names.map(plain).join(", ")}. Say which of them it is ` +
        "with --map event=COLUMN, or give all rows one with --set event=NAME.",
    ];
  }

  /** @param {readonly WrongRow[]} rows */
  #hintOfRetention(rows) {
    if (!rows.some(({ message }) => message.includes("older than the project's retention")))
      return [];
    const { project_id } = this.#job.project;
    return [
      "To keep older events, give the project a longer retention first (0: for ever): " +
        `${MM} projects update ${project_id} --retention-days 0`,
    ];
  }

  /**
   * The mapping that mends them makes it another import, which what is noted does not go on with.
   * @param {readonly WrongRow[]} rows
   */
  #hintOfRestart(rows) {
    const { progress } = this;
    const { state } = this.#job;
    return progress.records > 0 && rows.some(({ message }) => advisesMap(message))
      ? [state.restart]
      : [];
  }

  #checkInterrupted() {
    if (this.#job.interruption.stop.aborted) throw new InterruptedError("Stopped.");
  }
}

/** @param {string | undefined} path of the state */
function changedFile(path) {
  return new UsageError(
    "The file has changed before the line where the last run stopped, so this is another import. " +
      `To start it from the beginning, remove ${path}`,
  );
}
