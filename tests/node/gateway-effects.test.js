/** The gateway's effects on Cloudflare, with databases and stores that never answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gatewayEffects } from "../../host-js/gateway-effects.js";

const never = () => new Promise(() => {});
const statement = { prepare: () => statement, bind: () => statement, raw: never };
const env = /** @type {any} */ ({
  CONTROL: { prepare: () => statement, batch: never },
  PROJECT_STORE: { idFromName: () => "id", get: () => ({ answer: never }) },
  PEPPER: "pepper",
});
const one = { sql: "SELECT 1", params: [] };

/** @type {Record<string, import("../../host-js/frames.js").Effect>} */
const EFFECTS = {
  "a statement": { id: 1, kind: "sql", statements: [one] },
  "a transaction": { id: 1, kind: "sql", statements: [one, one] },
  "a store's answer": { id: 1, kind: "store", store: "prj_shop", request: new Uint8Array() },
};

for (const [name, effect] of Object.entries(EFFECTS)) {
  test(`${name} that never comes fails before the request is given up`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    /** @type {unknown} */
    let failure;
    gatewayEffects(env)(effect).catch((/** @type {unknown} */ error) => (failure = error));
    t.mock.timers.tick(44_000);
    await Promise.resolve();
    assert.equal(failure, undefined);
    t.mock.timers.tick(2000);
    for (let i = 0; i < 10; i++) await Promise.resolve();
    assert.match(String(failure), /no answer within 45 s/);
  });
}

test("what comes too late is of no effect", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const unhandled = t.mock.fn();
  process.on("unhandledRejection", unhandled);
  t.after(() => void process.off("unhandledRejection", unhandled));
  for (const end of [
    (/** @type {any} */ late) => late.resolve([]),
    (/** @type {any} */ late) => late.reject(new Error("late")),
  ]) {
    const late = Promise.withResolvers();
    const slow = { prepare: () => ({ bind: () => ({ raw: () => late.promise }) }) };
    const answer = gatewayEffects({ ...env, CONTROL: slow })(EFFECTS["a statement"]);
    t.mock.timers.tick(45_000);
    await assert.rejects(answer, /no answer within 45 s/);
    end(late);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(unhandled.mock.callCount(), 0);
});

test("what is answered leaves no timer behind", async (t) => {
  const set = t.mock.method(globalThis, "setTimeout");
  const cleared = t.mock.method(globalThis, "clearTimeout");
  for (const raw of [async () => [], () => Promise.reject(new Error("refused"))]) {
    const quick = { prepare: () => ({ bind: () => ({ raw }) }) };
    await gatewayEffects(/** @type {any} */ ({ ...env, CONTROL: quick }))(
      EFFECTS["a statement"],
    ).catch(() => {});
  }
  assert.deepEqual(
    cleared.mock.calls.map(({ arguments: given }) => given[0]),
    set.mock.calls.map(({ result }) => result),
  );
  assert.equal(set.mock.callCount(), 2);
});

test("each store is asked by its own id, however many there are, and an id is made once", async () => {
  /** @type {string[]} */
  const made = [];
  const stores = {
    idFromName: (/** @type {string} */ name) => {
      made.push(name);
      return `id of ${name}`;
    },
    get: (/** @type {string} */ id) => ({ answer: async () => new TextEncoder().encode(id) }),
  };
  const perform = gatewayEffects({ ...env, PROJECT_STORE: stores });
  const ask = async (/** @type {string} */ store) => {
    const answer = await perform({ id: 1, kind: "store", store, request: new Uint8Array() });
    return new TextDecoder().decode(/** @type {Uint8Array} */ (answer));
  };
  for (const name of ["prj_a", "prj_b", "prj_a"]) assert.equal(await ask(name), `id of ${name}`);
  assert.deepEqual(made, ["prj_a", "prj_b"]);
  for (let i = 0; i < 2100; i++) assert.equal(await ask(`prj_${i}`), `id of prj_${i}`);
  assert.equal(await ask("prj_a"), "id of prj_a");
});
