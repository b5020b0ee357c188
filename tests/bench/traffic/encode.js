/**
 * An event of the traffic in the forms that the stores take.
 */

/** @typedef {import("./session.js").Event} Event */

const SESSION_MS = 1_800_000;

/** The columns of an event as it is read, in their order (the README's contract with a reader). */
export const COLUMNS = /** @type {const} */ ([
  "timestamp",
  "event_name",
  "event_id",
  "anonymous_id",
  "user_id",
  "session_id",
  "source",
  "medium",
  "campaign",
  "source_confidence",
  "source_rule_id",
  "country",
  "device_type",
  "browser",
  "os",
  "url",
  "path",
  "referrer",
  "properties",
]);

/**
 * What our server makes of the event; that it does is compared before anything is timed.
 *
 * @param {Event} event
 * @returns {(string | number | null)[]} a value for each of COLUMNS, the time in milliseconds
 */
export function rowOf(event) {
  const { time, visitor, page } = event;
  const { attribution } = page;
  return [
    time,
    event.name,
    event.id,
    visitor.id,
    event.user,
    `${visitor.id}-${Math.floor(time / SESSION_MS)}`,
    attribution.source,
    attribution.medium,
    attribution.campaign,
    attribution.confidence,
    attribution.rule,
    visitor.country,
    visitor.agent.device,
    visitor.agent.browser,
    visitor.agent.os,
    page.url,
    page.path,
    page.referrer,
    event.properties,
  ];
}

/**
 * @param {Event[]} events
 * @returns {string} the body of a request that sends them, as an importer would
 */
export function importBody(events) {
  let text = '{"events":[';
  for (const event of events) {
    const { visitor, page } = event;
    // Nothing in the traffic needs escaping, which makes this three times as fast as JSON.stringify.
    text +=
      `${text.length > 11 ? "," : ""}{"event":"${event.name}","event_id":"${event.id}",` +
      `"timestamp":"${new Date(event.time).toISOString()}","anonymous_id":"${visitor.id}",` +
      (event.user === null ? "" : `"user_id":"${event.user}",`) +
      `"url":"${page.url}",` +
      (page.referrer === null ? "" : `"referrer":"${page.referrer}",`) +
      (event.properties === "{}" ? "" : `"properties":${event.properties},`) +
      `"context":{"user_agent":"${visitor.agent.text}","country":"${visitor.country}"}}`;
  }
  return `${text}]}`;
}

/** What stands for no value; an empty field is an empty text. */
export const CSV_NULL = "\\N";

/**
 * @param {Event[]} events
 * @returns {string} lines of CSV in the order of COLUMNS
 */
export function csvLines(events) {
  let text = "";
  for (const event of events) {
    const [time, ...values] = rowOf(event);
    text += new Date(Number(time)).toISOString();
    for (const value of values) text += `,${field(value)}`;
    text += "\n";
  }
  return text;
}

/** @param {string | number | null} value */
function field(value) {
  if (value === null) return CSV_NULL;
  const text = String(value);
  return text === "" || text.includes(",") || text.includes('"')
    ? `"${text.replaceAll('"', '""')}"`
    : text;
}
