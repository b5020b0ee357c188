/** `--map` and `--set`: which of an event's fields are made from which of a row's. */
import { UsageError } from "../errors.js";
import { didYouMean, plain, quoted } from "../text.js";

export const FIELDS = [
  "event",
  "event_id",
  "timestamp",
  "anonymous_id",
  "user_id",
  "session_id",
  "url",
  "path",
  "referrer",
  "properties",
  "context",
];
/** What a log line says of the visitor; at the top of a row or in its context. */
export const CONTEXT_FIELDS = ["user_agent", "ip", "country"];

/**
 * @typedef {object} Mapping
 * @property {Map<string, string>} columns by field
 * @property {Map<string, string>} constants by field
 * @property {Set<string>} found fields whose columns a row had
 * @property {Set<string>} leftOut columns that nothing is made of; of JSON the first of them
 */

/**
 * @param {readonly string[]} maps such as "event=action,timestamp=time"
 * @param {readonly string[]} sets such as "event=$pageview"
 * @returns {Mapping}
 */
export function readMapping(maps, sets) {
  const columns = new Map();
  const constants = new Map();
  for (const pair of maps.flatMap((text) => text.split(","))) add(columns, "--map", pair, "COLUMN");
  for (const pair of sets) add(constants, "--set", pair, "VALUE");
  for (const field of columns.keys()) {
    if (constants.has(field)) throw new UsageError(`${field} is in --map and in --set.`);
  }
  return { columns, constants, found: new Set(), leftOut: new Set() };
}

/**
 * @param {Map<string, string>} into
 * @param {string} option
 * @param {string} pair
 * @param {string} value how the help calls it
 */
function add(into, option, pair, value) {
  const at = pair.indexOf("=");
  const field = pair.slice(0, at).trim();
  const given = pair.slice(at + 1);
  if (at < 1 || given === "") {
    throw new UsageError(`${option} takes FIELD=${value}; got "${plain(pair)}".`);
  }
  if (!isField(field)) {
    const known = [...FIELDS, ...CONTEXT_FIELDS];
    const hint = didYouMean(field, known) || ` There are: ${known.join(", ")}, properties.NAME.`;
    throw new UsageError(`${option}: an event has no field "${plain(field)}".${hint}`);
  }
  if (into.has(field)) throw new UsageError(`${option} names ${plain(field)} twice.`);
  into.set(field, given);
}

/** @param {string} name */
export function isField(name) {
  if (name.startsWith("properties.")) return name.length > "properties.".length;
  if (name.startsWith("context.")) return CONTEXT_FIELDS.includes(name.slice("context.".length));
  return FIELDS.includes(name) || CONTEXT_FIELDS.includes(name);
}

/** Fields by what is left of their names without letter case, `_`, `-` and spaces. */
const ALIKE = new Map([...FIELDS, ...CONTEXT_FIELDS].map((name) => [bare(name), name]));

/** @param {string} name */
function bare(name) {
  return name.toLowerCase().replace(/[ _-]/g, "");
}

/**
 * @param {string} name of a column that is no field
 * @returns {string | undefined} the field that it looks like
 */
function fieldAlike(name) {
  const dot = name.indexOf(".");
  if (dot < 0) return ALIKE.get(bare(name));
  const group = bare(name.slice(0, dot));
  const member = name.slice(dot + 1);
  if (group === "properties") return member === "" ? undefined : `properties.${member}`;
  const field = `${group}.${ALIKE.get(bare(member))}`;
  return isField(field) ? field : undefined;
}

/**
 * @param {string} field
 * @returns {string[]} the columns that give it without a mapping
 */
function columnsOf(field) {
  if (field === "event") return ["event", "event_name"]; // as in exports
  const member = field.replace(/^context\./, "");
  return CONTEXT_FIELDS.includes(member) ? [member, `context.${member}`] : [field];
}

/**
 * @param {readonly string[]} names of columns
 * @param {Mapping} mapping
 * @returns {string[]} those that nothing is made of
 */
function leftOut(names, { columns, constants }) {
  const mapped = [...columns.values()];
  return names.filter((name) => {
    const field = name === "event_name" ? "event" : name;
    if (name === "" || (isField(field) && !constants.has(field))) return false;
    return !mapped.some((column) => column === name || column.startsWith(`${name}.`));
  });
}

/**
 * @param {readonly string[]} names of columns that may have a value
 * @param {Mapping} mapping
 * @param {number} [most] that are remembered
 */
export function noteLeftOut(names, mapping, most = Infinity) {
  for (const name of leftOut(names, mapping)) {
    if (mapping.leftOut.size < most) mapping.leftOut.add(name);
  }
}

/**
 * A column that is a field but for the way it is written would be left out, and could not be
 * brought in later: the events have their ids by then.
 *
 * @param {readonly string[]} names of all columns
 * @param {Mapping} mapping
 * @returns {string | undefined} what is wrong with them; follows "The header " or "line 7: "
 */
export function misspelt(names, mapping) {
  /** @type {Map<string, string>} */
  const meant = new Map();
  for (const name of leftOut(names, mapping)) {
    const field = fieldAlike(name);
    if (field === undefined || meant.has(field)) continue;
    const given = columnsOf(field);
    if (given.some((column) => names.includes(column))) continue;
    if (given.some((key) => mapping.columns.has(key) || mapping.constants.has(key))) continue;
    meant.set(field, name);
  }
  if (meant.size === 0) return undefined;
  const columns = [...meant.values()].map((name) => `"${plain(name)}"`).join(", ");
  return (
    `has ${columns}, which would be left out: fields are written otherwise. ` +
    [...mapAdvice([...meant].filter(isMappable)), ...renameAdvice(meant)].join(" ")
  );
}

/** @typedef {[field: string, column: string]} Meant */

/**
 * Whether `--map` would understand it, also as it is shown.
 * @param {Meant} meant
 */
function isMappable([field, column]) {
  return !/[,=]/.test(field) && !column.includes(",") && plain(column) === column;
}

/** @param {Meant[]} meant */
function mapAdvice(meant) {
  if (meant.length === 0) return [];
  const map = meant.map(([field, column]) => `${field}=${column}`).join(",");
  return [
    `Where they are meant, give --map ${quoted(map)}; another column can become a property with ` +
      "--map properties.NAME=COLUMN.",
  ];
}

/** @param {Iterable<Meant>} meant */
function renameAdvice(meant) {
  return [...meant]
    .filter((pair) => !isMappable(pair))
    .map(
      ([field, column]) =>
        `--map cannot name "${plain(column)}": rename it, to "${plain(field)}" where that is meant.`,
    );
}

/**
 * @param {string} problem with a row or a header
 * @returns {boolean} whether it is one that --map mends
 */
export function advisesMap(problem) {
  return problem.includes(" give --map ");
}
