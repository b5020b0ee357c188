/**
 * `pnpm tidy [file ...]`: clang-tidy over the core, by the checks and names of .clang-tidy. It reads
 * every file as a compiler does and takes minutes, so `pnpm test` goes without it.
 */
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { ROOT, UserError, capture, runMain } from "./process.js";
import { setup } from "./setup.js";

/** The preset whose compile commands are used; configuring it builds nothing. */
const PRESET = "native-debug";

/** @returns {string[]} relative to the root */
function filesWanted() {
  const named = process.argv.slice(2).filter((arg) => arg !== "--");
  const files = named.length > 0 ? named : globSync("core/**/*.cpp", { cwd: ROOT });
  return files.sort();
}

/**
 * @param {string} file
 * @returns {Promise<boolean>} whether it is clean
 */
async function isClean(file) {
  const { status, output } = await capture("clang-tidy", [
    "--quiet",
    "-p",
    `build/${PRESET}`,
    file,
  ]);
  if (status === 0) return true;
  // What is left out counts the warnings of system headers.
  console.log(output.replaceAll(/^\d+ warnings? .*\n/gm, "").trim());
  return false;
}

await runMain(async () => {
  setup("tidy");
  const { status, output } = await capture("cmake", ["--preset", PRESET]);
  if (status !== 0) throw new UserError(output);
  const waiting = filesWanted();
  const count = waiting.length;
  let found = 0;
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      if (!(await isClean(file))) ++found;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  if (found > 0) throw new UserError(`\nclang-tidy has found something in ${found} files.`);
  console.log(`clang-tidy: ${count} files, nothing found`);
});
