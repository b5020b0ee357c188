/**
 * The gateway's half of a batch by itself, in this process: from a body's bytes to the record for the
 * store, without HTTP, digests and the store. Beside it what JSON.parse takes for the same body. Both in
 * time of the processor, so that a busy machine shows in neither.
 */
import { caseHarness } from "../../data/harness.js";
import { keyOf } from "../../node/support/server.js";
import { median, row } from "../report.js";
import { BATCH, bodies, realisticEvents } from "./ingest.js";

const ROUNDS = 15;
const BATCHES_PER_ROUND = 20;
const APPEND_ANSWER_BYTES = 17; // store/protocol.h: a status and an append_answer
const DIGEST_BYTES = 32;

/** @returns {(body: Uint8Array) => Promise<void>} */
function openGateway() {
  const harness = caseHarness({
    wrapEffects: (perform) => async (effect) => {
      if (effect.kind === "store") return new Uint8Array(APPEND_ANSWER_BYTES);
      if (effect.kind === "hmac" && effect.key !== null) {
        return new Uint8Array(effect.data.length * DIGEST_BYTES);
      }
      return perform(effect);
    },
  });
  const headers = {
    authorization: `Bearer ${keyOf("shopsk01")}`,
    "content-type": "application/json",
  };
  return async (body) => {
    const moment = { now: Date.now(), seed: new Uint8Array(DIGEST_BYTES) };
    const { status } = await harness.fetch("POST", "/v1/batch", headers, body, moment);
    if (status !== 202) throw new Error(`the gateway answered ${status}`);
  };
}

/**
 * @param {() => unknown} work
 * @returns {Promise<number>} milliseconds of the processor's time for doing it once
 */
async function milliseconds(work) {
  const before = process.cpuUsage();
  for (let i = 0; i < BATCHES_PER_ROUND; i++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / BATCHES_PER_ROUND;
}

/** @type {import("./index.js").Bench} */
export const gateway = {
  rows: ["ingest.batch500.gateway.ms"],
  async run({ note }) {
    const serve = openGateway();
    const text = bodies(realisticEvents())().toString();
    const body = new TextEncoder().encode(text);
    const ours = [];
    const parse = [];
    for (let round = -3; round < ROUNDS; round++) {
      const took = [
        await milliseconds(() => serve(body)),
        await milliseconds(() => JSON.parse(text)),
      ];
      if (round < 0) continue; // while the engine still compiles
      ours.push(took[0]);
      parse.push(took[1]);
    }
    const ms = median(ours);
    note(`gateway: ${((ms * 1000) / BATCH).toFixed(2)} µs an event`);
    return [row(this.rows[0], ms, "ms", "JSON.parse of the body", median(parse))];
  },
};
