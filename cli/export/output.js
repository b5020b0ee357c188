/** Where exported rows go: a file, or standard output, as fast as it takes them. */
import { open } from "node:fs/promises";
import { CliError, EXIT, OutputError } from "../errors.js";

/**
 * @typedef {object} Sink
 * @property {(text: Buffer) => Promise<void>} write resolves when there is room for more
 * @property {() => Promise<void>} close
 */

/**
 * @param {import("../io.js").Output} stdout
 * @returns {Sink}
 */
export function streamSink(stdout) {
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        stdout.write(text, (error) => {
          if (error) reject(new OutputError(error));
          else resolve();
        });
      }),
    close: async () => {},
  };
}

/**
 * @param {string} path
 * @param {boolean} append whether what is there is an export to go on with
 * @returns {Promise<Sink>}
 */
export async function fileSink(path, append) {
  const file = await open(path, append ? "a" : "w").catch((error) => {
    throw new CliError(EXIT.usage, `Cannot write ${path}: ${error.message}`);
  });
  let written = (await file.stat()).size;
  return {
    async write(text) {
      try {
        await file.appendFile(text);
        written += text.length;
      } catch (error) {
        // Only whole pages stay, so that the cursor fits what is there.
        await file.truncate(written).catch(() => {});
        const why = error instanceof Error ? error.message : String(error);
        throw new CliError(EXIT.partial, `Cannot write ${path}: ${why}`);
      }
    },
    close: () => file.close(),
  };
}
