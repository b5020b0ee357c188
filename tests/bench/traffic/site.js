/**
 * The site that is visited: a shop with a magazine and a handbook, some thousand pages, of which a
 * few have most of the visits.
 */
import { Random, Weighted } from "./random.js";

export const ORIGIN = "https://www.alpenglow.example";

const CATEGORIES = [
  "tents",
  "backpacks",
  "sleeping-bags",
  "jackets",
  "trousers",
  "boots",
  "climbing",
  "stoves",
  "lights",
  "navigation",
  "bottles",
  "hammocks",
  "socks",
  "gloves",
  "skis",
  "snowshoes",
  "poles",
  "kids",
  "sale",
  "new",
];
const MAKERS = [
  "alto",
  "borealis",
  "cirrus",
  "drift",
  "eiger",
  "fjall",
  "grat",
  "hochtal",
  "isar",
  "karwendel",
  "lumen",
  "moraine",
  "nordwand",
  "orion",
];
const MODELS = [
  "light",
  "pro",
  "trek",
  "ultra",
  "classic",
  "x2",
  "x3",
  "storm",
  "summit",
  "nano",
  "plus",
  "zero",
  "evo",
];
const TOPICS = [
  "how-to-choose",
  "the-best",
  "caring-for",
  "packing",
  "repairing",
  "a-weekend-with",
  "why-we-love",
  "ten-mistakes-with",
  "testing",
  "a-guide-to",
];
const THINGS = [
  "a-winter-tent",
  "light-backpacks",
  "down-jackets",
  "trail-shoes",
  "a-hut-tour",
  "gas-stoves",
  "merino-layers",
  "headlamps",
  "a-first-via-ferrata",
  "ski-touring-gear",
  "sleeping-mats",
  "rain-gear",
  "a-bivouac",
  "climbing-ropes",
  "hiking-with-children",
  "long-distance-trails",
  "water-filters",
  "crampons",
  "avalanche-safety",
  "maps-and-compasses",
];
const CHAPTERS = [
  "orders",
  "shipping",
  "returns",
  "warranty",
  "sizes",
  "materials",
  "payments",
  "account",
  "rental",
  "club",
];
const QUESTIONS = [
  "overview",
  "costs",
  "times",
  "abroad",
  "changes",
  "exchange",
  "problems",
  "tracking",
  "invoices",
  "contact",
  "gift-cards",
  "repairs",
];

/** Pages that every site has, with their share of the visits, in thousandths. */
const MAIN = /** @type {[path: string, share: number][]} */ ([
  ["/", 140],
  ["/products", 45],
  ["/sale", 34],
  ["/magazine", 22],
  ["/pricing", 18],
  ["/search", 16],
  ["/login", 12],
  ["/cart", 10],
  ["/help", 9],
  ["/about", 7],
  ["/stores", 6],
  ["/club", 6],
  ["/contact", 4],
  ["/careers", 2],
]);

function tail() {
  const products = CATEGORIES.flatMap((category) =>
    MAKERS.flatMap((maker) =>
      MODELS.slice(0, 9).map((model) => `/products/${category}/${maker}-${model}`),
    ),
  );
  const categories = CATEGORIES.map((category) => `/products/${category}`);
  const articles = TOPICS.flatMap((topic) => THINGS.map((thing) => `/magazine/${topic}-${thing}`));
  const help = CHAPTERS.flatMap((chapter) =>
    QUESTIONS.map((question) => `/help/${chapter}/${question}`),
  );
  // Whatever the kind of a page, a few are favourites.
  return new Random(1).shuffled([...categories, ...products, ...articles, ...help]);
}

const TAIL = tail();
/** Zipf's law, as it is found for pages. */
const SHARE_OF_RANK = (/** @type {number} */ rank) => (rank + 3) ** -0.95;
const TAIL_SHARE = 1000 - MAIN.reduce((sum, [, share]) => sum + share, 0);
const TAIL_SUM = TAIL.reduce((sum, _, rank) => sum + SHARE_OF_RANK(rank), 0);

/** @type {[path: string, share: number][]} */
const PAGES = [
  ...MAIN,
  ...TAIL.map(
    (path, rank) =>
      /** @type {[string, number]} */ ([path, (SHARE_OF_RANK(rank) / TAIL_SUM) * TAIL_SHARE]),
  ),
];
const pages = new Weighted(
  PAGES.map(([path]) => path),
  (_, i) => PAGES[i][1],
);

const SEARCHES = [
  "tent+2+person",
  "rain+jacket",
  "gore-tex",
  "merino",
  "headlamp",
  "sleeping+bag+-10",
  "trail+running",
  "gas",
  "carbon+poles",
  "size+chart",
  "gift+card",
  "hut+slippers",
];
const SORTS = ["price", "-price", "rating", "new"];

/**
 * @param {import("./random.js").Random} random
 * @returns {string} a page's path
 */
export const aPath = (random) => pages.pick(random);

/**
 * @param {import("./random.js").Random} random
 * @param {string} path
 * @returns {string} what a click inside the site adds to the address; mostly nothing
 */
export function innerQuery(random, path) {
  if (path === "/search") return `?q=${random.pick(SEARCHES)}`;
  if (!path.startsWith("/products/") || path.indexOf("/", 10) > 0) return "";
  const dice = random.unit();
  if (dice < 0.25) return `?page=${random.integer(2, 6)}`;
  return dice < 0.4 ? `?sort=${random.pick(SORTS)}` : "";
}
