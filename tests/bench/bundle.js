/**
 * Bundles a Worker the way a deployment does: with the esbuild that wrangler itself uses. The
 * WebAssembly module stays a module of its own beside the script.
 */
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { readFile } from "node:fs/promises";

const here = createRequire(import.meta.url);
const wrangler = here.resolve("wrangler/package.json");
// zod is the SDK's dependency, not ours: the very copy that it uses.
const zod = dirname(createRequire(here.resolve("@modelcontextprotocol/server")).resolve("zod"));
/** @type {{ build(options: object): Promise<{ outputFiles: { text: string }[] }> }} */
const esbuild = createRequire(wrangler)("esbuild");

/**
 * @typedef {object} Bundle
 * @property {string} script the Worker's main module
 * @property {Record<string, Buffer>} wasm the modules that it imports, by the name it uses
 */

/**
 * @param {string} entry an absolute path
 * @returns {Promise<Bundle>}
 */
export async function bundle(entry) {
  /** @type {Record<string, Buffer>} */
  const wasm = {};
  const built = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    alias: { zod },
    external: ["cloudflare:*", "node:*"],
    // Wrangler does not, by default; it favours the server with the longer script, which is not ours.
    minify: true,
    logLevel: "silent",
    plugins: [
      {
        name: "wasm-beside",
        setup(/** @type {any} */ build) {
          build.onResolve({ filter: /\.wasm$/ }, async (/** @type {any} */ { path, importer }) => {
            const file = resolve(dirname(importer), path);
            const name = `./module-${Object.keys(wasm).length}.wasm`;
            wasm[name] = await readFile(file);
            return { path: name, external: true };
          });
        },
      },
    ],
  });
  return { script: built.outputFiles[0].text, wasm };
}
