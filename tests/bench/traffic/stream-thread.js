/**
 * Encodes traffic in a thread of its own: each message asks for one piece more.
 */
import { parentPort, workerData } from "node:worker_threads";
import { csvLines, importBody } from "./encode.js";
import { pieces } from "./pieces.js";

const { total, size, form } = workerData;
const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const encode = form === "csv" ? csvLines : importBody;
const encoder = new TextEncoder();
const made = pieces(total, size);

port.on("message", () => {
  const next = made.next();
  if (next.done) {
    port.postMessage(null);
    return;
  }
  const bytes = encoder.encode(encode(next.value));
  port.postMessage(bytes, [bytes.buffer]);
});
