/** The demo's visitors: who they are, where they sit and what they browse with. */

/** @typedef {import('./random.js').Random} Random */

/**
 * @typedef {object} Visitor
 * @property {string} anonymousId
 * @property {string | undefined} userId once signed up
 * @property {{ user_agent: string, ip: string, country: string }} context
 */

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const IOS = "AppleWebKit/605.1.15 (KHTML, like Gecko)";

/** @type {[string, number][]} User-Agents and how common they are */
const USER_AGENTS = [
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36`, 22],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36`, 10],
  [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36`, 2],
  [`Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/141.0.0.0 Mobile Safari/537.36`, 20],
  [`Mozilla/5.0 (Linux; Android 14; SM-X710) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36`, 2],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${IOS} Version/18.6 Mobile/15E148 Safari/604.1`,
    20,
  ],
  [
    `Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) ${IOS} Version/17.7 Mobile/15E148 Safari/604.1`,
    3,
  ],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${IOS} Version/18.6 Safari/605.1.15`, 7],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0", 4],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", 2],
  ["Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0", 1],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0`,
    6,
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36 OPR/123.0.0.0`,
    1,
  ],
];

/** @type {[string, number][]} */
const COUNTRIES = [
  ["US", 30],
  ["DE", 18],
  ["GB", 12],
  ["FR", 9],
  ["NL", 6],
  ["CA", 5],
  ["IN", 5],
  ["BR", 4],
  ["ES", 4],
  ["PL", 3],
  ["JP", 2],
  ["AU", 2],
];

/** Address blocks reserved for documentation: nobody's. */
const NETWORKS = ["192.0.2", "198.51.100", "203.0.113"];

/**
 * @param {Random} random
 * @returns {Visitor}
 */
export function newVisitor(random) {
  return {
    anonymousId: `v${random.hex(8)}`,
    userId: undefined,
    context: {
      user_agent: random.weighted(USER_AGENTS),
      ip: `${random.pick(NETWORKS)}.${random.integer(1, 254)}`,
      country: random.weighted(COUNTRIES),
    },
  };
}
