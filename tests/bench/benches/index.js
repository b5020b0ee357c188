/**
 * Every benchmark. A new one is a module beside this one and a line in this list.
 */
import { SIZES } from "../sizes.js";
import { coldStart } from "./cold-start.js";
import { engine } from "./ingest-engine.js";
import { gateway } from "./ingest-gateway.js";
import { batches, tracks } from "./ingest.js";
import { toolsList, topSources } from "./mcp.js";
import { queries } from "./query.js";
import { wasmSize } from "./wasm-size.js";

/**
 * @typedef {object} Context
 * @property {import("../contenders.js").Contenders} contenders
 * @property {number} seconds how long each single load lasts
 * @property {(line: string) => void} note prints what a reader of the table should know
 * @property {(name: string) => boolean} wanted whether a row is asked for
 *
 * @typedef {object} Bench
 * @property {string[]} rows the names of the rows that it gives
 * @property {import("../sizes.js").Size} [size] of its traffic; it runs only with that size
 * @property {(context: Context) => Promise<import("../report.js").Row[]>} run
 */

const sizes = /** @type {import("../sizes.js").Size[]} */ (Object.keys(SIZES));

/** @type {Bench[]} */
export const benches = [
  toolsList,
  topSources,
  wasmSize,
  coldStart,
  gateway,
  batches,
  tracks,
  engine,
  ...sizes.map(queries),
];
