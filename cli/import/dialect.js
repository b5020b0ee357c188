/**
 * Files that are not what they are read as: told once, before anything is stored, instead of as wrong
 * rows by the hundred, or with --skip-bad as the few that happen to fit.
 */
import { UsageError } from "../errors.js";
import { isField } from "./mapping.js";

const NAMES = new Map([
  [";", "semicolons"],
  ["\t", "tabs"],
  ["|", "vertical bars"],
]);
const CR_ALONE = "The file's lines end with CR alone; save it with LF or CRLF.";

const UTF_16 = "UTF-16: save it as UTF-8 (iconv -f UTF-16 -t UTF-8)";

/** First bytes of files, and what to do with such. */
const FORMATS = [
  {
    starts: [0x50, 0x4b, 0x03, 0x04],
    advice: "a zip archive, as .xlsx is: unpack it, or save the table as CSV",
  },
  { starts: [0x28, 0xb5, 0x2f, 0xfd], advice: "packed with zstd: unpack it first (unzstd)" },
  { starts: [0xfd, 0x37, 0x7a, 0x58], advice: "packed with xz: unpack it first (unxz)" },
  { starts: [0x42, 0x5a, 0x68], advice: "packed with bzip2: unpack it first (bunzip2)" },
  { starts: [0xff, 0xfe], advice: UTF_16 },
  { starts: [0xfe, 0xff], advice: UTF_16 },
];

/** @param {Uint8Array} head the file's first bytes */
export function refuseBinary(head) {
  const format = FORMATS.find(({ starts }) => starts.every((byte, i) => head[i] === byte));
  if (format !== undefined) throw new UsageError(`The file is ${format.advice}.`);
}

/** @param {Buffer} bytes of the header row, as far as it could be read */
export function refuseNoCsv(bytes) {
  const text = bytes.toString().trim();
  if (/^[{[]\s*(?:["{[\]}]|$)/.test(text)) {
    throw new UsageError(
      "The file is JSON, not CSV: if it has an event per line, give --format jsonl.",
    );
  }
  const bare = text.replace(/"(?:[^"]|"")*"/g, "_"); // what is in quotes separates nothing
  if (bare.includes("\r")) throw new UsageError(CR_ALONE);
  const separator = bare.includes(",")
    ? undefined
    : [...NAMES].find(([sign]) => bare.includes(sign));
  if (separator !== undefined) {
    throw new UsageError(
      `The header row has ${separator[1]} between its fields; save the file with commas.`,
    );
  }
  if (/^sep=,$/i.test(text)) {
    throw new UsageError('The first line is "sep=,", which only Excel reads: take that line out.');
  }
}

/**
 * @param {Buffer} bytes of the first line that is not blank
 * @param {import("./mapping.js").Mapping} mapping
 */
export function refuseNoJsonLines(bytes, { columns }) {
  const text = bytes.toString().trim();
  if (/^[{[]$|^\[\s*\{/.test(text)) {
    const filter = text.startsWith("[") ? "'.[]'" : ".";
    throw new UsageError(
      `The file is JSON, but not with one event per line. To write it so: jq -c ${filter} FILE`,
    );
  }
  if (/\}\s*\r\s*\{/.test(text)) throw new UsageError(CR_ALONE);
  if (text.startsWith("{")) return;
  const cells = text.split(/[,;\t]/).map((cell) => cell.replace(/^\s*"|"\s*$/g, "").trim());
  const mapped = [...columns.values()];
  if (!cells.some((cell) => isField(cell) || cell === "event_name" || mapped.includes(cell)))
    return;
  throw new UsageError(
    "The file is not JSONL. If it is CSV, with a header row, give --format csv.",
  );
}
