#include "answer/notice.h"

#include <algorithm>

#include "answer/scatter.h"
#include "base/text.h"
#include "json/writer.h"

namespace millimetric::answer {
namespace {

constexpr std::size_t most_named = 10;  // known event names listed when none is near

query::explanation merge(const std::vector<query::explanation>& parts) {
  query::explanation all = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const query::explanation& p = parts[i];
    all.events += p.events;
    all.in_range += p.in_range;
    if (p.first) all.first = std::min(all.first.value_or(*p.first), *p.first);
    if (p.last) all.last = std::max(all.last.value_or(*p.last), *p.last);
    for (std::size_t f = 0; f < all.left.size() && f < p.left.size(); ++f) all.left[f] += p.left[f];
    std::erase_if(all.unknown_events, [&](const std::string& name) {
      return std::find(p.unknown_events.begin(), p.unknown_events.end(), name) ==
             p.unknown_events.end();
    });
    for (const std::string& name : p.known_events)
      if (std::find(all.known_events.begin(), all.known_events.end(), name) ==
          all.known_events.end())
        all.known_events.push_back(name);
  }
  return all;
}

// Names of events come from anybody who may send one. In quotes, with those inside escaped and no
// line breaks, none can end its quotation and go on in our voice.
std::string quoted(const std::string& name) { return json::quoted(shortened(name)); }

std::string quoted(std::span<const std::string> names, std::string_view last_separator) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? last_separator : std::string_view(", ");
    out += quoted(names[i]);
  }
  return out;
}

std::string unknown_event_notice(const query::explanation& e) {
  std::string out;
  for (const std::string& name : e.unknown_events) {
    if (!out.empty()) out += ' ';
    out += "No event named " + quoted(name) + " has ever been seen.";
    const auto nearest = nearest_names(name, e.known_events);
    if (!nearest.empty()) out += " Nearest known: " + quoted(nearest, ", ") + ".";
    if (!nearest.empty()) continue;
    const std::size_t n = std::min(most_named, e.known_events.size());
    out += " Known events: " + quoted(std::span(e.known_events).first(n), ", ") + ".";
  }
  return out;
}

std::string filter_text(const query::filter& f) {
  return std::string(query::describe(f.col).argument) + " = " + quoted(f.any_of, " or ");
}

std::string plural(std::uint64_t n) { return std::to_string(n) + (n == 1 ? " event" : " events"); }

std::string filter_notice(const query::explanation& e, const query::scope& in) {
  std::uint64_t before = e.in_range;
  for (std::size_t i = 0; i < e.left.size() && i < in.filters.size(); ++i) {
    if (e.left[i] == 0)
      return "The range holds " + plural(e.in_range) + "; the filter " +
             filter_text(in.filters[i]) + " removed " +
             (i == 0 ? "all of them."
                     : "the " + std::to_string(before) + " that the filters before it had left.");
    before = e.left[i];
  }
  return "Nothing in the range matches: its " + plural(before) + " have no value to count.";
}

std::string text_of(const query::explanation& e, const subject& about, const query::scope& in) {
  const std::string whose = about.many() ? "These projects have" : "This project has";
  if (e.events == 0) return whose + " no events yet. Send one with track_event or POST /v1/track.";
  if (!e.unknown_events.empty()) return unknown_event_notice(e);
  if (e.in_range == 0)
    return "No events from " + format_iso8601(in.range.from) + " to " +
           format_iso8601(in.range.to) + ". The first event is at " +
           format_iso8601(e.first.value_or(0)) + ", the last at " +
           format_iso8601(e.last.value_or(0)) + ": choose from and to accordingly.";
  return filter_notice(e, in);
}

}  // namespace

std::vector<std::string> asked_events(const query::scope& in) {
  for (const query::filter& f : in.filters)
    if (f.col == query::column::event_name) return f.any_of;
  return {};
}

host::task<result<std::optional<std::string>>> explain(host::context& ctx, const subject& about,
                                                       const query::scope& in,
                                                       std::vector<std::string> events,
                                                       emptiness empty) {
  store::explain_request request{in, std::move(events)};
  auto parts = co_await ask_all<query::explanation>(
      ctx, about, store::encode_request(store::operation::explain, std::move(request)));
  if (!parts) co_return fail(parts.error());
  const query::explanation all = merge(*parts);
  std::optional<std::string> notice;
  if (empty == emptiness::nothing_found) notice = text_of(all, about, in);
  if (empty == emptiness::some_steps_empty && !all.unknown_events.empty())
    notice = unknown_event_notice(all);
  co_return notice;
}

}  // namespace millimetric::answer
