/** Notes every WebAssembly instance; imported before the Worker, since imports run in their order. */

/** @type {WeakRef<WebAssembly.Instance>[]} */
const instances = [];
const { Instance } = WebAssembly;

WebAssembly.Instance = /** @type {any} */ (
  class extends Instance {
    /** @param {ConstructorParameters<typeof Instance>} args */
    constructor(...args) {
      super(...args);
      instances.push(new WeakRef(this));
    }
  }
);

/** @returns {number[]} the size in bytes of the memory of each instance that is still there */
export function memorySizes() {
  return instances.flatMap((ref) => {
    const memory = /** @type {WebAssembly.Memory | undefined} */ (ref.deref()?.exports.memory);
    return memory === undefined ? [] : [memory.buffer.byteLength];
  });
}
