/**
 * `pnpm soak [--minutes N] [--seed N] [--json FILE]`: mixed load on workerd from 64 connections over 20
 * projects, every answer checked against a model. Ends with 1 when an answer is wrong or memory grows.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Random } from "../../scripts/demo/random.js";
import { UserError, runMain } from "../../scripts/process.js";
import { fill, questions, writes } from "./actions.js";
import { Connection } from "./client.js";
import { flood } from "./flood.js";
import { growth, sample } from "./memory.js";
import { latencies, print } from "./report.js";
import { Pace, World } from "./world.js";

const CONNECTIONS = 64;
const PROJECTS = 20;
/** The share of requests that write, as far as the pace allows. */
const WRITES = 0.4;
const FLOOD_EVERY_MS = 20_000;

function options() {
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((arg) => arg !== "--"),
    options: {
      minutes: { type: "string", default: "2" },
      seed: { type: "string", default: "1" },
      json: { type: "string" },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new UserError(`"${values.minutes}" is no number of minutes.`);
  return { minutes, seed: Number(values.seed), json: values.json };
}

/** @typedef {{ project: import("./model.js").Project, track: Pace, batch: Pace }} Seat */

class Soak {
  /** @type {string[]} */
  wrong = [];
  checked = 0;
  flooded = { taken: 0, refused: 0 };
  stored = 0;
  /** @type {Map<string, number[]>} */
  timings = new Map();
  /** @type {import("./memory.js").Sample[]} */
  samples = [];
  /** @type {Seat[]} */
  seats = [];
  #ended = false;

  /** @param {World} world @param {number} seed */
  constructor(world, seed) {
    this.world = world;
    this.seed = seed;
  }

  /** @param {number} ms */
  async run(ms) {
    for (let at = 0; at < PROJECTS; at++) this.seats.push(await this.#seat());
    const timer = setTimeout(() => (this.#ended = true), ms);
    const connections = Array.from({ length: CONNECTIONS }, (_, at) => this.#connection(at));
    await Promise.all([...connections, this.#watchMemory(), this.#flood()]);
    clearTimeout(timer);
    for (const { project } of this.seats) this.stored += project.events.length;
  }

  /** @returns {Promise<Seat>} */
  async #seat() {
    const project = await this.world.project();
    const connection = new Connection(this.world.url, new Map());
    await fill(connection, new Random(this.seed), project);
    connection.close();
    return { project, track: new Pace(40, 100), batch: new Pace(4, 10) };
  }

  /** @param {number} at */
  async #connection(at) {
    const random = new Random(this.seed * 1000 + at);
    const connection = new Connection(this.world.url, this.timings);
    while (!this.#ended) {
      const seat = random.pick(this.seats);
      const action = this.#choose(random, seat);
      const projects = this.seats.map(({ project }) => project);
      const context = { connection, random, project: seat.project, projects, ak: this.world.ak };
      await this.#checked(action.name, () => action(context));
    }
    connection.close();
  }

  /**
   * @param {Random} random
   * @param {Seat} seat
   */
  #choose(random, seat) {
    if (random.chance(WRITES)) {
      const write = random.weighted(writes);
      const pace = write.name === "batch" ? seat.batch : seat.track;
      if (pace.take()) return write;
    }
    return random.weighted(questions);
  }

  /**
   * @param {string} what
   * @param {() => Promise<unknown>} run
   */
  async #checked(what, run) {
    try {
      await run();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.wrong.push(`${what}: ${text.slice(0, 2000)}`);
    }
    this.checked += 1;
  }

  async #watchMemory() {
    for (let second = 1; !this.#ended; second++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      this.samples.push(await sample(this.world.url, second));
    }
  }

  async #flood() {
    const project = await this.world.project();
    while (!this.#ended) {
      await this.#checked("flood", async () => {
        const { taken, refused } = await flood(this.world, project, this.flooded.taken);
        this.flooded.taken += taken;
        this.flooded.refused += refused;
      });
      const next = Date.now() + FLOOD_EVERY_MS;
      while (!this.#ended && Date.now() < next) {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }
}

await runMain(async () => {
  const { minutes, seed, json } = options();
  const world = await World.start();
  const soak = new Soak(world, seed);
  try {
    console.log(
      `${CONNECTIONS} connections, ${PROJECTS} projects, ${minutes} minutes, seed ${seed}.`,
    );
    await soak.run(minutes * 60_000);
  } finally {
    await world.worker.dispose();
  }
  const memory = { rss: growth(soak.samples, "rss"), wasm: growth(soak.samples, "wasm") };
  const grew = memory.rss?.grew === true || memory.wasm?.grew === true;
  const timed = latencies(soak.timings);
  /** @type {import("./report.js").Result} */
  const result = {
    minutes,
    requests: timed.reduce((all, { requests }) => all + requests, 0),
    events: soak.stored + soak.flooded.taken,
    checked: soak.checked,
    wrong: soak.wrong,
    flood: soak.flooded,
    latencies: timed,
    memory,
    passed: soak.wrong.length === 0 && !grew,
  };
  print(result);
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify({ ...result, samples: soak.samples }, null, 2)}\n`);
  }
  if (!result.passed) process.exitCode = 1;
});
