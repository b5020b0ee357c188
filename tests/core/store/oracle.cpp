#include "oracle.h"

#include <algorithm>
#include <set>

namespace millimetric::store {
namespace {

using optional_text = std::optional<std::string>;
using query::stored_event;

optional_text value(const event::record& r, query::column c) {
  switch (c) {
    case query::column::event_name: return r.event_name;
    case query::column::source: return r.source;
    case query::column::medium: return r.medium;
    case query::column::campaign: return r.campaign;
    case query::column::country: return r.country;
    case query::column::device_type: return r.device_type;
    case query::column::browser: return r.browser;
    case query::column::os: return r.os;
    case query::column::path: return r.path;
    case query::column::user_id: return r.user_id;
    case query::column::anonymous_id: return r.anonymous_id;
  }
  return std::nullopt;
}

bool passes(const event::record& r, const query::filter& f) {
  const optional_text v = value(r, f.col);
  return v && std::find(f.any_of.begin(), f.any_of.end(), *v) != f.any_of.end();
}

std::string shown(const optional_text& v) { return v ? "'" + *v + "'" : "null"; }

std::string sorted_lines(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

std::string group_line(millis bucket, const query::group_key& key, std::uint64_t events,
                       std::uint64_t paid, std::optional<std::uint64_t> distinct) {
  std::string out = std::to_string(bucket);
  for (const auto& part : key) out += " " + shown(part);
  out += " events " + std::to_string(events) + " paid " + std::to_string(paid);
  return out + (distinct ? " distinct " + std::to_string(*distinct) : "");
}

std::string funnel_line(const optional_text& key, const std::vector<std::uint64_t>& visitors,
                        std::vector<std::vector<std::int64_t>> steps) {
  std::string out = shown(key);
  for (std::size_t k = 0; k < visitors.size(); ++k) {
    out += " | " + std::to_string(visitors[k]) + ":";
    std::sort(steps[k].begin(), steps[k].end());
    for (const std::int64_t t : steps[k]) out += " " + std::to_string(t);
  }
  return out;
}

bool fits(const event::record& r, const query::funnel_step& step) {
  return r.event_name == step.event && (!step.path || r.path == step.path);
}

// The events that a visitor starting at `start` takes, each as early as possible.
std::vector<std::size_t> taken(const std::vector<const stored_event*>& events, std::size_t start,
                               const query::funnel_question& q) {
  std::vector<std::size_t> out{start};
  const millis first = events[start]->what.timestamp;
  for (std::size_t i = start + 1; i < events.size() && out.size() < q.steps.size(); ++i) {
    if (q.window && events[i]->what.timestamp - first > *q.window) break;
    if (fits(events[i]->what, q.steps[out.size()])) out.push_back(i);
  }
  return out;
}

// The run that counts: of the longest the one that begins first.
std::vector<std::size_t> counted_run(const std::vector<const stored_event*>& events,
                                     const query::funnel_question& q) {
  std::vector<std::size_t> best;
  for (std::size_t start = 0; start < events.size(); ++start) {
    if (!fits(events[start]->what, q.steps[0])) continue;
    auto run = taken(events, start, q);
    if (run.size() > best.size()) best = std::move(run);
  }
  return best;
}

}  // namespace

void oracle::add(event::record r) { events_.push_back({++arrivals_, std::move(r)}); }

void oracle::expire(millis before) {
  std::erase_if(events_, [&](const stored_event& e) { return e.what.timestamp < before; });
}

std::vector<const stored_event*> oracle::in(const query::scope& s) const {
  std::vector<const stored_event*> out;
  for (const stored_event& e : events_) {
    const bool in_range = e.what.timestamp >= s.range.from && e.what.timestamp < s.range.to;
    const bool kept = std::all_of(s.filters.begin(), s.filters.end(),
                                  [&](const query::filter& f) { return passes(e.what, f); });
    if (in_range && kept) out.push_back(&e);
  }
  std::stable_sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
    return std::tie(a->what.timestamp, a->arrival) < std::tie(b->what.timestamp, b->arrival);
  });
  return out;
}

std::string oracle::aggregate(const query::aggregate_question& q) const {
  struct seen {
    std::uint64_t events = 0, paid = 0;
    std::set<std::string> values;
  };
  std::map<std::pair<millis, query::group_key>, seen> groups;
  for (const stored_event* e : in(q.in)) {
    query::group_key key;
    for (const query::column c : q.group_by) key.push_back(value(e->what, c));
    seen& g = groups[{query::bucket_of(q.every, e->what.timestamp), key}];
    ++g.events;
    if (q.paid && e->what.medium == "paid") ++g.paid;
    if (q.of == query::metric::uniques) g.values.insert(e->what.anonymous_id);
    if (q.of == query::metric::sessions) g.values.insert(e->what.session_id);
    if (q.of == query::metric::users && e->what.user_id) g.values.insert(*e->what.user_id);
  }
  const bool counts = q.of == query::metric::count;
  std::vector<std::string> lines;
  for (const auto& [place, g] : groups)
    lines.push_back(group_line(place.first, place.second, g.events, g.paid,
                               counts ? std::nullopt : std::optional(g.values.size())));
  return sorted_lines(std::move(lines));
}

std::optional<std::string> oracle::visitor(const event::record& r, query::identity by) const {
  if (by == query::identity::anonymous_id) return r.anonymous_id;
  if (by == query::identity::user_id || r.user_id) return r.user_id;
  const stored_event* known = nullptr;
  for (const stored_event& e : events_) {
    if (e.what.event_name != "$identify" || !e.what.user_id) continue;
    if (e.what.anonymous_id != r.anonymous_id) continue;
    if (known == nullptr ||
        std::tie(known->what.timestamp, known->arrival) < std::tie(e.what.timestamp, e.arrival))
      known = &e;
  }
  return known == nullptr ? r.anonymous_id : *known->what.user_id;
}

std::string oracle::funnel(const query::funnel_question& q) const {
  std::map<std::string, std::vector<const stored_event*>> visitors;
  for (const stored_event* e : in(q.in))
    if (const auto who = visitor(e->what, q.by)) visitors[*who].push_back(e);
  struct seen {
    std::vector<std::uint64_t> visitors;
    std::vector<std::vector<std::int64_t>> steps;
  };
  std::map<optional_text, seen> groups;
  for (const auto& [who, events] : visitors) {
    const auto run = counted_run(events, q);
    if (run.empty()) continue;
    const optional_text key = q.group_by ? value(events[run[0]]->what, *q.group_by) : std::nullopt;
    seen& g = groups[key];
    g.visitors.resize(q.steps.size());
    g.steps.resize(q.steps.size());
    for (std::size_t k = 0; k < run.size(); ++k) {
      ++g.visitors[k];
      if (k > 0)
        g.steps[k].push_back(events[run[k]]->what.timestamp - events[run[k - 1]]->what.timestamp);
    }
  }
  std::vector<std::string> lines;
  for (const auto& [key, g] : groups) lines.push_back(funnel_line(key, g.visitors, g.steps));
  return sorted_lines(std::move(lines));
}

query::page_partial oracle::page(const query::page_question& q) const {
  auto all = in(q.in);
  std::reverse(all.begin(), all.end());
  query::page_partial out;
  for (const stored_event* e : all) {
    const bool behind = !q.after || std::tie(e->what.timestamp, e->arrival) <
                                        std::tie(q.after->timestamp, q.after->arrival);
    if (!behind) continue;
    out.more = out.events.size() == q.limit;
    if (out.more) break;
    out.events.push_back(*e);
  }
  return out;
}

query::explanation oracle::explain(const query::scope& s,
                                   const std::vector<std::string>& names) const {
  query::explanation out;
  std::map<std::string, std::int64_t> counts;
  out.events = events_.size();
  for (const stored_event& e : events_) {
    out.first = std::min(out.first.value_or(e.what.timestamp), e.what.timestamp);
    out.last = std::max(out.last.value_or(e.what.timestamp), e.what.timestamp);
    ++counts[e.what.event_name];
  }
  out.in_range = in({s.range, {}}).size();
  for (std::size_t n = 1; n <= s.filters.size(); ++n)
    out.left.push_back(
        in({s.range, {s.filters.begin(), s.filters.begin() + static_cast<std::ptrdiff_t>(n)}})
            .size());
  for (const std::string& name : names)
    if (counts.find(name) == counts.end()) out.unknown_events.push_back(name);
  std::vector<std::pair<std::int64_t, std::string>> known;
  for (const auto& [name, n] : counts) known.emplace_back(-n, name);
  std::sort(known.begin(), known.end());
  for (const auto& [n, name] : known)
    out.known_events.push_back({name, static_cast<std::uint64_t>(-n)});
  return out;
}

std::string text_of(const query::aggregate_partial& p, query::metric of) {
  std::vector<std::string> lines;
  for (const query::group& g : p.groups)
    lines.push_back(
        group_line(g.bucket, g.key, g.events, g.paid,
                   of == query::metric::count ? std::nullopt : std::optional(g.distinct.count())));
  return sorted_lines(std::move(lines));
}

std::string text_of(const query::funnel_partial& p) {
  std::vector<std::string> lines;
  for (const query::funnel_group& g : p.groups)
    lines.push_back(funnel_line(g.key, g.visitors, g.steps));
  return sorted_lines(std::move(lines));
}

std::string text_of(const query::page_partial& p) {
  std::string out;
  for (const stored_event& e : p.events) {
    const event::record& r = e.what;
    out += std::to_string(e.arrival) + " " + std::to_string(r.timestamp);
    for (const auto& v :
         {optional_text(r.event_name), optional_text(r.event_id), optional_text(r.anonymous_id),
          r.user_id, optional_text(r.session_id), optional_text(r.source), optional_text(r.medium),
          r.campaign, optional_text(r.source_confidence), optional_text(r.source_rule_id),
          r.country, r.device_type, optional_text(r.browser), optional_text(r.os), r.url, r.path,
          r.referrer, optional_text(r.properties), r.ip_hash})
      out += " " + shown(v);
    out += "\n";
  }
  return out + (p.more ? "and more" : "");
}

std::string text_of(const query::explanation& e) {
  const auto time = [](const std::optional<millis>& t) { return t ? std::to_string(*t) : "none"; };
  std::string out = "events " + std::to_string(e.events) + " from " + time(e.first) + " to " +
                    time(e.last) + " in range " + std::to_string(e.in_range) + " left";
  for (const std::uint64_t n : e.left) out += " " + std::to_string(n);
  out += " unknown";
  for (const std::string& n : e.unknown_events) out += " '" + n + "'";
  out += " known";
  for (const query::frequent_value& v : e.known_events)
    out += " '" + v.value + "' " + std::to_string(v.count);
  return out;
}

}  // namespace millimetric::store
