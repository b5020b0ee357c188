/** What a command is made of; helpers that several commands use. */
import { UsageError } from "../errors.js";

/**
 * @typedef {object} Option
 * @property {string} [value] what stands for its value in the help; without one it is a switch
 * @property {string} help
 * @property {string} [short]
 * @property {boolean} [multiple]
 * @property {boolean} [required]
 *
 * @typedef {Record<string, string | boolean | string[] | undefined>} Values
 *
 * @typedef {object} Run
 * @property {import("../io.js").Io} io
 * @property {Values} values of the options
 * @property {string} argument or "" for a command without one
 * @property {boolean} json
 * @property {() => import("../client.js").Client} connect
 *
 * @typedef {object} Command
 * @property {string} name such as "accounts create"
 * @property {string} summary
 * @property {string} [argument] as the help shows it, such as "<file>"
 * @property {Record<string, Option>} [options]
 * @property {readonly string[]} [notes] paragraphs of the help
 * @property {readonly string[]} examples
 * @property {(run: Run) => Promise<number | void>} run returns an exit code other than 0
 */

/**
 * @param {Run} run
 * @param {string} name of an option that is given once
 */
export function text(run, name) {
  const value = run.values[name];
  return typeof value === "string" ? value : undefined;
}

/**
 * @param {Run} run
 * @param {string} name of an option that may be repeated
 * @returns {string[]}
 */
export function texts(run, name) {
  const value = run.values[name];
  return Array.isArray(value) ? value : [];
}

/**
 * @param {Run} run
 * @param {string} name
 * @param {number} least
 * @param {number} most
 */
export function integer(run, name, least, most) {
  const value = text(run, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least || number > most) {
    throw new UsageError(`--${name} must be a number from ${least} to ${most}; got "${value}".`);
  }
  return number;
}

/**
 * Prints an answer: the server's bytes with --json, else what `human` makes of it.
 * @param {Run} run
 * @param {import("../client.js").Answer} answer
 * @param {(json: any) => string} human
 */
export function print(run, answer, human) {
  run.io.stdout.write(shown(run, answer, human));
}

/**
 * @param {Run} run
 * @param {import("../client.js").Answer} answer
 * @param {(json: any) => string} human
 * @returns {Buffer}
 */
export function shown(run, answer, human) {
  if (!run.json) return Buffer.from(human(answer.json));
  const isLine = answer.bytes.at(-1) === 0x0a;
  return isLine ? answer.bytes : Buffer.concat([answer.bytes, Buffer.from("\n")]);
}

/** @param {Run} run the width to keep tables to; none when the output is no terminal */
export function terminalWidth({ io }) {
  return io.stdout.isTTY === true ? io.stdout.columns || undefined : undefined;
}

/** @param {Record<string, unknown>} members without those that were not given */
export function given(members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
