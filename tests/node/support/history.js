/**
 * One random history of a project on the built module: events come in, stores are evicted, their
 * effects fail at any point, visitors are forgotten; a model in plain JavaScript says what must be
 * answered.
 */
import assert from "node:assert/strict";
import { Random } from "../../../scripts/demo/random.js";
import { ADMIN_TOKEN } from "../../data/cases.js";
import {
  NAMES,
  Project,
  SPAN_MS,
  dailyRows,
  funnelVisitors,
  metrics,
  newestFirst,
  sourceRows,
  statsRows,
} from "../../soak/model.js";
import { NOW, keyOf, startServer } from "./server.js";

const SHOP = { id: "prj_shop", sk: keyOf("shopsk01"), rk: keyOf("shoprk01") };
const HOUR = 3_600_000;

/** How many more of the stores' effects succeed. */
let effectsLeft = Infinity;
/** One for all histories, which differ in their stores. */
const server = startServer({
  wrapStoreEffects: (perform) => (effect) => {
    if (effectsLeft === 0) throw new Error("as the test wants it");
    effectsLeft -= 1;
    return perform(effect);
  },
});

const iso = (/** @type {number} */ time) => new Date(time).toISOString();

export class History {
  /** @type {string[]} */
  operations = [];
  #random;
  #project = new Project(SHOP, NOW);
  #now = NOW;
  /** @param {number} seed */
  constructor(seed) {
    this.#random = new Random(seed);
  }

  async run() {
    server.harness.dropStores();
    for (let left = this.#length(); left > 0; left--) await this.#step();
    await this.#everything();
  }

  /** Many short ones find more than fewer long ones; some find what takes long. */
  #length() {
    return this.#random.chance(0.1) ? this.#random.integer(5, 40) : this.#random.integer(1, 8);
  }

  async #step() {
    this.#now += 1000;
    const step = this.#random.weighted([
      [() => this.#store(), 50],
      [() => this.#evict(), 5],
      [() => this.#forget(), 5],
      [() => this.#ask(), 40],
    ]);
    await step();
  }

  /** @param {string} what */
  #note(what) {
    this.operations.push(what);
  }

  #evict() {
    this.#note("evicted");
    server.harness.evictStores();
  }

  /**
   * Runs a change with effects that fail from one of them on, sometimes, and again until it has
   * succeeded, as clients do.
   *
   * @param {() => Promise<{ status: number, json: any, text: string }>} change
   */
  async #change(change) {
    if (this.#random.chance(0.2)) {
      effectsLeft = this.#random.integer(0, 8);
      const got = await change();
      const failed = effectsLeft === 0;
      effectsLeft = Infinity;
      this.#note(`  effects failed: ${failed}, answer ${got.status}`);
      if (this.#random.chance(0.75)) this.#evict();
      if (got.status < 300) return { json: got.json, first: true };
      assert.ok(failed, `${got.status} ${got.text}`);
    }
    const got = await change();
    assert.ok(got.status < 300, `${got.status} ${got.text}`);
    return { json: got.json, first: false };
  }

  async #store() {
    const random = this.#random;
    const project = this.#project;
    const how = random.pick(/** @type {const} */ (["track", "batch", "import", "import"]));
    const most = how === "track" ? 1 : random.chance(0.03) ? 1000 : 20;
    /** @type {ReturnType<typeof project.make>[]} */
    const fresh = [];
    const bodies = [];
    for (let left = random.integer(1, how === "batch" ? Math.min(most, 100) : most); left > 0;) {
      left -= 1;
      const known = random.chance(0.1) && project.events.length > 0;
      const twice = random.chance(0.05) ? fresh.at(-1) : undefined;
      const repeated = known ? random.pick(project.events) : twice;
      const event = repeated ?? project.make(random);
      if (repeated === undefined) fresh.push(event);
      bodies.push(event.body);
    }
    this.#note(`${how}: ${bodies.length} events, ${fresh.length} of them new`);
    const [path, key] =
      how === "import"
        ? [`/admin/import?project=${SHOP.id}`, ADMIN_TOKEN]
        : [`/v1/${how}`, SHOP.sk];
    const body = how === "track" ? bodies[0] : { events: bodies };
    const { json } = await this.#change(() => server.post(path, key, body, this.#now));
    if (how !== "track") assert.equal(json.duplicates ?? 0, bodies.length - fresh.length);
    project.wasStored(fresh);
  }

  async #forget() {
    const project = this.#project;
    if (project.events.length === 0) return;
    const { anonymous_id } = this.#random.pick(project.events);
    this.#note(`forget ${anonymous_id}`);
    let attempts = 0;
    const { json } = await this.#change(() => {
      attempts += 1;
      return server.post("/v1/forget", SHOP.sk, { anonymous_id }, this.#now);
    });
    const deleted = project.forget(anonymous_id);
    // One that failed may have got some way.
    if (attempts === 1) assert.equal(json.deleted, deleted);
  }

  /**
   * @param {string} route
   * @param {Record<string, string>} given
   */
  async #get(route, given) {
    const path = `/v1/${route}?${new URLSearchParams(given)}`;
    const headers = { authorization: `Bearer ${SHOP.rk}` };
    const moment = { now: this.#now, seed: new Uint8Array(32) };
    const response = await server.harness.fetch("GET", path, headers, undefined, moment);
    const text = new TextDecoder().decode(response.body);
    assert.equal(response.status, 200, `${path}: ${text}`);
    return JSON.parse(text);
  }

  /** @returns {import("../../soak/model.js").Range} */
  #range() {
    const { all } = this.#project;
    if (this.#random.chance(0.5)) return all;
    const hours = Math.floor(SPAN_MS / HOUR);
    const first = this.#random.integer(0, hours - 1);
    const from = Math.floor(all.from / HOUR + 1 + first) * HOUR;
    return { from, to: from + this.#random.integer(1, hours - first) * HOUR };
  }

  async #ask() {
    const range = this.#range();
    const ask = this.#random.pick([
      () => this.#stats(range),
      () => this.#sources(range),
      () => this.#funnel(range),
      () => this.#pages(range),
    ]);
    await ask();
  }

  /** @param {import("../../soak/model.js").Range} range */
  async #stats({ from, to }) {
    const metric = this.#random.pick(metrics);
    const column = this.#random.pick(/** @type {const} */ (["event_name", "source", "medium"]));
    const events = this.#project.within({ from, to });
    const given = { from: iso(from), to: iso(to), metric, limit: "1000" };
    this.#note(`stats ${metric} by ${column}`);
    const { rows } = await this.#get("stats", { ...given, group_by: column });
    assert.deepEqual(rows, statsRows(events, metric, column));
    const daily = await this.#get("stats", { ...given, interval: "day" });
    assert.deepEqual(daily.rows, dailyRows(events, metric));
  }

  /** @param {import("../../soak/model.js").Range} range */
  async #sources({ from, to }) {
    this.#note("sources");
    const { rows } = await this.#get("sources", { from: iso(from), to: iso(to) });
    assert.deepEqual(rows, sourceRows(this.#project.within({ from, to })));
  }

  /** @param {import("../../soak/model.js").Range} range */
  async #funnel({ from, to }) {
    const steps = Array.from({ length: this.#random.integer(2, 4) }, () =>
      this.#random.pick(NAMES),
    );
    this.#note(`funnel ${steps.join()}`);
    const given = { from: iso(from), to: iso(to), steps: steps.join() };
    const { rows } = await this.#get("funnel", given);
    assert.deepEqual(
      rows.map((/** @type {{ visitors: number }} */ row) => row.visitors),
      funnelVisitors(this.#project.within({ from, to }), steps),
    );
  }

  /** @param {import("../../soak/model.js").Range} range */
  async #pages({ from, to }) {
    this.#note("pages");
    const wanted = newestFirst(this.#project.within({ from, to }));
    const limit = String(this.#random.pick([7, 100, 1000]));
    /** @type {string[]} */
    const ids = [];
    // Of many, the first pages say enough.
    for (let given = { from: iso(from), to: iso(to), limit }; ids.length < 3000;) {
      const { rows, next_cursor: cursor } = await this.#get("query", given);
      ids.push(...rows.map((/** @type {{ event_id: string }} */ row) => row.event_id));
      if (cursor === undefined) break;
      given = /** @type {any} */ ({ ...given, cursor });
    }
    assert.deepEqual(ids, wanted.slice(0, Math.max(ids.length, Math.min(wanted.length, 3000))));
  }

  async #everything() {
    const { all } = this.#project;
    await this.#pages(all);
    await this.#stats(all);
    await this.#sources(all);
    await this.#funnel(all);
  }
}
