/** What a run found, for people. */

/**
 * @typedef {object} Latency in milliseconds
 * @property {string} what
 * @property {number} requests
 * @property {number} p50
 * @property {number} p90
 * @property {number} p99
 * @property {number} max
 *
 * @typedef {{ settled: number, end: number, grew: boolean } | undefined} Growth
 *
 * @typedef {object} Result
 * @property {number} minutes
 * @property {number} requests
 * @property {number} events that were stored
 * @property {number} checked answers
 * @property {string[]} wrong what was wrong, one text for each answer
 * @property {{ taken: number, refused: number }} flood
 * @property {Latency[]} latencies
 * @property {{ rss: Growth, wasm: Growth }} memory in MiB
 * @property {boolean} passed
 */

/**
 * @param {Map<string, number[]>} timings
 * @returns {Latency[]}
 */
export function latencies(timings) {
  return [...timings].sort().map(([what, times]) => {
    const sorted = Float64Array.from(times).sort();
    const at = (/** @type {number} */ share) =>
      round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
    const requests = times.length;
    return { what, requests, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
  });
}

const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;

/** @param {Result} result */
export function print(result) {
  const { requests, minutes, events, checked, wrong, flood, memory } = result;
  console.log(`\n${"milliseconds".padEnd(18)}  requests     p50     p90     p99      max`);
  for (const { what, requests: count, p50, p90, p99, max } of result.latencies) {
    const columns = [p50, p90, p99].map((value) => value.toFixed(1).padStart(8)).join("");
    console.log(
      `${what.padEnd(18)}${String(count).padStart(10)}${columns}${max.toFixed(1).padStart(9)}`,
    );
  }
  const perSecond = Math.round(requests / (minutes * 60));
  console.log(`\n${requests} requests, ${perSecond} a second; ${events} events stored.`);
  console.log(`${flood.taken + flood.refused} over the limit's pace: ${flood.refused} refused.`);
  for (const [what, grown] of Object.entries(memory)) {
    if (grown === undefined) console.log(`Memory (${what}): not measured.`);
    else {
      const { settled, end, grew } = grown;
      const verdict = grew ? "it GREW" : "steady";
      console.log(
        `Memory (${what}): ${round(settled)} MiB settled, ${round(end)} at the end: ${verdict}.`,
      );
    }
  }
  console.log(`${checked} answers checked, ${wrong.length} wrong.`);
  for (const text of wrong.slice(0, 10)) console.log(`\n${text}`);
}
