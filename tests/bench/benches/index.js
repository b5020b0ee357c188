/**
 * Every benchmark. A new one is a module beside this one and a line in this list.
 */
import { coldStart } from "./cold-start.js";
import { batches, tracks } from "./ingest.js";
import { toolsList, topSources } from "./mcp.js";
import { wasmSize } from "./wasm-size.js";

/**
 * @typedef {object} Context
 * @property {import("../contenders.js").Contenders} contenders
 * @property {number} seconds how long each single load lasts
 * @property {(line: string) => void} note prints what a reader of the table should know
 *
 * @typedef {object} Bench
 * @property {string[]} rows the names of the rows that it gives
 * @property {(context: Context) => Promise<import("../report.js").Row[]>} run
 */

/** @type {Bench[]} */
export const benches = [toolsList, topSources, wasmSize, coldStart, batches, tracks];
