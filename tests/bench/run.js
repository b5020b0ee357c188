/**
 * `pnpm bench [--json FILE] [--only NAME] [--size SIZES] [--seconds N]`
 *
 * Prints a table, and with --json writes it as rows that can be compared from run to run. --only
 * takes a row's name or the beginning of one; --size the sizes of the traffic that is loaded, such
 * as `10m,50m`, unless --only names one; --seconds is how long each single load lasts.
 *
 * What is loaded is kept for the next run, in MM_BENCH_DATA or else the system's temporary folder:
 * about 1 KB for each event of the sizes.
 */
import { parseArgs } from "node:util";
import { benches } from "./benches/index.js";
import { Contenders } from "./contenders.js";
import { growth } from "./growth.js";
import { loader } from "./load.js";
import { machine, table, writeJson } from "./report.js";
import { DEFAULT_SIZES, SIZES } from "./sizes.js";

const { values: options } = parseArgs({
  options: {
    json: { type: "string" },
    only: { type: "string", default: "" },
    size: { type: "string", default: DEFAULT_SIZES.join() },
    seconds: { type: "string", default: "3" },
  },
});

const seconds = Number(options.seconds);
if (!(seconds >= 1)) throw new Error("--seconds takes a number from 1");
const wanted = (/** @type {string} */ name) => name.startsWith(options.only);
const named = /^\w+\.(\d+[km])\b/.exec(options.only)?.[1];
const sizes = (named ?? options.size).split(",");
const unknown = sizes.find((size) => !Object.hasOwn(SIZES, size));
if (unknown !== undefined)
  throw new Error(`--size takes of ${Object.keys(SIZES)}: not "${unknown}"`);
const chosen = benches.filter(
  ({ rows, size }) => rows.some(wanted) && (size === undefined || sizes.includes(size)),
);
if (chosen.length === 0) {
  const names = benches.flatMap((bench) => bench.rows).join("\n  ");
  throw new Error(`no benchmark begins with "${options.only}"; there are\n  ${names}`);
}

console.log(`machine: ${machine()}\nload: ${loader}, ${seconds} s each\n`);
const contenders = new Contenders();
/** @type {import("./report.js").Row[]} */
const rows = [];
try {
  for (const bench of chosen) {
    const note = (/** @type {string} */ line) => console.log(line);
    const found = await bench.run({ contenders, seconds, note, wanted });
    rows.push(...found.filter((row) => wanted(row.name)));
  }
} finally {
  await contenders.dispose();
}
console.log(`\n${table(rows)}`);
const grown = growth(rows);
if (grown !== undefined) console.log(`\n${grown}`);
if (options.json !== undefined) await writeJson(options.json, rows);
