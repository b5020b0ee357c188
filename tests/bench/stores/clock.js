/** The header that sets the clock of our Worker forward; milliseconds since 1970. See entry.js. */
export const CLOCK = "x-bench-now";
