/**
 * Our Worker in a loaded isolate, which gets its database over RPC instead of as a binding.
 */
import worker from "../../../host-js/worker.js";
import { counted } from "./counted.js";

/**
 * The few calls of D1 that a Worker makes, over `Control` of the loader.
 *
 * @param {{ batch(statements: { sql: string, args: unknown[] }[]): Promise<any[]> }} service
 */
function database(service) {
  /**
   * @param {string} sql
   * @param {unknown[]} [args]
   */
  const statement = (sql, args = []) => {
    const run = async () => (await service.batch([{ sql, args }]))[0];
    return {
      sql,
      args,
      bind: (/** @type {unknown[]} */ ...values) => statement(sql, values),
      all: run,
      run,
      first: async () => (await run()).results[0] ?? null,
      raw: async () => (await run()).results.map(Object.values),
    };
  };
  return {
    prepare: (/** @type {string} */ sql) => statement(sql),
    batch: (/** @type {{ sql: string, args: unknown[] }[]} */ statements) =>
      service.batch(statements.map(({ sql, args }) => ({ sql, args }))),
    withSession() {
      return this;
    },
  };
}

const store = {
  idFromName() {
    throw new Error("listing tools needs no project's store");
  },
};

/** @type {any} one for all requests, as the real bindings are */
let bindings;

export default counted({
  fetch(request, env) {
    bindings ??= { ...env, CONTROL: database(env.CONTROL), PROJECT_STORE: store };
    return worker.fetch(request, bindings);
  },
});
