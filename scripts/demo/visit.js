/** One visit to a demo site: pages opened one after the other, and what happens on them. */

/** @typedef {import('./random.js').Random} Random */
/** @typedef {import('./visitors.js').Visitor} Visitor */

/**
 * An event as the server takes it.
 * @typedef {object} DemoEvent
 * @property {string} event
 * @property {string} event_id
 * @property {string} timestamp
 * @property {string} anonymous_id
 * @property {string} [user_id]
 * @property {string} url
 * @property {string} [referrer]
 * @property {Record<string, unknown>} [properties]
 * @property {{ user_agent: string, ip: string, country: string }} context
 */

export class Visit {
  /** @type {DemoEvent[]} */
  events = [];
  #url = "";
  /** @type {string | undefined} */
  #referrer;
  #time;

  /**
   * @param {Random} random
   * @param {Visitor} visitor
   * @param {string} site the site's origin
   * @param {number} start milliseconds since the epoch
   */
  constructor(random, visitor, site, start) {
    this.random = random;
    this.visitor = visitor;
    this.site = site;
    this.#time = start;
  }

  /**
   * Opens the visit's first page.
   * @param {string} path
   * @param {{ query?: string, referrer?: string }} source
   */
  land(path, source) {
    this.#url = `${this.site}${path}${source.query ? `?${source.query}` : ""}`;
    this.#referrer = source.referrer;
    this.track("$pageview");
  }

  /**
   * Follows a link to another page of the site.
   * @param {string} path
   */
  open(path) {
    this.wait(8, 60);
    this.#referrer = this.#url.split("?")[0];
    this.#url = `${this.site}${path}`;
    this.track("$pageview");
  }

  /**
   * @param {number} least seconds
   * @param {number} most seconds
   */
  wait(least, most) {
    this.#time += this.random.integer(least, most) * 1000;
  }

  /**
   * @param {string} event
   * @param {Record<string, unknown>} [properties]
   */
  track(event, properties) {
    const { anonymousId, userId, context } = this.visitor;
    this.events.push({
      event,
      // Shaped like the start of a UUID: answers cost a model tokens, and this is unique enough.
      event_id: `${this.random.hex(8)}-${this.random.hex(4)}`,
      timestamp: new Date(this.#time).toISOString(),
      anonymous_id: anonymousId,
      ...(userId === undefined ? {} : { user_id: userId }),
      url: this.#url,
      ...(this.#referrer === undefined ? {} : { referrer: this.#referrer }),
      ...(properties === undefined ? {} : { properties }),
      context,
    });
  }
}
