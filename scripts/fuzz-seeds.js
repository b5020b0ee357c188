/**
 * Writes the seeds of the fuzz targets, a folder per target, from the cases in tests/data/cases:
 *
 *   node scripts/fuzz-seeds.js FOLDER
 *
 * What a target's input looks like is at the top of tests/fuzz/<target>.cpp.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, UserError, isMain, runMain } from "./process.js";

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} [headers]
 * @property {any} [body]
 * @property {string} [text]
 */

/** Larger inputs are slow and say nothing new. */
const MOST_BYTES = 4096;
/** As tests/fuzz/request.cpp has it. */
const MOST_REQUESTS = 4;
/** What the inputs of tests/fuzz/segment.cpp may be. */
const SEGMENT_KINDS = 13;

/** @param {Request} request */
function bodyOf(request) {
  return request.text ?? (request.body === undefined ? "" : JSON.stringify(request.body));
}

/** @param {Request} request */
function asText(request) {
  const headers = Object.entries(request.headers ?? {}).map(
    ([name, value]) => `${name}: ${value.replace(/_local-development-only-secret$/, "!")}`,
  );
  return [`${request.method} ${request.path}`, ...headers, "", bodyOf(request)].join("\n");
}

/**
 * Every object in a JSON value, the value itself included.
 * @param {any} value
 * @returns {any[]}
 */
function objectsIn(value) {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value, ...inner];
}

/** @param {Request} request */
function userAgentOf(request) {
  const names = ["user-agent", "sec-ch-ua", "sec-ch-ua-platform", "sec-ch-ua-mobile"];
  const headers = Object.entries(request.headers ?? {});
  const lines = names.map(
    (name) => headers.find(([sent]) => sent.toLowerCase() === name)?.[1] ?? "",
  );
  return lines.some((line) => line !== "") ? lines.join("\n") : "";
}

/**
 * @param {Request[]} requests of one file, in their order
 * @param {(target: string, seed: string) => void} add
 */
function seedsOf(requests, add) {
  for (let at = 0; at < requests.length; at += MOST_REQUESTS) {
    const some = requests.slice(at, at + MOST_REQUESTS).map(asText);
    const together = some.join("\n%%\n");
    if (together.length <= MOST_BYTES) add("request", together);
    else for (const one of some) add("request", one);
  }
  for (const request of requests) {
    add("json_rpc", bodyOf(request));
    add("user_agent", userAgentOf(request));
    for (const object of objectsIn(request.body)) {
      if (object.event !== undefined) add("event", JSON.stringify(object));
      if (object.url !== undefined || object.referrer !== undefined) {
        add("url", [object.url ?? "", object.referrer ?? "", "shop.example"].join("\n"));
      }
      if (typeof object.user_agent === "string") add("user_agent", object.user_agent);
    }
    if (Array.isArray(request.body?.events)) add("event", JSON.stringify(request.body.events));
  }
}

/** Bytes that are no text: enough of each kind to begin with. */
function binarySeeds(/** @type {(target: string, seed: Buffer) => void} */ add) {
  for (let kind = 0; kind < SEGMENT_KINDS; kind++) {
    for (const size of [8, 64, 512]) {
      const pattern = createHash("sha256").update(`${kind} ${size}`).digest();
      const bytes = Buffer.alloc(size, pattern);
      add("segment", Buffer.concat([Buffer.from([kind]), bytes]));
      add("store", bytes);
      add("frames", Buffer.concat([Buffer.from([kind % 3, 1, 0, 0, 0, 1, 0, 0, 0]), bytes]));
    }
  }
  add("frames", Buffer.from([2, 2, 0, 0, 0, 104, 105])); // an answer of bytes
  add("frames", Buffer.from([0, 2, 0, 0, 0, 110, 111])); // a failure
  add("frames", Buffer.from([1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0])); // two rows
}

/** @param {string} folder is made anew */
export function writeSeeds(folder) {
  rmSync(folder, { recursive: true, force: true });
  const add = (/** @type {string} */ target, /** @type {string | Buffer} */ seed) => {
    if (seed.length === 0 || seed.length > MOST_BYTES) return;
    const name = createHash("sha1").update(seed).digest("hex");
    mkdirSync(join(folder, target), { recursive: true });
    writeFileSync(join(folder, target, name), seed);
  };
  const cases = join(ROOT, "tests/data/cases");
  for (const file of readdirSync(cases)) {
    const { steps } = JSON.parse(readFileSync(join(cases, file), "utf8"));
    seedsOf(
      steps.map((/** @type {{ request: Request }} */ step) => step.request),
      add,
    );
  }
  binarySeeds(add);
}

if (isMain(import.meta.url)) {
  await runMain(() => {
    const folder = process.argv[2];
    if (!folder) throw new UserError("Give the folder for the seeds.");
    writeSeeds(folder);
  });
}
