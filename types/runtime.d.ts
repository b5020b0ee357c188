/**
 * What the Workers runtime offers and TypeScript does not know. The runtime's own types come from
 * "@cloudflare/workers-types", imported by name: as globals they would clash with Node's.
 */

declare module "cloudflare:workers" {
  import type { DurableObjectState, ExecutionContext } from "@cloudflare/workers-types";

  /** The bindings and variables of the Worker that runs. */
  export const env: any;

  export abstract class DurableObject<Env = unknown> {
    protected ctx: DurableObjectState;
    protected env: Env;
    constructor(ctx: DurableObjectState, env: Env);
  }

  export abstract class WorkerEntrypoint<Env = unknown> {
    protected ctx: ExecutionContext;
    protected env: Env;
    constructor(ctx: ExecutionContext, env: Env);
  }
}

/** Modules by the rules of wrangler.toml and of the tests' workers. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
declare module "*.bin" {
  const bytes: ArrayBuffer;
  export default bytes;
}
declare module "*.txt" {
  const text: string;
  export default text;
}
