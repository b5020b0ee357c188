/**
 * A CSV file as records, with bounded memory. csv-parse reads it; what is here finds each record's
 * bytes and line, and goes on after a record that breaks the rules of quoting.
 */
import { isUtf8 } from "node:buffer";
import { Parser } from "csv-parse";
import { CliError, EXIT, UsageError } from "../errors.js";
import { didYouMean, plain } from "../text.js";
import { refuseNoCsv } from "./dialect.js";
import { MAX_RECORD_BYTES, NOT_UTF8 } from "./lines.js";
import { misspelt, noteLeftOut } from "./mapping.js";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const PIECE_BYTES = 64 * 1024; // parsed at once: small records are many objects

const NOT_CLOSED = "has a quote that is not closed";
const TOO_LONG = `is longer than ${MAX_RECORD_BYTES} bytes`;

/**
 * @typedef {import("./lines.js").Source} Source
 * @typedef {Omit<Source, "cells"> & { cells: string[] }} CsvRecord
 *
 * @typedef {object} Parsed
 * @property {string[]} cells
 * @property {number} end in bytes since the parser's start
 */

/**
 * @param {AsyncIterable<Uint8Array>} input
 * @param {import("./mapping.js").Mapping} mapping is told what it leaves out
 * @param {() => string} [outcome] what a refusal of the header says of what is stored
 * @returns {AsyncGenerator<Source>}
 */
export async function* readCsv(input, mapping, outcome = () => "Nothing was stored.") {
  /** @type {string[] | undefined} */
  let header;
  /** @type {{ header?: Buffer }} what only the first record has */
  let only = {};
  for await (const { cells, ...record } of records(input)) {
    if (record.problem === undefined && cells.every(isBlankText)) continue;
    if (header === undefined) {
      refuseNoCsv(record.bytes);
      if (record.problem !== undefined) throw new UsageError(`The header row ${record.problem}.`);
      header = readHeader(cells, mapping, outcome);
      noteLeftOut(header, mapping);
      only = { header: record.bytes };
      continue;
    }
    const source = { ...record, ...only };
    only = {};
    if (source.problem !== undefined) {
      yield source;
    } else if (cells.length !== header.length) {
      const problem = `has ${cells.length} fields, where the header has ${header.length}`;
      yield { ...source, problem };
    } else {
      yield { ...source, cells: filled(header, stripped(cells, source.bytes)) };
    }
  }
}

/**
 * @param {readonly string[]} cells
 * @param {import("./mapping.js").Mapping} mapping
 * @param {() => string} outcome
 */
function readHeader(cells, mapping, outcome) {
  const header = cells.map((name) => name.trim());
  const twice = header.find((name, i) => name !== "" && header.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`The header names "${plain(twice)}" twice.`);
  const missing = [...mapping.columns.values()].find((name) => !header.includes(name));
  if (missing !== undefined) {
    const hint =
      didYouMean(missing, header) || ` It has: ${header.map((name) => plain(name)).join(", ")}.`;
    throw new UsageError(
      `--map names "${plain(missing)}", which is no column of the header.${hint}`,
    );
  }
  const problem = misspelt(header, mapping);
  if (problem !== undefined) throw new UsageError(`The header ${problem} ${outcome()}`);
  return header;
}

/**
 * The cells without the spaces and tabs around them, but for those in quotes. csv-parse could do it,
 * but would take a line of spaces for an empty one.
 *
 * @param {readonly string[]} cells
 * @param {Buffer} bytes of their record
 */
function stripped(cells, bytes) {
  if (!cells.some((cell) => isBlank(cell[0]) || isBlank(cell.at(-1)))) return cells;
  const quoted = quotedIn(bytes);
  return cells.map((cell, i) => (quoted[i] ? cell : withoutBlanks(cell)));
}

/**
 * Of all cells: a spreadsheet's row without anything in it, or a line of spaces.
 * @param {string} cell
 */
function isBlankText(cell) {
  return /^[ \t]*$/.test(cell);
}

/** @param {string | undefined} character */
function isBlank(character) {
  return character === " " || character === "\t";
}

/** @param {string} cell */
function withoutBlanks(cell) {
  let start = 0;
  let end = cell.length;
  while (isBlank(cell[start])) start++;
  while (end > start && isBlank(cell[end - 1])) end--;
  return cell.slice(start, end);
}

/**
 * @param {Buffer} bytes of a record without a fault
 * @returns {boolean[]} of each cell, whether it is in quotes
 */
function quotedIn(bytes) {
  /** @type {boolean[]} */
  const quoted = [];
  for (let at = 0; ; at++) {
    const isQuoted = bytes[at] === QUOTE;
    quoted.push(isQuoted);
    if (isQuoted) {
      at = bytes.indexOf(QUOTE, at + 1);
      while (bytes[at + 1] === QUOTE) at = bytes.indexOf(QUOTE, at + 2); // doubled
    }
    at = bytes.indexOf(COMMA, at);
    if (at < 0) return quoted;
  }
}

/**
 * @param {readonly string[]} header
 * @param {readonly string[]} cells
 */
function filled(header, cells) {
  // Without a prototype "__proto__" is a name like any other.
  const row = /** @type {Record<string, string>} */ (Object.create(null));
  header.forEach((name, i) => {
    if (name !== "" && cells[i] !== "") row[name] = cells[i];
  });
  return row;
}

/**
 * @param {AsyncIterable<Uint8Array>} input
 * @returns {AsyncGenerator<CsvRecord>}
 */
async function* records(input) {
  let pending = Buffer.alloc(0); // read, but not yet part of a record
  let fed = 0; // how much of it the parser has
  let line = 1;
  let offset = 0;
  let section = new Section();
  /** @type {Skipping | undefined} the rest of a record that is given up */
  let skipping;

  /** @param {number} length of `pending` that is done with */
  const take = (length) => {
    const bytes = pending.subarray(0, length);
    pending = pending.subarray(length);
    fed -= length;
    offset += length;
    const start = firstOfRecord(bytes);
    const first = line + count(bytes.subarray(0, start));
    line += count(bytes);
    return { line: first, bytes: trimmed(bytes.subarray(start)), offset };
  };

  /**
   * Goes on to the end of what is given up.
   * @param {Skipping} over
   */
  const skip = (over) => {
    const end = over.endIn(pending);
    take(end ?? pending.length);
    fed = 0;
    return end === undefined ? over : undefined;
  };

  /**
   * @param {boolean} ended whether what is pending is the rest of the file
   * @returns {AsyncGenerator<CsvRecord>}
   */
  async function* drain(ended) {
    for (;;) {
      skipping &&= skip(skipping);
      const piece = pending.subarray(fed, fed + PIECE_BYTES);
      if (piece.length === 0 && !ended) return;
      const fault = await section.feed(piece.length === 0 ? undefined : piece);
      fed += piece.length;
      for (const { cells, length } of section.taken()) {
        const source = take(length);
        if (isUtf8(source.bytes)) yield { ...source, cells };
        else yield { ...source, cells: [], problem: NOT_UTF8 };
      }
      if (fault !== undefined) {
        const start = firstOfRecord(pending);
        const over = new Skipping(fault === TOO_LONG, line + count(pending.subarray(0, start)));
        const end = over.endIn(pending.subarray(start));
        yield {
          ...take(end === undefined ? pending.length : start + end),
          cells: [],
          problem: fault,
        };
        if (end === undefined) skipping = over;
        section = new Section();
        fed = 0;
      } else if (piece.length === 0) {
        return;
      }
    }
  }

  for await (const piece of input) {
    pending = Buffer.concat([pending, piece]);
    yield* drain(false);
  }
  yield* drain(true);
}

/** One run of the parser: from the start, or from the line after a faulty record. */
class Section {
  /** @type {Parsed[]} */
  #parsed = [];
  #end = 0;
  #parser = new Parser({
    bom: true,
    info: true,
    // The first is what Windows makes of CRLF that is written as text.
    record_delimiter: ["\r\r\n", "\r\n", "\n"],
    relax_column_count: true, // counted against the header by us, which names the line
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
    on_record: (/** @type {any} */ { record, info }) => {
      this.#parsed.push({ cells: record, end: info.bytes });
      return null;
    },
  });

  constructor() {
    this.#parser.on("error", () => {}); // whoever fed it is told
    this.#parser.resume();
  }

  /**
   * @param {Buffer | undefined} chunk undefined at the end
   * @returns {Promise<string | undefined>} what is wrong with the record after the good ones
   */
  async feed(chunk) {
    const error = await new Promise((/** @type {(error: any) => void} */ resolve) => {
      if (chunk === undefined) this.#parser.end(resolve);
      else this.#parser.write(chunk, resolve);
    });
    if (!error) return undefined;
    const { code } = error;
    if (code === "CSV_QUOTE_NOT_CLOSED") return NOT_CLOSED;
    if (code === "CSV_MAX_RECORD_SIZE") return TOO_LONG;
    return 'breaks the rules of quoting: a field with quotes in it must be in quotes, and its quotes doubled ("")';
  }

  /** The records that came out since the last time, each with its bytes. */
  taken() {
    const parsed = this.#parsed.map(({ cells, end }) => {
      const length = end - this.#end;
      this.#end = end;
      return { cells, length };
    });
    this.#parsed = [];
    return parsed;
  }
}

/**
 * To the end of a record that is given up. It is given up with the line that it starts in; the next
 * may be good. But of a record that is too long the next line may be a row, where its quote is one
 * too many, or text of a visitor's, where it is not.
 */
class Skipping {
  #minds;
  #line;
  #isQuoted = false;

  /**
   * @param {boolean} mindsQuotes
   * @param {number} line where it starts
   */
  constructor(mindsQuotes, line) {
    this.#minds = mindsQuotes;
    this.#line = line;
  }

  /**
   * @param {Buffer} bytes the next of it
   * @returns {number | undefined} where the next record starts
   * @throws where that cannot be known
   */
  endIn(bytes) {
    const end = bytes.indexOf(NEWLINE);
    const rest = end < 0 ? bytes : bytes.subarray(0, end);
    for (let i = rest.indexOf(QUOTE); i >= 0; i = rest.indexOf(QUOTE, i + 1)) {
      this.#isQuoted = !this.#isQuoted;
    }
    if (end < 0) return undefined;
    if (this.#minds && this.#isQuoted) {
      throw new CliError(
        EXIT.refused,
        `Line ${this.#line} begins a row with a quote that is not closed within ${MAX_RECORD_BYTES} bytes, so it ` +
          "cannot be known where the next row begins. Mend that row, or take it out.",
      );
    }
    return end + 1;
  }
}

/** @param {Buffer} bytes where the record starts, after blank lines and a byte order mark */
function firstOfRecord(bytes) {
  let i = 0;
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) i = 3;
  while (bytes[i] === NEWLINE || bytes[i] === RETURN) i++;
  return i;
}

/** @param {Buffer} bytes without the line end */
function trimmed(bytes) {
  let end = bytes.length;
  if (bytes[end - 1] === NEWLINE) end--;
  if (bytes[end - 1] === RETURN) end--;
  return bytes.subarray(0, end);
}

/** @param {Buffer} bytes */
function count(bytes) {
  let lines = 0;
  for (let i = bytes.indexOf(NEWLINE); i >= 0; i = bytes.indexOf(NEWLINE, i + 1)) lines++;
  return lines;
}
