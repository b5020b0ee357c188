/**
 * Our Worker as it is, and beside it what a benchmark wants to know of its insides:
 *
 *   POST /__bench/watch            rows that storage reads are counted from now on
 *   GET  /__bench/state?store=ID   the counted rows, until now; sizes of memories and of the database
 *
 * and a clock that a request may set forward: so a load of months takes minutes, and what is
 * remembered for days is as much as it would be in those months.
 */
import { memorySizes } from "../../worker/support/entries/instances.js";
import { createWorker, realWorld } from "../../../host-js/create-worker.js";
import { createProjectStore } from "../../../host-js/store-object.js";
import { CLOCK } from "./clock.js";
import module from "../../../build/wasm-release/millimetric.wasm";

/** @type {{ rowsRead: number }[] | undefined} */
let cursors;
let clock = 0;

const world = { ...realWorld, now: () => (clock === 0 ? realWorld.now() : clock) };

const Store = createProjectStore(module, {
  ...world,
  opened: (cursor) => void cursors?.push(cursor),
});

export class ProjectStore extends Store {
  databaseBytes() {
    return this.ctx.storage.sql.databaseSize;
  }
}

const worker = createWorker(module, world);

export default {
  /**
   * @param {Request} request
   * @param {import("../../../host-js/gateway-effects.js").Bindings} env
   */
  async fetch(request, env) {
    clock = Math.max(clock, Number(request.headers.get(CLOCK)));
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/__bench/watch") {
      cursors = [];
      return new Response(null, { status: 204 });
    }
    if (pathname !== "/__bench/state") return worker.fetch(request, env);
    const rowsRead = (cursors ?? []).reduce((sum, cursor) => sum + cursor.rowsRead, 0);
    cursors = undefined;
    const id = env.PROJECT_STORE.idFromName(searchParams.get("store") ?? "");
    const store = /** @type {any} */ (env.PROJECT_STORE.get(id));
    return Response.json({
      rowsRead,
      databaseBytes: await store.databaseBytes(),
      memories: memorySizes(),
    });
  },
  scheduled: worker.scheduled,
};
