import { fileURLToPath } from "node:url";
import { join } from "node:path";

/** The working copy's root directory, without a trailing slash. */
export const root = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[\\/]$/, "");

/**
 * @param {...string} parts
 * @returns {string} an absolute path inside the working copy
 */
export const inTree = (...parts) => join(root, ...parts);
