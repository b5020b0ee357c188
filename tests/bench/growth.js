/**
 * How our store's figures grow from the smallest to the largest size of a run.
 */
import { SIZES } from "./sizes.js";

const NAME = /^(query|storage|memory)\.(\w+)(?:\.(\w+))?\.(ms|bytes_per_event|mb)(?:\.vs_duckdb)?$/;

/**
 * @param {import("./report.js").Row[]} rows
 * @returns {string | undefined} a line to print; nothing when there is only one size
 */
export function growth(rows) {
  const ran = Object.keys(SIZES).filter((size) => rows.some(({ name }) => sizeOf(name) === size));
  const [least, most] = [ran[0], ran.at(-1)];
  if (ran.length < 2) return undefined;
  const valueOf = (/** @type {string} */ name) => rows.find((row) => row.name === name)?.value;
  const grown = rows.flatMap(({ name, value }) => {
    const part = NAME.exec(name);
    if (part === null || part[2] !== most) return [];
    const before = valueOf(name.replace(`.${most}.`, `.${least}.`));
    const label = part[3] ?? part[4];
    return before === undefined ? [] : [`${label} ${(value / before).toFixed(1)}`];
  });
  return `from ${least} to ${most}, times: ${grown.join(", ")}`;
}

/** @param {string} name */
const sizeOf = (name) => NAME.exec(name)?.[2];
