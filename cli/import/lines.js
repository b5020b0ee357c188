/** A JSONL file as records, with bounded memory. */
import { refuseNoJsonLines } from "./dialect.js";

/**
 * @typedef {object} Source a record of the file, not yet looked into
 * @property {number} line where it starts, from 1
 * @property {Buffer} bytes without its line end; what its event id is made from
 * @property {number} offset bytes of the file read up to its end
 * @property {string} [problem] why it cannot be read
 * @property {Record<string, string>} [cells] of CSV: the columns that are not empty
 * @property {Buffer} [header] of CSV, with its first record: the row that names the columns
 */

/** No event can be larger: neither a line of JSONL nor a record of CSV is kept beyond this. */
export const MAX_RECORD_BYTES = 1024 * 1024;

/** What is wrong with a record; follows "line 7: " or "The header row ". */
export const NOT_UTF8 = "is not UTF-8: save the file as UTF-8";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * @param {AsyncIterable<Uint8Array>} input
 * @returns {AsyncGenerator<Source>} the lines that are not blank
 */
export async function* readLines(input) {
  /** @type {Buffer[]} */
  let parts = [];
  let held = 0;
  let line = 1;
  let offset = 0;

  /** @param {Buffer} last */
  const finish = (last) => {
    const size = held + last.length;
    // Of a line that is too long the first part stands for all of it.
    const whole = size > MAX_RECORD_BYTES ? (parts[0] ?? last) : Buffer.concat([...parts, last]);
    parts = [];
    held = 0;
    return sourceOf(whole, line, offset, size);
  };

  for await (const piece of input) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let start = 0;
    for (let end; (end = chunk.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
      const source = finish(chunk.subarray(start, end));
      offset = source.offset + 1;
      if (source.bytes.length > 0) yield source;
      line++;
    }
    const tail = chunk.subarray(start);
    held += tail.length;
    if (held <= MAX_RECORD_BYTES || parts.length === 0) parts.push(Buffer.from(tail));
  }
  const source = finish(Buffer.alloc(0));
  if (source.bytes.length > 0) yield source;
}

/**
 * @param {AsyncIterable<Uint8Array>} input
 * @param {import("./mapping.js").Mapping} mapping
 * @returns {AsyncGenerator<Source>} what readLines gives, unless the file is of another kind
 */
export async function* readJsonl(input, mapping) {
  let isFirst = true;
  for await (const source of readLines(input)) {
    if (isFirst) refuseNoJsonLines(source.bytes, mapping);
    isFirst = false;
    yield source;
  }
}

/**
 * @param {Buffer} bytes
 * @param {number} line
 * @param {number} start
 * @param {number} size
 * @returns {Source}
 */
function sourceOf(bytes, line, start, size) {
  let text = bytes;
  if (line === 1 && text.subarray(0, 3).equals(BYTE_ORDER_MARK)) text = text.subarray(3);
  if (text.at(-1) === RETURN) text = text.subarray(0, -1);
  const blank = text.every((byte) => byte === 0x20 || byte === 0x09 || byte === RETURN);
  /** @type {Source} */
  const source = { line, bytes: blank ? Buffer.alloc(0) : text, offset: start + size };
  if (size > MAX_RECORD_BYTES) source.problem = `is longer than ${MAX_RECORD_BYTES} bytes`;
  return source;
}
