/** Files as `mm import` reads them, in pieces. */
import { readCsv } from "../../../cli/import/csv.js";
import { readLines } from "../../../cli/import/lines.js";
import { readMapping } from "../../../cli/import/mapping.js";

/** @typedef {import("../../../cli/import/lines.js").Source} Source */

/**
 * @param {Buffer} bytes
 * @param {number} size of the pieces that they come in
 */
async function* pieces(bytes, size) {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

/**
 * @param {(input: AsyncIterable<Uint8Array>) => AsyncIterable<Source>} reader
 * @param {string | Buffer} content
 * @param {number} [size]
 */
export async function read(reader, content, size = 65_536) {
  /** @type {Source[]} */
  const sources = [];
  for await (const source of reader(pieces(Buffer.from(content), size))) sources.push(source);
  return sources;
}

/** @param {string[]} maps */
export const mappedCsv =
  (...maps) =>
  (/** @type {AsyncIterable<Uint8Array>} */ input) =>
    readCsv(input, readMapping(maps, []));

/** @param {string | Buffer} content @param {number} [size] */
export const csv = (content, size) => read(mappedCsv(), content, size);

/** @param {string | Buffer} content @param {number} [size] */
export const jsonl = (content, size) => read(readLines, content, size);
