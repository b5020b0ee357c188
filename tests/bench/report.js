/**
 * What a benchmark found, as a table for people and as JSON for comparing runs.
 */
import { cpus, totalmem } from "node:os";
import { writeFile } from "node:fs/promises";

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {number} value
 * @property {string} unit
 * @property {string} baseline what `baseline_value` is
 * @property {number} baseline_value
 * @property {number} ratio `value` / `baseline_value`
 */

/**
 * @param {string} name
 * @param {number} value
 * @param {string} unit
 * @param {string} baseline
 * @param {number} baselineValue
 * @returns {Row}
 */
export function row(name, value, unit, baseline, baselineValue) {
  return {
    name,
    value,
    unit,
    baseline,
    baseline_value: baselineValue,
    ratio: value / baselineValue,
  };
}

/**
 * @param {number[]} values at least one
 * @returns {number}
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * @param {number[]} values at least one
 * @param {number} share such as 0.99
 * @returns {number} the value that so many are not above
 */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** @returns {string} one line; numbers of different machines do not compare, ratios nearly do */
export function machine() {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${model}, ${memory} GB, ${process.platform}, Node ${process.version}`;
}

/**
 * @param {Row[]} rows
 * @returns {string}
 */
export function table(rows) {
  const cells = rows.map((r) => [
    r.name,
    `${number(r.value)} ${r.unit}`,
    `${r.baseline}: ${number(r.baseline_value)} ${r.unit}`,
    r.ratio.toFixed(2),
  ]);
  const all = [["name", "value", "baseline", "ratio"], ...cells];
  const widths = all[0].map((_, column) => Math.max(...all.map((line) => line[column].length)));
  return all
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/**
 * @param {string} file
 * @param {Row[]} rows
 */
export async function writeJson(file, rows) {
  await writeFile(file, `${JSON.stringify(rows, null, 2)}\n`);
}

/** @param {number} value */
const number = (value) => (value >= 100 ? Math.round(value).toString() : value.toFixed(1));
