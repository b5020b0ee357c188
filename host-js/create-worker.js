/**
 * The Worker: bytes in, bytes out. It passes requests to the core and performs the core's effects; no
 * behaviour lives here.
 */
import { Core, UPKEEP, GATEWAY, SERVE } from "./core.js";
import { FrameWriter, readHttpResponse, writeHttpRequest, writeMoment } from "./frames.js";
import { gatewayEffects } from "./gateway-effects.js";

/**
 * @typedef {import("./gateway-effects.js").Bindings} Bindings
 * @typedef {import("@cloudflare/workers-types").ExecutionContext} ExecutionContext
 *
 * @typedef {object} World what the core must not reach for itself
 * @property {() => number} now milliseconds since 1970
 * @property {() => Uint8Array} seed 32 random bytes
 */

const frames = new FrameWriter();
const emptyBody = { bytes: new Uint8Array(), cut: false };

/** Bytes of a body without a length to ask for first; then as many as there are already. */
const FIRST_PART = 16 * 1024;

const SEED_BYTES = 32;
const seeds = new Uint8Array(128 * SEED_BYTES); // asked for in bulk: each asking costs alike
let seedsUsed = seeds.length;

/** @type {World} */
export const realWorld = {
  now: () => Date.now(),
  seed() {
    if (seedsUsed === seeds.length) {
      crypto.getRandomValues(seeds);
      seedsUsed = 0;
    }
    return seeds.subarray(seedsUsed, (seedsUsed += SEED_BYTES));
  },
};

/**
 * Reads at most `limit` bytes. A longer body is marked as cut, one that fails or ends early as broken;
 * neither has bytes.
 *
 * @param {Request} request
 * @param {number} limit
 */
async function readBody(request, limit) {
  const declared = Number(request.headers.get("content-length"));
  if (declared > limit) return { ...emptyBody, cut: true };
  try {
    // Beside a transfer encoding a length says nothing, and `arrayBuffer` would read without an end.
    if (declared > 0 && !request.headers.has("transfer-encoding")) {
      return { bytes: new Uint8Array(await request.arrayBuffer()), cut: false };
    }
    // Only now: to look at `body` makes a stream of it, which costs as much as the rest of a request.
    if (request.body === null) return emptyBody;
    return await readStream(request.body, limit);
  } catch {
    return { ...emptyBody, broken: true };
  }
}

/**
 * @param {ReadableStream} body
 * @param {number} limit
 */
async function readStream(body, limit) {
  const reader = /** @type {import("@cloudflare/workers-types").ReadableStreamBYOBReader} */ (
    /** @type {unknown} */ (body.getReader({ mode: "byob" }))
  );
  const parts = [];
  let length = 0;
  for (let room = FIRST_PART; ; room = Math.min(length, limit + 1 - length)) {
    // A body may come byte by byte; the runtime collects it faster than a loop here could.
    const { value } = await reader.readAtLeast(room, new Uint8Array(room));
    if (value !== undefined) parts.push(value);
    length += value?.length ?? 0;
    if (length > limit) {
      await reader.cancel();
      return { ...emptyBody, cut: true };
    }
    if (value === undefined || value.length < room) break;
  }
  return { bytes: new Uint8Array(await new Blob(parts).arrayBuffer()), cut: false };
}

/** @param {unknown} error */
function trapped(error) {
  const id = crypto.randomUUID();
  console.error(JSON.stringify({ request_id: id, error: String(error) }));
  return new Response(
    '{"error":"internal_error","error_description":"Something went wrong on our side; try again."}',
    { status: 500, headers: { "content-type": "application/json", "x-request-id": id } },
  );
}

/**
 * @param {import("./frames.js").FrameReader} from
 * @param {number | undefined} started when, for one line of structured log
 */
function toResponse(from, started) {
  const logs = started !== undefined;
  const { status, headers, log, body } = readHttpResponse(from, logs);
  if (logs) {
    const duration = Math.round((performance.now() - started) * 1000) / 1000;
    console.log(`${log.slice(0, -1)},"duration_ms":${duration}}`);
  }
  return new Response(body.length === 0 ? null : /** @type {any} */ (body), { status, headers });
}

/**
 * @param {WebAssembly.Module} module
 * @param {World} [world]
 */
export function createWorker(module, world = realWorld) {
  /** @type {{ env: Bindings, core: Core, perform: ReturnType<typeof gatewayEffects> } | undefined} */
  let open;
  /** @param {Bindings} env */
  const opened = (env) => {
    if (open?.env === env) return open;
    // Another object with the same bindings, as some hosts make for each request.
    if (open?.env.CONTROL === env.CONTROL && open.env.PROJECT_STORE === env.PROJECT_STORE) {
      return open;
    }
    const configuration = new FrameWriter()
      .text(env.MCP_ALLOWED_ORIGINS ?? "")
      .text(env.ADMIN_TOKEN ?? "");
    open = { env, core: new Core(module, GATEWAY, configuration), perform: gatewayEffects(env) };
    return open;
  };
  const moment = () => ({ now: world.now(), seed: world.seed() });

  return {
    /**
     * @param {Request} request
     * @param {Bindings} env
     * @param {Pick<ExecutionContext, "waitUntil">} [context] of the runtime
     */
    async fetch(request, env, context) {
      try {
        const started = env.REQUEST_LOG === "off" ? undefined : performance.now();
        const { core, perform } = opened(env);
        const body = await readBody(request, core.bodyLimit);
        const frame = writeHttpRequest(frames.reset(), moment(), request, body);
        const answer = core.run(SERVE, frame, perform, (from) => toResponse(from, started));
        // When a client hangs up, the runtime drops what nobody waits for, and the core would hold the
        // request, and its turn among large bodies, for ever.
        if (answer instanceof Promise) context?.waitUntil(answer.catch(() => {}));
        return await answer;
      } catch (error) {
        return trapped(error);
      }
    },

    /**
     * The daily job: retention.
     *
     * @param {unknown} _event
     * @param {Bindings} env
     * @throws when not all of it could be done, so that the platform counts the run as failed
     */
    async scheduled(_event, env) {
      const { core, perform } = opened(env);
      const frame = writeMoment(frames.reset(), moment());
      const summary = await core.run(UPKEEP, frame, perform, (from) =>
        new TextDecoder().decode(from.rest()),
      );
      console.log(`retention: ${summary}`);
      if (JSON.parse(summary).ok !== true)
        throw new Error("The daily job could not do all it had to.");
    },

    /** The gateway's memory, for tests that watch it. */
    get memoryBytes() {
      return open?.core.memoryBytes ?? 0;
    },
  };
}
