/**
 * Visitors of a site whose pages embed the snippet: a browser, the site, the Worker, and the network
 * between them. Every visitor has a project of its own, so that no test sees another's events.
 */
import assert from "node:assert/strict";
import { startWorker } from "../../worker/support/worker.js";
import { launchChromium } from "./chromium.js";
import { startProxy } from "./proxy.js";
import { startSite } from "./site.js";

/**
 * @typedef {object} VisitOptions
 * @property {string} [init] script that runs before any other of each page
 * @property {string} [before] script of the page that runs before the snippet
 * @property {string} [type] of the snippet's script element
 * @property {string} [host] `data-host`; default: left out, the snippet comes from the server
 * @property {boolean} [stopClock] whether the page's time stands still, but for `page.clock`
 * @property {number} [clockAheadMs] by how much a clock that stands still is wrong
 * @property {string} [path] of the first page; default `/`
 * @property {string} [referer]
 * @property {import("./proxy.js").Mood} [mood] of the network
 *
 * @typedef {object} Visit
 * @property {import("playwright-core").Page} page
 * @property {import("playwright-core").BrowserContext} context
 * @property {string[]} errors that reached the page
 * @property {(code: string) => Promise<any>} run runs code in the page, as its own scripts would
 * @property {(filters?: Record<string, string>) => Promise<any[]>} stored rows, oldest first
 * @property {(path: string, query: Record<string, string>) => Promise<any>} read a call of the API
 */

/**
 * Counts the snippet's requests from inside, where none can be on the way unseen, and tells when the
 * snippet knows how they ended: an answer's status comes before its text, and the snippet reads both.
 */
const WATCH_REQUESTS = `(() => {
  const { fetch } = window;
  const all = [];
  async function end(answer) {
    const response = await answer;
    const text = response.text.bind(response);
    await new Promise((resolve) => {
      response.text = () => text().finally(resolve);
    });
  }
  window.fetch = (...args) => {
    const answer = fetch(...args);
    window.requests = all.push(end(answer).catch(() => undefined));
    return answer;
  };
  window.requests = 0;
  window.settled = (...which) =>
    Promise.all(which.length ? which.map((i) => all[i]) : all).then(() => undefined);
})();`;

/** @typedef {Awaited<ReturnType<typeof openWorld>>} World */

export async function openWorld() {
  /** @type {(() => Promise<unknown>)[]} */
  const closings = [];
  const close = async () => {
    for (const closing of closings.reverse()) await closing();
  };
  try {
    const worker = await startWorker();
    closings.push(() => worker.dispose());
    const site = await startSite();
    closings.push(() => site.close());
    const proxy = await startProxy(worker.url);
    closings.push(() => proxy.close());
    const browser = await launchChromium();
    closings.push(() => browser.close());
    return { worker, site, proxy, close, visit: visitors(worker, site, proxy, browser) };
  } catch (error) {
    // What is left running would keep the process alive.
    await close();
    throw error;
  }
}

/**
 * @param {import("../../worker/support/worker.js").RunningWorker} worker
 * @param {import("./site.js").Site} site
 * @param {import("./proxy.js").Proxy} proxy
 * @param {import("playwright-core").Browser} browser
 */
function visitors(worker, site, proxy, browser) {
  let projects = 0;

  /** @returns {Promise<{ pk: string, rk: string }>} keys of a new project that knows the site */
  async function newProject() {
    const id = `prj_visit_${++projects}`;
    const prefix = (/** @type {string} */ kind) => `vis${String(projects).padStart(3, "0")}${kind}`;
    await worker.control.batch([
      worker.control
        .prepare(
          "INSERT INTO projects (id, account_id, slug, name, origins, created_at) " +
            "SELECT ?1, account_id, ?1, ?1, ?2, created_at FROM projects WHERE id = 'prj_shop'",
        )
        .bind(id, JSON.stringify([site.origin])),
      ...["pk", "rk"].map((kind) =>
        worker.control
          .prepare(
            "INSERT INTO api_keys (prefix, kind, env, secret_hash, account_id, project_id, " +
              "created_at) SELECT ?1, kind, env, secret_hash, account_id, ?2, created_at " +
              "FROM api_keys WHERE prefix = ?3",
          )
          .bind(prefix(kind), id, `shop${kind}01`),
      ),
    ]);
    const { shop } = worker.keys;
    return {
      pk: shop.pk.replace("shoppk01", prefix("pk")),
      rk: shop.rk.replace("shoprk01", prefix("rk")),
    };
  }

  /**
   * Opens a page as a new visitor of a new project.
   *
   * @param {import("node:test").TestContext} t
   * @param {VisitOptions} [options]
   * @returns {Promise<Visit>}
   */
  return async function visit(t, options = {}) {
    const { pk, rk } = await newProject();
    proxy.reset(pk);
    if (options.mood !== undefined) proxy.setMood(options.mood);
    const script = `${proxy.url}/v1/a.js`;
    const { type, host, before } = options;
    site.embed({ key: pk, script, type, host, before });
    const context = await browser.newContext();
    t.after(() => context.close());
    if (options.stopClock === true) {
      const now = Date.now() + (options.clockAheadMs ?? 0);
      await context.clock.install({ time: now });
      await context.clock.pauseAt(now);
    }
    await context.addInitScript(WATCH_REQUESTS + (options.init ?? ""));
    const page = await context.newPage();
    /** @type {string[]} */
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(site.origin + (options.path ?? "/"), { referer: options.referer });

    /**
     * @param {string} path
     * @param {Record<string, string>} query
     */
    const read = async (path, query) => {
      const range = {
        from: new Date(Date.now() - 86_400_000).toISOString(),
        to: new Date(Date.now() + 86_400_000).toISOString(),
      };
      const response = await fetch(
        `${worker.url}${path}?${new URLSearchParams({ ...range, ...query })}`,
        { headers: { authorization: `Bearer ${rk}` } },
      );
      const text = await response.text();
      assert.equal(response.status, 200, text);
      return JSON.parse(text);
    };
    return {
      page,
      context,
      errors,
      run: (code) => page.evaluate(code),
      read,
      stored: async (filters = {}) =>
        (await read("/v1/query", { limit: "1000", ...filters })).rows.reverse(),
    };
  };
}
