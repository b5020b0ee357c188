/**
 * A recorder that takes imports, and a file to import: what each test of `mm import` starts from, in
 * the files that import this.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach } from "node:test";
import { Recorder, folder, mm, project } from "./mm.js";

export const IMPORT = "POST /admin/import";

/** @typedef {import("./mm.js").Told} Told */

/** @param {import("node:test").TestContext} t */
async function importing(t) {
  const recorder = await Recorder.start();
  t.after(() => recorder.stop());
  const file = join(folder(t), "events.jsonl");
  /** @type {Map<string, any>} what the recorder has stored, by event id */
  const stored = new Map();

  const world = {
    recorder,
    file,
    state: `${file}.mm-import.json`,
    stored,
    /** @type {Told[]} what it answers first, instead of storing */
    instead: [],

    /** @param {{ body: string }} asked @returns {Told} */
    store({ body }) {
      const { events } = JSON.parse(body);
      const wrong = events.flatMap((/** @type {any} */ event, /** @type {number} */ index) =>
        event === null || !event.event || event.url === "bad"
          ? [
              {
                index,
                fieldErrors: event?.url
                  ? { url: ["must be absolute"] }
                  : { event: ["is required"] },
              },
            ]
          : [],
      );
      const details = { events: wrong.slice(0, 50) };
      const refused = { error: "invalid_payload", error_description: "Wrong.", details };
      if (wrong.length > 0) return { status: 400, json: refused };
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
    run: (args) => mm(["import", file, "--project", "shop", ...args], { host: recorder.url }),

    /** How many events each request had. */
    batches: () => recorder.askedFor(IMPORT).map(({ body }) => JSON.parse(body).events.length),
  };
  recorder.on("GET /admin/projects", { rows: [project()] });
  recorder.on(
    IMPORT,
    (/** @type {{ body: string }} */ asked) => world.instead.shift() ?? world.store(asked),
  );
  return world;
}

/** @type {Awaited<ReturnType<typeof importing>>} of the test */
export let world;
/** @type {Recorder} */
export let recorder;
/** @type {string} */
export let file;
/** @type {string} */
export let state;
/** @type {Map<string, any>} */
export let stored;
beforeEach(async (t) => {
  world = await importing(/** @type {import("node:test").TestContext} */ (t));
  ({ recorder, file, state, stored } = world);
});

export const runImport = (/** @type {string[]} */ ...args) => world.run(args);
export const batches = () => world.batches();

/** The end of a summary. */
export const NO_TIME = " No row had a timestamp: all events count as of now.\n";
