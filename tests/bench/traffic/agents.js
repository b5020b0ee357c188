/**
 * What visitors come with: user agents, each with what our core reads in it, and countries. The
 * weights are like those of a shop in Europe.
 */
import { Weighted } from "./random.js";

/**
 * @typedef {object} Agent
 * @property {string} text
 * @property {string} device
 * @property {string} browser
 * @property {string} os
 */

const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
const LINUX = "Mozilla/5.0 (X11; Linux x86_64)";
const ANDROID = "Mozilla/5.0 (Linux; Android 10; K)";
const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)";

/** @param {string} version */
const iphone = (version) => `Mozilla/5.0 (iPhone; CPU iPhone OS ${version} like Mac OS X)`;

/** @type {[weight: number, text: string, device: string, browser: string, os: string][]} */
const AGENTS = [
  [
    150,
    `${ANDROID} ${WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36`,
    "mobile",
    "chrome",
    "android",
  ],
  [60, `${ANDROID} ${WEBKIT} Chrome/141.0.0.0 Mobile Safari/537.36`, "mobile", "chrome", "android"],
  [16, `${ANDROID} ${WEBKIT} Chrome/139.0.0.0 Mobile Safari/537.36`, "mobile", "chrome", "android"],
  [
    130,
    `${iphone("18_6")} ${APPLE} Version/18.6 Mobile/15E148 Safari/604.1`,
    "mobile",
    "safari",
    "ios",
  ],
  [
    70,
    `${iphone("18_5")} ${APPLE} Version/18.5 Mobile/15E148 Safari/604.1`,
    "mobile",
    "safari",
    "ios",
  ],
  [
    30,
    `${iphone("17_6_1")} ${APPLE} Version/17.6 Mobile/15E148 Safari/604.1`,
    "mobile",
    "safari",
    "ios",
  ],
  [
    12,
    `${iphone("16_7_10")} ${APPLE} Version/16.6 Mobile/15E148 Safari/604.1`,
    "mobile",
    "safari",
    "ios",
  ],
  [
    22,
    `${iphone("18_6")} ${APPLE} CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1`,
    "mobile",
    "chrome",
    "ios",
  ],
  [24, `${iphone("18_6")} ${APPLE} GSA/392.0.825 Mobile/15E148 Safari/604.1`, "mobile", "", "ios"],
  [
    18,
    `${iphone("18_6")} ${APPLE} Mobile/22G86 Instagram 403.0.0.27.81 (iPhone15,4; iOS 18_6; en_GB; en; scale=3.00; 1179x2556; 799823452)`,
    "mobile",
    "",
    "ios",
  ],
  [
    12,
    `${iphone("18_6")} ${APPLE} Mobile/22G86 [FBAN/FBIOS;FBAV/536.0.0.41.80;FBBV/799264951;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/18.6;FBSS/3;FBCR/;FBID/phone;FBLC/en_GB;FBOP/5]`,
    "mobile",
    "",
    "ios",
  ],
  [
    9,
    `Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A.231005.007; wv) ${WEBKIT} Version/4.0 Chrome/141.0.7390.122 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/535.0.0.49.72;]`,
    "mobile",
    "",
    "android",
  ],
  [
    26,
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`,
    "mobile",
    "",
    "android",
  ],
  [
    7,
    "Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0",
    "mobile",
    "firefox",
    "android",
  ],
  [
    4,
    `${ANDROID} ${WEBKIT} Chrome/141.0.0.0 Mobile Safari/537.36 OPR/92.0.0.0`,
    "mobile",
    "opera",
    "android",
  ],
  [120, `${WINDOWS} ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`, "desktop", "chrome", "windows"],
  [48, `${WINDOWS} ${WEBKIT} Chrome/141.0.0.0 Safari/537.36`, "desktop", "chrome", "windows"],
  [9, `${WINDOWS} ${WEBKIT} Chrome/138.0.0.0 Safari/537.36`, "desktop", "chrome", "windows"],
  [
    42,
    `${WINDOWS} ${WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`,
    "desktop",
    "edge",
    "windows",
  ],
  [
    14,
    `${WINDOWS} ${WEBKIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0`,
    "desktop",
    "edge",
    "windows",
  ],
  [
    20,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "desktop",
    "firefox",
    "windows",
  ],
  [
    5,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "desktop",
    "firefox",
    "windows",
  ],
  [
    5,
    `${WINDOWS} ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0`,
    "desktop",
    "opera",
    "windows",
  ],
  [44, `${MAC} ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`, "desktop", "chrome", "macos"],
  [16, `${MAC} ${WEBKIT} Chrome/141.0.0.0 Safari/537.36`, "desktop", "chrome", "macos"],
  [34, `${MAC} ${APPLE} Version/18.6 Safari/605.1.15`, "desktop", "safari", "macos"],
  [12, `${MAC} ${APPLE} Version/17.6 Safari/605.1.15`, "desktop", "safari", "macos"],
  [
    6,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0",
    "desktop",
    "firefox",
    "macos",
  ],
  [3, `${MAC} ${WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`, "desktop", "edge", "macos"],
  [11, `${LINUX} ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`, "desktop", "chrome", "linux"],
  [
    6,
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "desktop",
    "firefox",
    "linux",
  ],
  [
    4,
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36`,
    "desktop",
    "chrome",
    "",
  ],
  [
    14,
    `Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) ${APPLE} Version/18.6 Mobile/15E148 Safari/604.1`,
    "tablet",
    "safari",
    "ios",
  ],
  [
    7,
    `Mozilla/5.0 (Linux; Android 13; SM-X200) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`,
    "tablet",
    "chrome",
    "android",
  ],
];

const COUNTRIES = Object.entries({
  ...{ DE: 240, GB: 130, US: 120, FR: 85, NL: 62, AT: 55, CH: 50, ES: 40, IT: 38, PL: 34 },
  ...{ SE: 28, BE: 24, DK: 20, NO: 17, CA: 16, IE: 13, FI: 12, PT: 11, CZ: 10, IN: 10 },
  ...{ AU: 9, BR: 8, HU: 6, RO: 6, GR: 5, JP: 4, TR: 4, MX: 3, SK: 3, UA: 3, ZA: 2, SG: 2 },
});

const agents = new Weighted(
  AGENTS.map(([, text, device, browser, os]) => ({ text, device, browser, os })),
  (_, i) => AGENTS[i][0],
);
const countries = new Weighted(
  COUNTRIES.map(([code]) => code),
  (_, i) => COUNTRIES[i][1],
);

/**
 * @param {import("./random.js").Random} random
 * @returns {Agent}
 */
export const anAgent = (random) => agents.pick(random);

/**
 * @param {import("./random.js").Random} random
 * @returns {string} its two letters
 */
export const aCountry = (random) => countries.pick(random);
