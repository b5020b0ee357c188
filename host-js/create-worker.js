/**
 * The Worker: bytes in, bytes out. It passes requests to the core and performs the core's effects; no
 * behaviour lives here.
 */
import { Core, UPKEEP, GATEWAY, SERVE } from "./core.js";
import { FrameWriter, readHttpResponse, writeHttpRequest, writeMoment } from "./frames.js";
import { gatewayEffects } from "./gateway-effects.js";

/**
 * @typedef {import("./gateway-effects.js").Bindings} Bindings
 *
 * @typedef {object} World what the core must not reach for itself
 * @property {() => number} now milliseconds since 1970
 * @property {() => Uint8Array} seed 32 random bytes
 */

const frames = new FrameWriter();
const emptyBody = { bytes: new Uint8Array(), cut: false };

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
 * Reads at most `limit` bytes; a longer body is cut, and known to be.
 *
 * @param {Request} request
 * @param {number} limit
 */
async function readBody(request, limit) {
  if (Number(request.headers.get("content-length")) > limit) return { ...emptyBody, cut: true };
  // Only now: to look at `body` makes a stream of it, which costs as much as the rest of a request.
  if (request.body === null) return emptyBody;
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  let length = 0;
  for await (const part of /** @type {AsyncIterable<Uint8Array<ArrayBuffer>>} */ (
    /** @type {unknown} */ (request.body)
  )) {
    length += part.length;
    if (length > limit) return { bytes: new Uint8Array(), cut: true };
    parts.push(part);
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
 * @param {Uint8Array} bytes a view that ends with the call
 * @param {number | undefined} started when, for one line of structured log
 */
function toResponse(bytes, started) {
  const logs = started !== undefined;
  const { status, headers, log, body } = readHttpResponse(bytes, logs);
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
    if (open?.env.CONTROL === env.CONTROL && open.env.PROJECT_STORE === env.PROJECT_STORE) {
      return open;
    }
    const configuration = new FrameWriter()
      .text(env.MCP_ALLOWED_ORIGINS ?? "")
      .text(env.ADMIN_TOKEN ?? "").frame;
    open = { env, core: new Core(module, GATEWAY, configuration), perform: gatewayEffects(env) };
    return open;
  };
  const moment = () => ({ now: world.now(), seed: world.seed() });

  return {
    /**
     * @param {Request} request
     * @param {Bindings} env
     */
    async fetch(request, env) {
      try {
        const started = env.REQUEST_LOG === "off" ? undefined : performance.now();
        const { core, perform } = opened(env);
        const limit = core.bodyLimit;
        const declared = Number(request.headers.get("content-length"));
        const body =
          declared > 0 && declared <= limit
            ? { bytes: new Uint8Array(await request.arrayBuffer()), cut: false }
            : await readBody(request, limit);
        const { frame } = writeHttpRequest(frames.reset(), moment(), request, body);
        return await core.run(SERVE, frame, perform, (bytes) => toResponse(bytes, started));
      } catch (error) {
        return trapped(error);
      }
    },

    /**
     * The daily job: retention.
     *
     * @param {unknown} _event
     * @param {Bindings} env
     */
    async scheduled(_event, env) {
      const { core, perform } = opened(env);
      const { frame } = writeMoment(frames.reset(), moment());
      const summary = await core.run(UPKEEP, frame, perform, (b) => new TextDecoder().decode(b));
      console.log(`retention: ${summary}`);
    },

    /** The gateway's memory, for tests that watch it. */
    get memoryBytes() {
      return open?.core.memoryBytes ?? 0;
    },
  };
}
