/** A stub that takes imports, and a file to import: what the tests of `mm import` start from. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Stub, folder, mm, project } from "./mm.js";

export const IMPORT = "POST /admin/import";

/** @typedef {import("./mm.js").Told} Told */

/** @param {import("node:test").TestContext} t */
export async function importing(t) {
  const stub = await Stub.start();
  t.after(() => stub.stop());
  const file = join(folder(t), "events.jsonl");
  /** @type {Map<string, any>} what the stub has stored, by event id */
  const stored = new Map();

  const world = {
    stub,
    file,
    state: `${file}.mm-import.json`,
    stored,
    /** @type {Told[]} what it answers first, instead of storing */
    instead: [],

    /** @param {{ body: string }} asked @returns {Told} */
    store({ body }) {
      const { events } = JSON.parse(body);
      const known = stored.size;
      for (const event of events) stored.set(event.event_id, event);
      const count = events.length;
      return { json: { ok: true, count, duplicates: count - (stored.size - known) } };
    },

    /**
     * @param {number} count
     * @param {(i: number) => object} [more] members of each
     */
    write(count, more = () => ({})) {
      const event = (/** @type {number} */ i) => JSON.stringify({ event: `e${i}`, ...more(i) });
      writeFileSync(file, Array.from({ length: count }, (_, i) => `${event(i)}\n`).join(""));
    },

    /** @param {string[]} args */
    run: (args) => mm(["import", file, "--project", "shop", ...args], { host: stub.url }),

    /** How many events each request had. */
    batches: () => stub.askedFor(IMPORT).map(({ body }) => JSON.parse(body).events.length),
  };
  stub.on("GET /admin/projects", { rows: [project()] });
  stub.on(
    IMPORT,
    (/** @type {{ body: string }} */ asked) => world.instead.shift() ?? world.store(asked),
  );
  return world;
}
