/**
 * Events coming in: batches of 500 against a plain JavaScript Worker that keeps them unseen, where
 * the time of a batch goes, and single events against a Worker that does nothing.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, request as post } from "node:http";
import { text as readText } from "node:stream/consumers";
import { demoEvents, utcMidnight } from "../../../scripts/demo/events.js";
import { demoKeys } from "../../worker/support/seed.js";
import { startWorker } from "../../worker/support/worker.js";
import { source } from "../contenders.js";
import { latencies } from "../load.js";
import { addProjects } from "../projects.js";
import { median, percentile, row } from "../report.js";
import { alternate } from "../rounds.js";

export const BATCH = 500;
/** Batches that are under way at a time, as a few servers would send them. */
const CONNECTIONS = 4;
const TIMED = 40;

/**
 * Every project has 50 single events a second, and 200 at once. If the server comes near the sum of
 * that, a load fails, and there must be more of them.
 */
const PROJECTS = Array.from({ length: 128 }, (_, i) => `bench${String(i).padStart(3, "0")}`);

/**
 * @typedef {import("../../worker/support/worker.js").RunningWorker} RunningWorker
 *
 * @typedef {object} Target
 * @property {string} url takes batches
 * @property {() => Buffer | string} body the next batch
 * @property {number} [status] that it must answer; default any 2xx
 */

const headers = {
  authorization: `Bearer ${demoKeys.shop.sk}`,
  "content-type": "application/json",
};

/** @returns {any[]} the demo's newest events, as a backend sends them */
export function realisticEvents() {
  return demoEvents("shop", utcMidnight(Date.now())).slice(-BATCH);
}

/**
 * What differs from body to body is written into a copy of the first one: whoever makes the load must
 * not be what the server waits for.
 *
 * @param {object[]} events
 * @param {string} [member] of the body
 * @returns {() => Buffer} bodies that are alike but for the ids, which never repeat, and the times,
 *   which are those just past, as of events that come in while they happen
 */
export function bodies(events, member = "events") {
  const open = events.map((event, i) => ({
    ...event,
    event_id: `${"x".repeat(16)}-${1000 + i}`,
    timestamp: `${"t".repeat(19)}.${String(i % 1000).padStart(3, "0")}Z`,
  }));
  const first = Buffer.from(JSON.stringify({ [member]: open }));
  const ids = placesOf(first, "x".repeat(16));
  const seconds = placesOf(first, "t".repeat(19));
  return () => {
    const body = Buffer.from(first);
    const id = randomBytes(8).toString("hex");
    for (const place of ids) body.write(id, place, "latin1");
    const second = new Date(Date.now() - 1000).toISOString().slice(0, 19);
    for (const place of seconds) body.write(second, place, "latin1");
    return body;
  };
}

/**
 * @param {Buffer} body
 * @param {string} mark
 */
function placesOf(body, mark) {
  const places = [];
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1)) places.push(at);
  return places;
}

/** `fetch` would take longer over a body than it takes to make one. */
const agent = new Agent({ keepAlive: true });

/**
 * @param {Target} target
 * @returns {Promise<any>} its answer
 */
async function send({ url, body, status }) {
  const request = post(url, { method: "POST", headers, agent });
  request.end(body());
  const [response] = await once(request, "response");
  const text = await readText(response);
  const { statusCode = 0 } = response;
  if (status === undefined ? statusCode >= 300 : statusCode !== status) {
    throw new Error(`${url} answered ${statusCode}: ${text.slice(0, 500)}`);
  }
  return JSON.parse(text);
}

/**
 * @param {Target} target
 * @param {number} seconds
 * @returns {Promise<number>} events per second
 */
async function eventsPerSecond(target, seconds) {
  const started = performance.now();
  const until = started + seconds * 1000;
  let sent = 0;
  const connection = async () => {
    while (performance.now() < until) {
      await send(target);
      sent += BATCH;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return sent / ((performance.now() - started) / 1000);
}

/**
 * @param {Record<string, Target>} targets
 * @returns {Promise<Record<string, number>>} the median of the milliseconds that each one takes
 */
async function milliseconds(targets) {
  const times = Object.entries(targets).map(([name, target]) => ({
    name,
    target,
    took: /** @type {number[]} */ ([]),
  }));
  for (let i = -5; i < TIMED; i++) {
    for (const { target, took } of times) {
      const started = performance.now();
      await send(target);
      if (i >= 0) took.push(performance.now() - started);
    }
  }
  return Object.fromEntries(times.map(({ name, took }) => [name, median(took)]));
}

/**
 * Where a batch's time goes, by what the same Worker takes for less of it, one request at a time: an
 * empty batch is refused at once; a body without "events" is parsed, and refused; a batch with one
 * wrong event is parsed, validated and classified, and refused before anything is stored.
 * Classification is what addresses and user agents add to validation.
 *
 * @param {string} url
 */
async function shares(url) {
  const events = realisticEvents();
  const bare = events.map((event) => ({
    ...event,
    url: undefined,
    referrer: undefined,
    context: { ...event.context, user_agent: undefined },
  }));
  const wrong = (/** @type {any[]} */ list) => list.with(-1, { ...list.at(-1), url: "?" });
  const refused = (/** @type {() => Buffer | string} */ body) => ({ url, body, status: 400 });
  const ms = await milliseconds({
    nothing: refused(() => '{"events":[]}'),
    parsed: refused(bodies(events, "evants")),
    parsedBare: refused(bodies(bare, "evants")),
    checked: refused(bodies(wrong(events))),
    checkedBare: refused(bodies(wrong(bare))),
    stored: { url, body: bodies(events) },
  });
  const classifying = ms.checked - ms.parsed - (ms.checkedBare - ms.parsedBare);
  return {
    whole: ms.stored,
    transport: ms.nothing,
    parsing: ms.parsed - ms.nothing,
    validating: ms.checked - ms.parsed - classifying,
    classifying,
    storing: ms.stored - ms.checked,
  };
}

/** @type {import("./index.js").Bench} */
export const batches = {
  rows: [
    "ingest.batch500.events_per_s.vs_js",
    "ingest.batch500.share.transport",
    "ingest.batch500.share.parsing",
    "ingest.batch500.share.validating",
    "ingest.batch500.share.classifying",
    "ingest.batch500.share.storing",
  ],
  async run({ contenders, seconds, note }) {
    const js = await contenders.get("js");
    const entry = source("fast-clock/worker.js");
    const worker = await startWorker({ entry, bindings: { REQUEST_LOG: "off" } });
    try {
      const body = bodies(realisticEvents());
      const target = { url: `${worker.url}/v1/batch`, body };
      const plain = { url: js.url, body };
      note(
        `batch500: ${Math.round(body().length / BATCH)} bytes an event, ids of their own; ` +
          `${CONNECTIONS} under way; the server's clock is fast, for the bucket of 5 batches a second`,
      );
      await checkStored(worker, target, js, plain);

      const found = await alternate({ ours: target, js: plain }, seconds, eventsPerSecond);
      const { whole, ...parts } = await shares(target.url);
      const [vsJs, ...names] = this.rows;
      return [
        row(vsJs, found.ours, "events/s", "JSON.parse + insert", found.js),
        ...Object.values(parts).map((ms, i) => row(names[i], ms, "ms", "a whole batch", whole)),
      ];
    } finally {
      await worker.dispose();
    }
  },
};

/**
 * @param {RunningWorker} worker
 * @param {Target} target
 * @param {import("../contenders.js").Contender} js
 * @param {Target} plain
 */
async function checkStored(worker, target, js, plain) {
  const answers = [await send(target), await send(plain)];
  const stats = await fetch(`${worker.url}/v1/stats?from=2020-01-01&to=2100-01-01`, {
    headers: { authorization: `Bearer ${worker.keys.shop.rk}` },
  });
  const { rows } = /** @type {any} */ (await stats.json());
  const { count } = /** @type {any} */ (await (await fetch(js.url)).json());
  const counts = [...answers.map((answer) => answer.count), rows[0].value, count];
  if (counts.some((n) => n !== BATCH)) throw new Error(`${BATCH} sent, counted ${counts.join()}`);
}

/** @type {import("./index.js").Bench} */
export const tracks = {
  rows: ["ingest.track.rps.vs_hello", "ingest.track.rps.vs_insert", "ingest.track.p99.vs_median"],
  async run({ contenders, seconds, note }) {
    const hello = await contenders.get("hello");
    const insert = await contenders.get("insert");
    const worker = await startWorker({ bindings: { REQUEST_LOG: "off" } });
    try {
      const keys = await addProjects(worker.control, PROJECTS);
      // Without an id, as a bare request: the server makes one, and no event is a repeat.
      const event = { ...realisticEvents()[0], event_id: undefined, timestamp: undefined };
      const shot = {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(event),
        keys,
      };
      const ours = { ...shot, url: `${worker.url}/v1/track` };
      const plain = { ...shot, url: insert.url };
      await openStores(ours);
      await openStores(plain);
      note(
        `track: ${shot.body.length} bytes; ${PROJECTS.length} projects take turns, for their buckets`,
      );

      const nothing = { ...shot, url: hello.url };
      const rps = await alternate({ ours, hello: nothing, insert: plain }, seconds);
      // Once more for the spread alone: half a minute's worth at the default, for a steady p99.
      const took = await latencies(ours, seconds * 10);
      const others = await latencies(plain, seconds * 10);
      note(
        `track: the 99th percentile of the Worker that only inserts is ` +
          `${(percentile(others, 0.99) / median(others)).toFixed(2)} times its median`,
      );
      return [
        row(this.rows[0], rps.ours, "requests/s", "hello world Worker", rps.hello),
        row(this.rows[1], rps.ours, "requests/s", "a Worker that only inserts", rps.insert),
        row(this.rows[2], percentile(took, 0.99), "ms", "its median", median(took)),
      ];
    } finally {
      await worker.dispose();
    }
  },
};

/**
 * One event with each key: every store makes its tables, every key is looked up.
 *
 * @param {{ url: string, keys: string[], headers: Record<string, string>, body: string }} shot
 */
async function openStores({ url, keys, headers: own, body }) {
  for (const key of keys) {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...own, authorization: `Bearer ${key}` },
      body,
    });
    if (response.status !== 202) throw new Error(`${url}: ${await response.text()}`);
  }
}
