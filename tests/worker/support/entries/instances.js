/**
 * Keeps every WebAssembly instance that the Worker makes, so that a test can see their memories.
 * Imported before the Worker itself: modules run in the order of their imports.
 */

/** @type {WebAssembly.Instance[]} */
const instances = [];

const { Instance, instantiate } = WebAssembly;

WebAssembly.Instance = /** @type {any} */ (
  class extends Instance {
    /** @param {ConstructorParameters<typeof Instance>} args */
    constructor(...args) {
      super(...args);
      instances.push(this);
    }
  }
);

WebAssembly.instantiate = /** @type {any} */ (
  async (/** @type {any} */ source, /** @type {any} */ imports) => {
    const made = /** @type {any} */ (await instantiate(source, imports));
    instances.push(made.instance ?? made);
    return made;
  }
);

/** @returns {number[]} the size in bytes of each instance's memory, in the order of their making */
export function memorySizes() {
  return instances.map(({ exports }) => {
    const memory = /** @type {WebAssembly.Memory} */ (exports.memory);
    return memory.buffer.byteLength;
  });
}
