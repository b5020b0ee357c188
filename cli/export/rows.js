/** The rows of an answer as the bytes that came: parsing and writing them would change numbers. */
import { CliError, EXIT } from "../errors.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = Buffer.from("{}[]");

/**
 * @param {Buffer} body `{"rows":[{...},...],...}`
 * @returns {{ rows: Buffer[], rest: Record<string, unknown> }} `rest` is the body without the rows
 */
export function splitRows(body) {
  /** @type {Buffer[]} */
  const rows = [];
  let depth = 0;
  let key = "";
  let stringStart = 0;
  let stringEnd = 0;
  let rowStart = 0;
  let listStart = -1; // of the rows
  let listEnd = -1;
  for (let i = 0; i < body.length; i++) {
    const c = body[i];
    if (c === QUOTE) {
      stringStart = i + 1;
      for (i++; i < body.length && body[i] !== QUOTE; i++) if (body[i] === BACKSLASH) i++;
      stringEnd = i;
    } else if (c === COLON) {
      if (depth === 1) key = body.toString("latin1", stringStart, stringEnd);
    } else if (c === OPEN_OBJECT || c === OPEN_LIST) {
      if (depth === 1 && c === OPEN_LIST && key === "rows") listStart = i + 1;
      if (depth === 2) rowStart = i;
      depth++;
    } else if (c === CLOSE_OBJECT || c === CLOSE_LIST) {
      depth--;
      const inList = listStart >= 0 && listEnd < 0;
      if (inList && depth === 2) rows.push(body.subarray(rowStart, i + 1));
      if (inList && depth === 1) listEnd = i;
    }
  }
  if (listEnd < 0) throw new CliError(EXIT.refused, "The server's answer has no rows.");
  const rest = `${body.subarray(0, listStart)}${body.subarray(listEnd)}`;
  return { rows, rest: JSON.parse(rest) };
}
