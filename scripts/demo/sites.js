/** The two demo sites: how visitors move through them. */

/** @typedef {import('./visit.js').Visit} Visit */
/** @typedef {{ query?: string, referrer?: string }} Source */

/**
 * @typedef {object} Site
 * @property {string} origin
 * @property {number} seed
 * @property {number} visitsPerDay on average
 * @property {(visit: Visit, source: Source, userNumber: () => number) => void} browse
 */

/** @type {[string, number][]} products and their prices in euros */
const PRODUCTS = [
  ["mug", 14],
  ["lamp", 59],
  ["desk", 240],
  ["pen", 6],
  ["bag", 45],
];

/** @type {[string, number][]} articles and how often they are the landing page */
const ARTICLES = [
  ["/", 3],
  ["/mcp", 6],
  ["/wasm", 4],
  ["/sqlite", 4],
  ["/edge", 2],
  ["/about", 1],
];

/** @type {Record<'shop' | 'blog', Site>} */
export const SITES = {
  shop: { origin: "https://shop.example", seed: 0x5404, visitsPerDay: 10.2, browse: browseShop },
  blog: { origin: "https://blog.example", seed: 0xb109, visitsPerDay: 11, browse: browseBlog },
};

/**
 * Two in three land on a product, where the cart opens beside the page, and every landing has a box
 * to sign up in: what they do there carries the landing's URL and referrer, and so its source.
 * @type {Site['browse']}
 */
function browseShop(visit, source, userNumber) {
  const { random } = visit;
  let product = random.pick(PRODUCTS);
  if (random.chance(0.65)) {
    visit.land(`/p/${product[0]}`, source);
    viewProduct(visit, product);
  } else {
    visit.land(random.pick(["/", "/", "/sale"]), source);
  }
  const joins = visit.visitor.userId === undefined && random.chance(0.26);
  const inBox = joins && random.chance(0.6);
  if (inBox) fillInSignUp(visit, userNumber);
  for (let pages = random.integer(0, 2); pages > 0; pages--) {
    product = random.pick(PRODUCTS);
    visit.open(`/p/${product[0]}`);
    viewProduct(visit, product);
  }
  if (!joins || inBox) return;
  visit.open("/signup");
  fillInSignUp(visit, userNumber);
}

/**
 * @param {Visit} visit
 * @param {[string, number]} product
 */
function viewProduct(visit, [product, price]) {
  const { random } = visit;
  visit.wait(3, 12);
  visit.track("product_viewed", { product, price });
  if (!random.chance(0.24)) return;
  visit.wait(10, 60);
  visit.track("add_to_cart", { product, price });
  if (!random.chance(0.6)) return;
  const items = random.weighted([
    [1, 7],
    [2, 2],
    [3, 1],
  ]);
  visit.wait(10, 60);
  visit.track("checkout_started", { items });
  if (!random.chance(0.62)) return;
  visit.wait(30, 180);
  visit.track("purchase", { price: price * items, currency: "EUR", items });
}

/**
 * @param {Visit} visit
 * @param {() => number} userNumber
 */
function fillInSignUp(visit, userNumber) {
  const { random } = visit;
  if (!random.chance(0.8)) return;
  visit.wait(5, 25);
  visit.track("signup_started");
  if (!random.chance(0.55)) return;
  visit.wait(20, 120);
  visit.visitor.userId = `u${userNumber()}`;
  visit.track("signup", { method: random.pick(["email", "email", "google"]) });
  visit.track("$identify", { newsletter: random.chance(0.4) });
}

/** @type {Site['browse']} */
function browseBlog(visit, source) {
  const { random } = visit;
  let path = random.weighted(ARTICLES);
  visit.land(path, source);
  for (let more = random.integer(0, 2); ; more--) {
    if (path !== "/" && random.chance(0.5)) {
      visit.wait(40, 240);
      visit.track("article_read", { article: path.slice(1) });
      if (random.chance(0.12)) visit.track("newsletter_signup");
      if (random.chance(0.06)) {
        visit.wait(60, 200);
        visit.track("comment_posted", { words: random.integer(5, 90) });
      }
    }
    if (more === 0) return;
    path = random.weighted(ARTICLES);
    visit.open(path);
  }
}
