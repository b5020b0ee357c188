#include "random_events.h"

namespace millimetric::store {
namespace {

constexpr std::string_view names[] = {"$pageview", "signup", "purchase", "$identify",
                                      "it's \"odd\""};
constexpr std::string_view sources[] = {"google", "facebook", "direct", "\xC3\xA9t\xC3\xA9", ""};
constexpr std::string_view mediums[] = {"paid", "organic", "social", "direct"};
constexpr std::string_view paths[] = {"/", "/pricing", "/a'b", "/\xE2\x98\x83"};
constexpr std::string_view countries[] = {"DE", "US", "FR"};
constexpr std::string_view devices[] = {"mobile", "desktop"};
constexpr std::string_view browsers[] = {"chrome", "safari", ""};
constexpr std::string_view systems[] = {"windows", "ios", ""};

}  // namespace

millis random_world::time() {
  const auto t =
      first + static_cast<millis>(random_.next() % static_cast<std::uint64_t>(last - first));
  switch (below(8)) {
    case 0: return floor_hour(t);
    case 1: return floor_day(t);
    case 2: return floor_week(t);
    case 3: return std::max(first, floor_month(t));
    case 4: return floor_day(t) + day_ms - 1;
    default: return t;
  }
}

// Of a page of the site; the one that somebody came from is one of these, mostly.
std::string random_world::url_of(std::string_view path) {
  std::string out = "https://x.example" + std::string(path);
  return one_in(2) ? out : out + "?page=" + std::to_string(below(5));
}

event::record random_world::event() {
  event::record r;
  const std::string n = std::to_string(++events_);
  r.timestamp = time();
  r.event_name = pick(names);
  r.event_id = "event-" + n;
  r.anonymous_id = "visitor-" + std::to_string(below(12));
  r.user_id = one_in(3) ? std::optional("user-" + std::to_string(below(6))) : std::nullopt;
  r.session_id = r.anonymous_id + "-" + std::to_string(below(3));
  r.source = pick(sources);
  r.medium = pick(mediums);
  r.campaign = maybe("campaign-" + std::to_string(below(2)));
  r.source_confidence = "high";
  r.source_rule_id = "utm";
  r.country = maybe(std::string(pick(countries)));
  r.device_type = maybe(std::string(pick(devices)));
  r.browser = pick(browsers);
  r.os = pick(systems);
  r.path = maybe(std::string(pick(paths)));
  r.url = maybe(url_of(r.path.value_or("/")));
  r.referrer = maybe(one_in(4) ? "https://r.example/?q='" : url_of(pick(paths)));
  r.properties = one_in(2) ? "{}" : R"({"n":)" + n + R"(,"t":"it's"})";
  r.ip_hash = maybe("00ff");
  return r;
}

query::scope random_world::scope() {
  query::scope out;
  const millis a = time();
  const millis b = time();
  // The edges of hours, days, and so on are the times of many events: with them and without.
  out.range.from = std::min(a, b);
  out.range.to = std::max(std::max(a, b) + static_cast<millis>(below(2)), out.range.from + 1);
  if (one_in(4)) out.range = {first, last};
  const auto some = [&](query::column c, auto& list) {
    if (!one_in(6)) return;
    query::filter f{c, {std::string(pick(list))}};
    while (one_in(2)) f.any_of.emplace_back(pick(list));
    out.filters.push_back(std::move(f));
  };
  some(query::column::event_name, names);
  some(query::column::source, sources);
  some(query::column::medium, mediums);
  some(query::column::country, countries);
  some(query::column::device_type, devices);
  some(query::column::browser, browsers);
  some(query::column::os, systems);
  some(query::column::path, paths);
  if (one_in(8)) out.filters.push_back({query::column::campaign, {"campaign-0"}});
  if (one_in(8)) out.filters.push_back({query::column::user_id, {"user-1", "user-2", "it's"}});
  if (one_in(8)) out.filters.push_back({query::column::anonymous_id, {"visitor-3", "nobody"}});
  return out;
}

query::aggregate_question random_world::aggregate() {
  query::aggregate_question q;
  q.in = scope();
  q.of = static_cast<query::metric>(below(4));
  q.every = static_cast<query::interval>(below(5));
  q.merges = one_in(2);
  q.paid = one_in(3);
  const bool of_pages = one_in(4);  // about nothing but names and paths
  const auto belongs = [&](query::column c) {
    return !of_pages || c == query::column::event_name || c == query::column::path;
  };
  std::erase_if(q.in.filters, [&](const query::filter& f) { return !belongs(f.col); });
  for (const query::column_entry& c : query::columns)
    if (c.groups && belongs(c.col) && q.group_by.size() < 3 && one_in(of_pages ? 2 : 5))
      q.group_by.push_back(c.col);
  return q;
}

query::funnel_question random_world::funnel() {
  query::funnel_question q;
  q.in = scope();
  if (one_in(2)) q.in.filters.clear();
  const std::size_t steps = 2 + below(3);
  for (std::size_t k = 0; k < steps; ++k) {
    query::funnel_step& step = q.steps.emplace_back();
    step.event = pick(names);
    if (one_in(4)) step.path = std::string(pick(paths));
  }
  if (one_in(2)) q.window = static_cast<millis>(1 + below(20)) * day_ms;
  q.by = static_cast<query::identity>(below(3));
  constexpr query::column groups[] = {query::column::source, query::column::country,
                                      query::column::path, query::column::event_name};
  if (one_in(2)) q.group_by = pick(groups);
  return q;
}

query::page_question random_world::page(std::int64_t arrivals) {
  query::page_question q;
  q.in = scope();
  q.limit = static_cast<std::uint32_t>(1 + below(one_in(3) ? 1000 : 20));
  if (one_in(2))
    q.after = query::position{
        time(), static_cast<std::int64_t>(below(static_cast<std::size_t>(arrivals) + 1))};
  return q;
}

}  // namespace millimetric::store
