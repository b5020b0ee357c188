/** Runs some histories; posts what went wrong, or nothing. */
import { parentPort, workerData } from "node:worker_threads";
import { History } from "./history.js";

console.error = () => {}; // the hosts log each failure

/** @returns {Promise<string | undefined>} */
async function firstFailure() {
  const { first, end, step } = workerData;
  for (let seed = first; seed < end; seed += step) {
    const history = new History(seed);
    try {
      await history.run();
    } catch (error) {
      const told = history.operations.join("\n");
      const { stack } = /** @type {Error} */ (error);
      return `MM_SEED=${seed} MM_HISTORIES=1 repeats it:\n${told}\n${stack}`;
    }
  }
}

parentPort?.postMessage(await firstFailure());
