/**
 * Traffic as bytes, made in a thread of its own while those before are being sent or read.
 */
import { Worker } from "node:worker_threads";

/** Pieces that wait to be taken, so that neither side waits for the other. */
const AHEAD = 4;

/**
 * @param {number} total how many events
 * @param {number} size events of a piece
 * @param {"import" | "csv"} form see encode.js
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void>}
 */
export async function* encoded(total, size, form) {
  const thread = new Worker(new URL("stream-thread.js", import.meta.url), {
    workerData: { total, size, form },
  });
  /** @type {(Uint8Array<ArrayBuffer> | null)[]} */
  const ready = [];
  /** @type {((value?: unknown) => void) | undefined} */
  let wake;
  /** @type {Error | undefined} */
  let failure;
  thread.on("message", (piece) => {
    ready.push(piece);
    wake?.();
  });
  thread.on("error", (error) => {
    failure = error;
    wake?.();
  });
  try {
    for (let i = 0; i < AHEAD; i++) thread.postMessage("more");
    for (;;) {
      while (ready.length === 0 && failure === undefined) {
        await new Promise((resolve) => (wake = resolve));
      }
      if (failure !== undefined) throw failure;
      const piece = ready.shift();
      if (piece === null || piece === undefined) return;
      thread.postMessage("more");
      yield piece;
    }
  } finally {
    await thread.terminate();
  }
}
