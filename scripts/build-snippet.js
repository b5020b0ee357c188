/**
 * Builds the browser snippet into build/snippet/a.js:
 *
 *   node scripts/build-snippet.js
 *
 * The file is plain ASCII, so that it can be embedded anywhere. Its size is printed; too large a
 * snippet fails the build.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT, UserError, isMain, runMain } from "./process.js";

/** Where the readable source is, and where what is served goes. */
export const SNIPPET_SOURCE = join(ROOT, "snippet/a.js");
export const SNIPPET_PATH = join(ROOT, "build/snippet/a.js");

/** What the snippet may weigh on a site, gzipped. */
export const MAX_GZIPPED = 2048;

const wrangler = createRequire(import.meta.url).resolve("wrangler/package.json");
/** @type {{ transformSync(source: string, options: object): { code: string } }} */
const esbuild = createRequire(wrangler)("esbuild");

/**
 * @param {string} source
 * @returns {string} the same in fewer bytes, ASCII only
 */
function minified(source) {
  const { code } = esbuild.transformSync(source, {
    minify: true,
    charset: "ascii",
    // Refuses newer syntax than old browsers can read; one such token would lose them altogether.
    target: "es5",
    legalComments: "none",
  });
  return code;
}

/**
 * Builds the snippet, prints its size, and throws when that is too much. The file is only written
 * when it changes, so that whatever embeds it is not built again for nothing.
 *
 * @returns {{ path: string, bytes: number, gzipped: number }}
 */
export function buildSnippet() {
  const code = minified(readFileSync(SNIPPET_SOURCE, "utf8"));
  const gzipped = gzipSync(code, { level: 9 }).length;
  const format = (/** @type {number} */ count) => count.toLocaleString("en-US");
  console.log(`snippet a.js: ${format(code.length)} bytes, ${format(gzipped)} gzipped`);
  if (gzipped > MAX_GZIPPED) {
    throw new UserError(`The snippet must stay within ${format(MAX_GZIPPED)} bytes gzipped.`);
  }
  if (!existsSync(SNIPPET_PATH) || readFileSync(SNIPPET_PATH, "utf8") !== code) {
    mkdirSync(dirname(SNIPPET_PATH), { recursive: true });
    writeFileSync(SNIPPET_PATH, code);
  }
  return { path: SNIPPET_PATH, bytes: code.length, gzipped };
}

if (isMain(import.meta.url)) await runMain(() => void buildSnippet());
