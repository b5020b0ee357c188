/**
 * The gateway's half of a batch by itself, in this process: from a body's bytes to the record for the
 * store, without HTTP, digests and the store. Beside it what JSON.parse takes for the same body.
 */
import { caseHarness } from "../../data/harness.js";
import { ADMIN_TOKEN } from "../../data/cases.js";
import { median, row } from "../report.js";
import { BATCH, bodies, realisticEvents } from "./ingest.js";

const ROUNDS = 200;
const WARM_UP = 50;
const APPEND_ANSWER_BYTES = 17; // store/protocol.h: a status and an append_answer
const DIGEST_BYTES = 32;

/** @returns {(body: Uint8Array) => Promise<void>} */
function openGateway() {
  const harness = caseHarness({
    wrapEffects: (perform) => async (effect) => {
      if (effect.kind === "store") return new Uint8Array(APPEND_ANSWER_BYTES);
      if (effect.kind === "hmac") return new Uint8Array(effect.data.length * DIGEST_BYTES);
      return perform(effect);
    },
  });
  const path = "/admin/import?project=prj_shop";
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" };
  return async (body) => {
    const moment = { now: Date.now(), seed: new Uint8Array(DIGEST_BYTES) };
    const { status } = await harness.fetch("POST", path, headers, body, moment);
    if (status !== 200) throw new Error(`the gateway answered ${status}`);
  };
}

/** @type {import("./index.js").Bench} */
export const gateway = {
  rows: ["ingest.batch500.gateway.ms"],
  async run({ note }) {
    const serve = openGateway();
    const text = bodies(realisticEvents())();
    const body = new TextEncoder().encode(text);
    /** @type {{ ours: number[], parse: number[] }} */
    const took = { ours: [], parse: [] };
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const start = performance.now();
      await serve(body);
      const served = performance.now();
      JSON.parse(text);
      if (round < 0) continue;
      took.ours.push(served - start);
      took.parse.push(performance.now() - served);
    }
    const ms = median(took.ours);
    note(`gateway: ${((ms * 1000) / BATCH).toFixed(2)} µs an event`);
    return [row(this.rows[0], ms, "ms", "JSON.parse of the body", median(took.parse))];
  },
};
