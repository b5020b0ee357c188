/** How many events the traffic's sizes have. */
export const SIZES = /** @type {const} */ ({
  "100k": 100_000,
  "1m": 1_000_000,
  "10m": 10_000_000,
  "50m": 50_000_000,
});

/** @typedef {keyof typeof SIZES} Size */

/** The sizes that are loaded and asked in minutes. */
export const DEFAULT_SIZES = /** @type {Size[]} */ (["100k", "1m"]);

/** Beyond it, plain rows of SQLite take hours to load and minutes to ask. */
export const MOST_FOR_SQLITE = SIZES["10m"];
