/** The demo's events and control plane: the same everywhere, complete, and never in the future. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { DEMO, controlSql, keyText } from "../../scripts/demo/control.js";
import { demoEvents, utcMidnight } from "../../scripts/demo/events.js";
import { LANDINGS } from "../../scripts/demo/landings.js";
import { Random } from "../../scripts/demo/random.js";

/** @typedef {import("../../scripts/demo/visit.js").DemoEvent} DemoEvent */

const DAY = 86_400_000;
const MIDNIGHT = Date.UTC(2026, 2, 14);
const SITES = /** @type {const} */ (["shop", "blog"]);

/** @type {Record<"shop" | "blog", DemoEvent[]>} */
const events = { shop: demoEvents("shop", MIDNIGHT), blog: demoEvents("blog", MIDNIGHT) };

/** @param {DemoEvent[]} list */
function counts(list) {
  /** @type {Record<string, number>} */
  const result = {};
  for (const { event } of list) result[event] = (result[event] ?? 0) + 1;
  return result;
}

/** @param {DemoEvent[]} list @param {number} from milliseconds before midnight */
function since(list, from) {
  return list.filter(({ timestamp }) => Date.parse(timestamp) >= MIDNIGHT - from);
}

/**
 * The classifier's rules as the contract has them, for the hosts that the demo uses.
 * @param {Pick<DemoEvent, "url" | "referrer">} event
 * @returns {string} the rule's id
 */
function ruleOf({ url, referrer }) {
  const page = new URL(url);
  const query = page.searchParams;
  const host = referrer ? new URL(referrer).hostname : "";
  const source = query.get("utm_source");
  const names = (/** @type {string[]} */ ...list) => source !== null && list.includes(source);
  const paid = ["cpc", "paid", "paid_social", "display"].includes(query.get("utm_medium") ?? "");
  for (const id of ["gclid", "msclkid", "ttclid", "li_fat_id"]) if (query.has(id)) return id;
  if (query.has("fbclid")) {
    if (/^lm?\.facebook\.com$/.test(host)) return "fb_ad_redirect";
    return names("facebook", "fb", "instagram", "ig", "meta") ? "fbclid_utm" : "fbclid";
  }
  if (paid) {
    if (names("facebook", "fb", "meta")) return "utm_paid_facebook";
    if (names("instagram", "ig")) return "utm_paid_instagram";
    return source === null ? "utm_paid_unknown" : "utm_paid";
  }
  if (source !== null) return "utm";
  if (/facebook\.com$/.test(host)) return "ref_facebook";
  if (/instagram\.com$/.test(host)) return "ref_instagram";
  if (/^t\.co$|(reddit|linkedin|youtube|pinterest)\.com$/.test(host)) return "ref_social";
  if (/chatgpt|claude|perplexity|gemini|copilot/.test(host)) return "ref_ai";
  if (/^mail\.|^outlook\./.test(host)) return "ref_email";
  if (/google|bing|duckduckgo|ecosia/.test(host)) return "ref_search";
  if (host === page.hostname) return "internal";
  return host === "" ? "direct" : "referral";
}

test("the same day gives the same bytes", () => {
  for (const site of SITES) {
    assert.equal(JSON.stringify(demoEvents(site, MIDNIGHT)), JSON.stringify(events[site]));
  }
});

test("another day gives the same events, shifted", () => {
  const shift = 5 * DAY;
  for (const site of SITES) {
    const moved = demoEvents(site, MIDNIGHT + shift).map((event) => ({
      ...event,
      timestamp: new Date(Date.parse(event.timestamp) - shift).toISOString(),
    }));
    assert.deepEqual(moved, events[site]);
  }
});

test("midnight is the UTC day's", () => {
  assert.equal(utcMidnight(MIDNIGHT), MIDNIGHT);
  assert.equal(utcMidnight(MIDNIGHT + DAY - 1), MIDNIGHT);
});

test("there are some thousands of events, in order, of the 60 days before midnight", () => {
  assert.ok(events.shop.length > 2800 && events.shop.length < 3400, `${events.shop.length}`);
  assert.ok(events.blog.length > 1800 && events.blog.length < 2200, `${events.blog.length}`);
  for (const site of SITES) {
    const times = events[site].map(({ timestamp }) => Date.parse(timestamp));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.ok(times[0] >= MIDNIGHT - 60 * DAY);
    assert.ok(times[times.length - 1] < MIDNIGHT);
    const days = new Set(times.map((time) => Math.floor(time / DAY)));
    assert.equal(days.size, 60, "every day has events");
  }
});

test("event ids are unique within both sites", () => {
  const ids = SITES.flatMap((site) => events[site].map(({ event_id }) => event_id));
  assert.equal(new Set(ids).size, ids.length);
});

test("each landing makes the rule fire that it names", () => {
  assert.equal(LANDINGS.length, 20);
  const random = new Random(1);
  for (const { rule, make } of LANDINGS) {
    for (let round = 0; round < 50; round++) {
      const { query, referrer } = make(random);
      assert.equal(ruleOf({ url: `https://shop.example/?${query ?? ""}`, referrer }), rule);
    }
  }
});

test("every rule of the classifier fires in the Shop's last week, and often over 60 days", () => {
  // Six full days: they are within the last seven at any time of the day of seeding.
  const lately = new Set(since(events.shop, 6 * DAY).map(ruleOf));
  const rules = [...LANDINGS.map(({ rule }) => rule), "internal"];
  assert.deepEqual([...lately].sort(), rules.toSorted());
  for (const rule of rules) {
    const count = events.shop.filter((event) => ruleOf(event) === rule).length;
    assert.ok(count >= 10, `${rule}: ${count}`);
  }
});

test("the last seven days are the same from half past midnight on", () => {
  for (const site of SITES) {
    const after = since(events[site], 7 * DAY - 30 * 60_000);
    assert.deepEqual(after, since(events[site], 6 * DAY));
    assert.ok(since(events[site], 7 * DAY).length > after.length);
  }
});

test("the Shop sells, and its signup funnel loses visitors at every step", () => {
  const shop = counts(events.shop);
  for (const [more, fewer] of [
    ["$pageview", "product_viewed"],
    ["product_viewed", "add_to_cart"],
    ["add_to_cart", "checkout_started"],
    ["checkout_started", "purchase"],
    ["$pageview", "signup_started"],
    ["signup_started", "signup"],
  ]) {
    assert.ok(shop[more] > shop[fewer], `${more} ${shop[more]}, ${fewer} ${shop[fewer]}`);
  }
  assert.ok(shop.purchase > 50 && shop.signup > 40);
  assert.equal(shop.$identify, shop.signup);
  const purchase = events.shop.find(({ event }) => event === "purchase");
  assert.deepEqual(Object.keys(purchase?.properties ?? {}), ["price", "currency", "items"]);
});

test("a visitor who signed up keeps that user id", () => {
  /** @type {Map<string, string>} */
  const users = new Map();
  for (const { event, anonymous_id, user_id } of events.shop) {
    if (event === "$identify") assert.ok(user_id);
    if (user_id === undefined) continue;
    assert.equal(users.get(anonymous_id) ?? user_id, user_id);
    users.set(anonymous_id, user_id);
  }
  assert.equal(new Set(users.values()).size, users.size);
});

test("the Blog has its own events", () => {
  assert.deepEqual(Object.keys(counts(events.blog)).sort(), [
    "$pageview",
    "article_read",
    "comment_posted",
    "newsletter_signup",
  ]);
});

test("visitors come from several countries and with several browsers", () => {
  for (const site of SITES) {
    const contexts = events[site].map(({ context }) => context);
    assert.ok(new Set(contexts.map(({ country }) => country)).size >= 10);
    assert.ok(new Set(contexts.map(({ user_agent }) => user_agent)).size >= 10);
  }
});

test("the control plane's SQL holds every row once, and no secret", () => {
  const sql = controlSql("pepper", MIDNIGHT).split("\n");
  assert.equal(sql.length, 4 + 4 + 13);
  assert.equal(new Set(sql).size, sql.length);
  const hash = createHmac("sha256", "pepper").update("local-development-only-secret").digest("hex");
  assert.equal(sql.filter((line) => line.includes(hash)).length, 13);
  assert.ok(!sql.some((line) => line.includes("development-only")));
});

test("the demo's keys are the contract's", () => {
  const keys = DEMO.flatMap((account) => account.keys.map(keyText));
  assert.equal(keys[0], "pk_live_shoppk01_local-development-only-secret");
  for (const key of keys) assert.match(key, /^(pk|sk|rk|ak)_live_[A-Za-z0-9]{8}_[\w-]{24,64}$/);
  assert.equal(new Set(keys).size, 13);
});
