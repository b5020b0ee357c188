/** Text for terminals: tables, and nothing that a terminal would obey. */

const ELLIPSIS = "\u2026";
const MIN_FLEXIBLE = 8;
const GAP = "  ";

// Two cells wide: East Asian wide and fullwidth characters, and emoji.
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})/u;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

const graphemes = new Intl.Segmenter();

/**
 * Text from a server or a file, with its control characters in sight instead of in effect.
 * @param {string} text
 */
export function plain(text) {
  return text.replace(CONTROL, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** @param {string} word as a shell takes it */
export function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** @param {string} text the cells that it takes */
export function width(text) {
  let cells = 0;
  for (const { segment } of graphemes.segment(text)) cells += WIDE.test(segment) ? 2 : 1;
  return cells;
}

/**
 * @param {string} text
 * @param {number} cells
 */
function cut(text, cells) {
  if (width(text) <= cells) return text;
  let kept = "";
  let used = 1; // the ellipsis
  for (const { segment } of graphemes.segment(text)) {
    used += WIDE.test(segment) ? 2 : 1;
    if (used > cells) break;
    kept += segment;
  }
  return kept + ELLIPSIS;
}

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: Row) => string | number | null | undefined} value
 * @property {"left" | "right"} [align]
 * @property {boolean} [flexible] may be cut when the terminal is narrow; what is copied never is
 */

/**
 * @template Row
 * @param {readonly Column<Row>[]} columns
 * @param {readonly Row[]} rows
 * @param {number} [available] the terminal's width; without one nothing is cut
 * @returns {string} lines, each with its end
 */
export function table(columns, rows, available = Infinity) {
  const cells = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => plain(String(column.value(row) ?? "-")))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => width(line[i]))));
  fit(columns, widths, available);
  return cells.map((line) => `${renderLine(columns, widths, line)}\n`).join("");
}

/**
 * Takes from the widest flexible column until the line fits, or nothing is left to take.
 * @param {readonly Column<any>[]} columns
 * @param {number[]} widths changed
 * @param {number} available
 */
function fit(columns, widths, available) {
  const total = () => widths.reduce((sum, n) => sum + n, GAP.length * (widths.length - 1));
  while (total() > available) {
    let widest = -1;
    columns.forEach((column, i) => {
      if (column.flexible !== true || widths[i] <= MIN_FLEXIBLE) return;
      if (widest < 0 || widths[i] > widths[widest]) widest = i;
    });
    if (widest < 0) return;
    widths[widest] -= 1;
  }
}

/**
 * @param {readonly Column<any>[]} columns
 * @param {number[]} widths
 * @param {string[]} line
 */
function renderLine(columns, widths, line) {
  const parts = line.map((text, i) => {
    const shown = columns[i].flexible === true ? cut(text, widths[i]) : text;
    const padding = " ".repeat(Math.max(0, widths[i] - width(shown)));
    return columns[i].align === "right" ? padding + shown : shown + padding;
  });
  return parts.join(GAP).trimEnd();
}

/**
 * Names with their values, one per line.
 * @param {readonly (readonly [string, string | number | null | undefined])[]} pairs
 */
export function list(pairs) {
  const widest = Math.max(...pairs.map(([name]) => name.length));
  const line = (/** @type {string} */ name, /** @type {unknown} */ value) =>
    `  ${name.padEnd(widest)}  ${plain(String(value ?? "-"))}\n`;
  return pairs.map(([name, value]) => line(name, value)).join("");
}

/**
 * @param {string | null | undefined} iso as the server gives it
 * @returns {string} `2026-11-20 12:00`, in UTC
 */
export function moment(iso) {
  return iso ? iso.slice(0, 16).replace("T", " ") : "-";
}

/**
 * @param {string} wrong
 * @param {readonly string[]} known
 * @returns {string} a hint for a message, or nothing
 */
export function didYouMean(wrong, known) {
  const [nearest] = known
    .map((name) => ({ name, steps: editDistance(wrong, name) }))
    .filter(({ name, steps }) => steps <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.steps - b.steps);
  return nearest === undefined ? "" : ` Did you mean "${nearest.name}"?`;
}

/** @param {string} a @param {string} b */
function editDistance(a, b) {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j] + 1, current[j - 1] + 1, changed));
    }
    previous = current;
  }
  return previous[b.length];
}
