/** Times as logs, databases and other analytics write them, in the server's ISO 8601. */

/** Unix time in seconds, milli-, micro- or nanoseconds: of 2001 to 2286 the digits tell them apart. */
const UNIX = /^(\d{10}(?:\d{3}|\d{6}|\d{9})?)(?:\.(\d+))?$/;
/** ISO 8601, but with a blank before its offset, or a name for none or besides it. */
const ZONED =
  /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?) *(?:UTC|GMT|Z|([+-]\d\d:?\d\d)(?: [A-Z]{3,5})?)$/;
/** `Fri, 20 Nov 2026 10:00:00 GMT` as in e-mail and HTTP, `20/Nov/2026:10:00:00 +0100` as in logs. */
const NAMED =
  /^\[?(?:[A-Z][a-z]{2}, )?(\d\d?)[ /-]([A-Z][a-z]{2})[ /-](\d{4})[ :](\d\d:\d\d(?::\d\d)?) (?:UTC|GMT|Z|([+-]\d{4}))\]?$/;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/**
 * Only what can mean one time: without an offset such texts may be of any time zone, and are left
 * for the server to refuse, as `11/12/2026` is.
 *
 * @param {unknown} value
 * @returns {unknown} the value itself where it is nothing of these
 */
export function timeOf(value) {
  const given = digitsOf(value);
  if (typeof given !== "string" && typeof given !== "number") return value;
  const text = String(given).trim();
  return (
    fromUnix(UNIX.exec(text)) ?? fromZoned(ZONED.exec(text)) ?? fromNamed(NAMED.exec(text)) ?? value
  );
}

/** @param {unknown} value a number may be kept as the text that it was */
function digitsOf(value) {
  const { isRawJSON } = /** @type {{ isRawJSON?: (value: unknown) => boolean }} */ (
    /** @type {unknown} */ (JSON)
  );
  return isRawJSON?.(value) ? /** @type {{ rawJSON: string }} */ (value).rawJSON : value;
}

/** @param {RegExpExecArray | null} match */
function fromUnix(match) {
  if (match === null) return undefined;
  const [, whole, fraction = ""] = match;
  return new Date(Number((whole + fraction).padEnd(13, "0").slice(0, 13))).toISOString();
}

/** @param {RegExpExecArray | null} match */
function fromZoned(match) {
  return match === null ? undefined : match[1] + (match[2] ?? "Z");
}

/** @param {RegExpExecArray | null} match */
function fromNamed(match) {
  if (match === null) return undefined;
  const [, day, name, year, clock, offset = "Z"] = match;
  const month = MONTHS.indexOf(name) / 3 + 1;
  if (!Number.isInteger(month) || month < 1) return undefined;
  return `${year}-${String(month).padStart(2, "0")}-${day.padStart(2, "0")}T${clock}${offset}`;
}
