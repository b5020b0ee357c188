/**
 * Where the demo's visits come from: for each rule of the source classifier a landing that makes
 * exactly that rule fire. `internal` is missing on purpose: it is every further page of a visit.
 */

/** @typedef {import('./random.js').Random} Random */

/**
 * @typedef {object} Landing
 * @property {string} rule the classifier's rule id
 * @property {number} weight how common it is among visits
 * @property {(random: Random) => { query?: string, referrer?: string }} make what is added to the
 *   landing page's URL, and the page that linked to it
 */

const CAMPAIGNS = ["spring", "mugs", "gifts"];

/** A click id, shorter than the real ones: answers cost a model tokens. */
const id = (/** @type {Random} */ random) => random.hex(8);

/**
 * @param {Record<string, string>} values
 * @param {Random} [random] adds a campaign
 */
function utm(values, random) {
  const all = random ? { ...values, campaign: random.pick(CAMPAIGNS) } : values;
  return Object.entries(all)
    .map(([name, value]) => `utm_${name}=${value}`)
    .join("&");
}

/** @type {Landing[]} */
export const LANDINGS = [
  {
    rule: "gclid",
    weight: 9,
    make: (random) => ({
      query: `gclid=${id(random)}&${utm({}, random)}`,
      referrer: "https://www.google.com/",
    }),
  },
  {
    rule: "msclkid",
    weight: 3,
    make: (random) => ({ query: `msclkid=${id(random)}`, referrer: "https://www.bing.com/" }),
  },
  {
    rule: "ttclid",
    weight: 3,
    make: (random) => ({ query: `ttclid=${id(random)}`, referrer: "https://www.tiktok.com/" }),
  },
  {
    rule: "li_fat_id",
    weight: 1,
    make: (random) => ({ query: `li_fat_id=${id(random)}` }),
  },
  {
    rule: "fb_ad_redirect",
    weight: 5,
    make: (random) => ({
      query: `fbclid=${id(random)}`,
      referrer: random.pick(["https://l.facebook.com/", "https://lm.facebook.com/"]),
    }),
  },
  {
    rule: "fbclid_utm",
    weight: 4,
    make: (random) => ({
      query: `fbclid=${id(random)}&${utm({ source: random.pick(["fb", "ig", "meta"]), medium: "paid" }, random)}`,
    }),
  },
  {
    rule: "utm_paid_facebook",
    weight: 3,
    make: (random) => ({ query: utm({ source: "facebook", medium: "paid_social" }, random) }),
  },
  {
    rule: "utm_paid_instagram",
    weight: 2,
    make: (random) => ({ query: utm({ source: "instagram", medium: "paid_social" }, random) }),
  },
  {
    rule: "utm_paid",
    weight: 2,
    make: (random) => ({
      query: utm({ source: random.pick(["reddit", "pinterest"]), medium: "cpc" }, random),
    }),
  },
  {
    rule: "utm_paid_unknown",
    weight: 1,
    make: () => ({ query: utm({ medium: "display" }) }),
  },
  {
    rule: "fbclid",
    weight: 2,
    make: (random) => ({ query: `fbclid=${id(random)}`, referrer: "https://m.facebook.com/" }),
  },
  {
    rule: "utm",
    weight: 8,
    make: (random) => ({
      query: utm({ source: random.pick(["newsletter", "partner"]), medium: "email" }, random),
    }),
  },
  {
    rule: "ref_facebook",
    weight: 5,
    make: (random) => ({
      referrer: random.pick(["https://www.facebook.com/", "https://m.facebook.com/"]),
    }),
  },
  {
    rule: "ref_instagram",
    weight: 4,
    make: () => ({ referrer: "https://l.instagram.com/" }),
  },
  {
    rule: "ref_social",
    weight: 6,
    make: (random) => ({
      referrer: random.pick([
        "https://t.co/",
        "https://www.reddit.com/",
        "https://www.linkedin.com/",
        "https://www.youtube.com/",
        "https://www.pinterest.com/",
      ]),
    }),
  },
  {
    rule: "ref_ai",
    weight: 7,
    make: (random) => ({
      referrer: random.weighted([
        ["https://chatgpt.com/", 5],
        ["https://claude.ai/", 4],
        ["https://www.perplexity.ai/", 2],
        ["https://gemini.google.com/", 2],
        ["https://copilot.microsoft.com/", 1],
      ]),
    }),
  },
  {
    rule: "ref_search",
    weight: 18,
    make: (random) => ({
      referrer: random.weighted([
        ["https://www.google.com/", 12],
        ["https://www.bing.com/", 3],
        ["https://duckduckgo.com/", 3],
        ["https://www.ecosia.org/", 1],
      ]),
    }),
  },
  {
    rule: "ref_email",
    weight: 2,
    make: (random) => ({
      referrer: random.pick(["https://mail.google.com/", "https://outlook.live.com/"]),
    }),
  },
  { rule: "direct", weight: 16, make: () => ({}) },
  {
    rule: "referral",
    weight: 4,
    make: (random) => ({
      referrer: random.pick(["https://gifts.example/", "https://www.crafts.example/top"]),
    }),
  },
];
