/**
 * How sessions begin: what an advertisement, a newsletter or another site adds to the first page's
 * address, which referrer it leaves, and what the source classifier makes of both.
 */
import { Weighted } from "./random.js";

/**
 * @typedef {import("./random.js").Random} Random
 *
 * @typedef {object} Attribution
 * @property {string} source
 * @property {string} medium
 * @property {string | null} campaign
 * @property {string} confidence
 * @property {string} rule
 *
 * @typedef {object} Landing
 * @property {string} query with its "?", or empty
 * @property {string | null} referrer
 * @property {Attribution} attribution
 */

/**
 * @param {string} rule
 * @param {string} source
 * @param {string} medium
 * @param {string} confidence
 * @param {string | null} [campaign]
 * @returns {Attribution}
 */
const attributed = (rule, source, medium, confidence, campaign = null) => ({
  source,
  medium,
  campaign,
  confidence,
  rule,
});

/** A page that was reached from another one of the site. */
export const INTERNAL = attributed("internal", "internal", "direct", "high");

const SEARCH_CAMPAIGNS = [
  "brand_eu",
  "brand_uk",
  "generic_tents",
  "generic_backpacks",
  "competitor",
  "pmax_shopping",
  "dsa_all",
  "remarketing",
];
const SOCIAL_CAMPAIGNS = [
  "prospecting_video_q4",
  "retargeting_cart",
  "lookalike_3pct",
  "winter_sale",
  "new_arrivals",
  "advantage_plus",
];
const LETTERS = [
  "weekly_46",
  "weekly_47",
  "weekly_48",
  "weekly_49",
  "weekly_50",
  "weekly_51",
  "black_friday",
  "cyber_monday",
  "welcome_1",
  "welcome_2",
  "winback",
];
const PARTNERS = ["outdoorguide", "alpineclub", "hutfinder", "trailmag", "gearlab"];

/** Sites that link here and are nothing that the classifier knows; the first link most. */
const REFERRALS = [
  "gearjunkies.example",
  "bergwelten.example",
  "trailtalk.example",
  "ultralight-forum.example",
  "campingblog.example",
  "dealhunter.example",
  "hikingbuddies.example",
  "rei-alternatives.example",
  "backpackinglight.example",
  "vanlifers.example",
  "couponshark.example",
  "wintersport.example",
  "alpenverein-sektion.example",
  "scoutshop.example",
  "familyoutdoors.example",
  "mountainweather.example",
];
const referrals = new Weighted(REFERRALS, (_, i) => 1 / (i + 1));

/**
 * @param {string} source
 * @param {string} medium
 * @param {string} [campaign]
 */
const utm = (source, medium, campaign) =>
  `?utm_source=${source}&utm_medium=${medium}` +
  (campaign === undefined ? "" : `&utm_campaign=${campaign}`);

/** @param {Random} random */
const gclid = (random) => `Cj0KCQ${random.token(66)}EALw_wcB`;

/** @param {Random} random */
const fbclid = (random) => `IwY2xjaw${random.token(58)}_aem_${random.token(22)}`;

/** @param {Random} random */
const hex32 = (random) => random.uuid().replaceAll("-", "");

/**
 * @param {string} rule
 * @param {string} source
 * @param {string} medium
 * @param {string[]} referrers
 * @returns {(random: Random) => Landing}
 */
function linked(rule, source, medium, referrers) {
  const landings = referrers.map((referrer) => ({
    query: "",
    referrer,
    attribution: attributed(rule, source, medium, "medium"),
  }));
  return (random) => random.pick(landings);
}

/** @type {[weight: number, make: (random: Random) => Landing][]} */
const LANDINGS = [
  [
    270,
    () => ({
      query: "",
      referrer: null,
      attribution: attributed("direct", "direct", "direct", "high"),
    }),
  ],
  [
    225,
    linked("ref_search", "google", "organic", [
      "https://www.google.com/",
      "https://www.google.com/",
      "https://www.google.de/",
    ]),
  ],
  [34, linked("ref_search", "bing", "organic", ["https://www.bing.com/"])],
  [20, linked("ref_search", "duckduckgo", "organic", ["https://duckduckgo.com/"])],
  [9, linked("ref_search", "ecosia", "organic", ["https://www.ecosia.org/"])],
  [
    5,
    linked("ref_search", "yahoo", "organic", [
      "https://search.yahoo.com/",
      "https://de.search.yahoo.com/",
    ]),
  ],
  [
    105,
    (random) => {
      const campaign = random.pick(SEARCH_CAMPAIGNS);
      const query = `${utm("google", "cpc", campaign)}&gad_source=1&gclid=${gclid(random)}`;
      const attribution = attributed("gclid", "google", "paid", "high", campaign);
      return { query, referrer: "https://www.google.com/", attribution };
    },
  ],
  [
    12,
    (random) => ({
      query: `?msclkid=${hex32(random)}`,
      referrer: "https://www.bing.com/",
      attribution: attributed("msclkid", "bing", "paid", "high"),
    }),
  ],
  [
    14,
    (random) => ({
      query: `?ttclid=E.C.P.${random.token(72)}`,
      referrer: "https://www.tiktok.com/",
      attribution: attributed("ttclid", "tiktok", "paid", "high"),
    }),
  ],
  [
    4,
    (random) => ({
      query: `?li_fat_id=${random.uuid()}`,
      referrer: "https://www.linkedin.com/",
      attribution: attributed("li_fat_id", "linkedin", "paid", "high"),
    }),
  ],
  [
    38,
    (random) => ({
      query: `?fbclid=${fbclid(random)}`,
      referrer: random.pick(["https://l.facebook.com/", "https://lm.facebook.com/"]),
      attribution: attributed("fb_ad_redirect", "facebook", "paid", "high"),
    }),
  ],
  [
    30,
    (random) => {
      const campaign = random.pick(SOCIAL_CAMPAIGNS);
      const source = random.pick(["facebook", "instagram", "ig", "fb"]);
      const name = source === "fb" || source === "facebook" ? "facebook" : "instagram";
      return {
        query: `${utm(source, "paid_social", campaign)}&fbclid=${fbclid(random)}`,
        referrer: random.chance(0.5) ? null : `https://www.${name}.com/`,
        attribution: attributed("fbclid_utm", name, "paid", "high", campaign),
      };
    },
  ],
  [
    8,
    (random) => {
      const campaign = random.pick(SOCIAL_CAMPAIGNS);
      const attribution = attributed("utm_paid", "pinterest", "paid", "high", campaign);
      return { query: utm("pinterest", "cpc", campaign), referrer: null, attribution };
    },
  ],
  [
    66,
    (random) => {
      const campaign = random.pick(LETTERS);
      const attribution = attributed("utm", "newsletter", "email", "high", campaign);
      return { query: utm("newsletter", "email", campaign), referrer: null, attribution };
    },
  ],
  [
    18,
    (random) => {
      const partner = random.pick(PARTNERS);
      const attribution = attributed("utm", partner, "affiliate", "high");
      return {
        query: utm(partner, "affiliate"),
        referrer: `https://www.${partner}.example/`,
        attribution,
      };
    },
  ],
  [
    16,
    () => ({
      query: "?utm_source=chatgpt.com",
      referrer: "https://chatgpt.com/",
      attribution: attributed("utm", "chatgpt.com", "unknown", "high"),
    }),
  ],
  [6, linked("ref_ai", "perplexity", "ai", ["https://www.perplexity.ai/"])],
  [5, linked("ref_ai", "gemini", "ai", ["https://gemini.google.com/"])],
  [3, linked("ref_ai", "claude", "ai", ["https://claude.ai/"])],
  [
    24,
    linked("ref_facebook", "facebook", "social", [
      "https://m.facebook.com/",
      "https://www.facebook.com/",
    ]),
  ],
  [
    22,
    linked("ref_instagram", "instagram", "social", [
      "https://l.instagram.com/",
      "https://www.instagram.com/",
    ]),
  ],
  [
    12,
    linked("ref_social", "reddit", "social", [
      "https://www.reddit.com/",
      "https://old.reddit.com/",
    ]),
  ],
  [
    11,
    linked("ref_social", "youtube", "social", [
      "https://www.youtube.com/",
      "https://m.youtube.com/",
    ]),
  ],
  [8, linked("ref_social", "twitter", "social", ["https://t.co/", "https://x.com/"])],
  [6, linked("ref_social", "linkedin", "social", ["https://www.linkedin.com/"])],
  [
    9,
    linked("ref_social", "pinterest", "social", [
      "https://www.pinterest.com/",
      "https://www.pinterest.de/",
    ]),
  ],
  [4, linked("ref_social", "tiktok", "social", ["https://www.tiktok.com/"])],
  [
    7,
    linked("ref_email", "email", "email", [
      "https://mail.google.com/",
      "https://outlook.live.com/",
    ]),
  ],
  [
    42,
    (random) => {
      const host = referrals.pick(random);
      const referrer = `https://${random.chance(0.5) ? "www." : ""}${host}/`;
      return { query: "", referrer, attribution: attributed("referral", host, "referral", "low") };
    },
  ],
];

const landings = new Weighted(LANDINGS, ([weight]) => weight);

/**
 * @param {Random} random
 * @returns {Landing}
 */
export const aLanding = (random) => landings.pick(random)[1](random);
