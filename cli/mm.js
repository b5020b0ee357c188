#!/usr/bin/env node
/**
 * `pnpm mm`: the operator's commands, on a local or a deployed server. See docs/operating.md, or
 * `pnpm mm --help`.
 */
import { processIo } from "./io.js";
import { main } from "./main.js";

// Not process.exit: what is still on its way to a pipe would be lost.
process.exitCode = await main(process.argv.slice(2), processIo());
