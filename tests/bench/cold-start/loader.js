/**
 * Runs `/ours/N/...` and `/sdk/N/...` each in an isolate of its own, made when N is first seen.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import oursModule from "./ours.wasm.bin";
import oursScript from "./ours.txt";
import sdkScript from "./sdk.txt";

/** D1 for the isolates: a loaded Worker may be given services, but not the database binding. */
export class Control extends WorkerEntrypoint {
  /**
   * @param {{ sql: string, args: unknown[] }[]} statements
   */
  async batch(statements) {
    const { CONTROL } = this.env;
    return CONTROL.batch(statements.map(({ sql, args }) => CONTROL.prepare(sql).bind(...args)));
  }
}

export default {
  /**
   * @param {Request} request
   * @param {any} env
   * @param {any} ctx
   */
  async fetch(request, env, ctx) {
    const [, name, start, ...rest] = new URL(request.url).pathname.split("/");
    const loaded = env.LOADER.get(`${name}/${start}`, () =>
      name === "ours" ? oursCode(env, ctx, start) : sdkCode(env),
    );
    const url = new URL(`/${rest.join("/")}`, request.url);
    return loaded.getEntrypoint().fetch(new Request(url, request));
  },
};

/**
 * @param {any} env
 * @param {any} ctx
 * @param {string} start
 */
function oursCode(env, ctx, start) {
  return {
    ...common(env),
    modules: { "main.js": oursScript, [env.WASM_NAME]: { wasm: distinct(oursModule, start) } },
    env: {
      CONTROL: ctx.exports.Control({}),
      PEPPER: env.PEPPER,
      ADMIN_TOKEN: "unused",
      MCP_ALLOWED_ORIGINS: "",
    },
  };
}

/** @param {any} env */
function sdkCode(env) {
  return {
    ...common(env),
    modules: { "main.js": sdkScript },
    env: { CATALOGUE: env.CATALOGUE, API_KEY: env.API_KEY, SCHEMAS: env.SCHEMAS },
  };
}

/** @param {any} env */
const common = (env) => ({
  compatibilityDate: env.COMPATIBILITY_DATE,
  mainModule: "main.js",
  globalOutbound: null,
});

/**
 * V8 keeps compiled modules per process by their bytes, so a module that it has seen would not be
 * compiled again. A custom section, which means nothing, makes each one a module of its own.
 *
 * @param {ArrayBuffer} module
 * @param {string} mark
 * @returns {ArrayBuffer}
 */
function distinct(module, mark) {
  const name = new TextEncoder().encode(`start-${mark}`);
  const section = [0, name.length + 1, name.length, ...name];
  const bytes = new Uint8Array(module.byteLength + section.length);
  bytes.set(new Uint8Array(module));
  bytes.set(section, module.byteLength);
  return bytes.buffer;
}
