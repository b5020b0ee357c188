/**
 * What `pnpm pack` runs first: the module, the licences of what is compiled into it, and wrangler.toml
 * as a folder needs it that has this package in its node_modules.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.js";
import { ROOT, UserError, isMain, runMain } from "./process.js";
import { setup } from "./setup.js";

/** The paths in wrangler.toml that lead into this tree. */
const PATHS = [
  ['main = "', "host-js/worker.js"],
  ['migrations_dir = "', "migrations"],
];

/** Whose code is in the module, and where its licence is: docs/licences.md has the list in words. */
const NOTICES = {
  simdjson: join(ROOT, "node_modules/@nozbe/simdjson/LICENSE"),
  lz4: join(ROOT, "node_modules/lz4/deps/lz4/lib/LICENSE"),
  "tl-expected": "/usr/share/doc/libexpected-dev/copyright",
  xxhash: "/usr/share/doc/libxxhash-dev/copyright",
  emscripten: "/usr/share/doc/emscripten/copyright",
};

/**
 * @param {string} ours the text of our wrangler.toml
 * @param {string} name of the package
 * @returns {string} the same for a folder that has installed the package
 */
export function installedConfig(ours, name) {
  let text = ours;
  for (const [before, path] of PATHS) {
    if (!text.includes(`${before}${path}"`))
      throw new UserError(`wrangler.toml: no ${before}${path}"`);
    text = text.replace(`${before}${path}"`, `${before}node_modules/${name}/${path}"`);
  }
  return text;
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    setup("wasm");
    if (!(await build("wasm-release"))) throw new UserError("The build failed.");
    const { name } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const folder = join(ROOT, "build/package");
    mkdirSync(folder, { recursive: true });
    const ours = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
    writeFileSync(join(folder, "wrangler.toml"), installedConfig(ours, name));
    for (const [part, path] of Object.entries(NOTICES)) {
      // Only Debian keeps them there; whoever publishes from elsewhere adds them by hand.
      if (existsSync(path)) copyFileSync(path, join(folder, `licence-${part}.txt`));
      else console.warn(`There is no licence of ${part} at ${path}: the package lacks it.`);
    }
  });
}
