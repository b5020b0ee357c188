#include "answer/notice.h"

#include <algorithm>

#include "answer/scatter.h"
#include "base/text.h"
#include "json/writer.h"
#include "query/values.h"

namespace millimetric::answer {
namespace {

constexpr std::size_t most_named = 10;     // known event names listed when none is near
constexpr std::size_t most_explained = 5;  // unknown event names, each compared with all known ones

std::vector<std::string> names_of(const std::vector<query::frequent_value>& values) {
  std::vector<std::string> out;
  for (const query::frequent_value& v : values) out.push_back(v.value);
  return out;
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

// How many known names are left out of a notice; not all are known to it where they are very many.
std::string more_than(std::size_t named, std::size_t known) {
  if (known <= named) return ".";
  const std::string_view least = known >= query::most_known_events ? "at least " : "";
  return " and " + std::string(least) + std::to_string(known - named) + " more.";
}

std::string unknown_event_notice(const query::explanation& e) {
  std::string out;
  bool lists_known = false;
  const std::vector<std::string> known = names_of(e.known_events);
  for (std::size_t i = 0; i < e.unknown_events.size(); ++i) {
    const std::string& name = e.unknown_events[i];
    if (!out.empty()) out += ' ';
    if (i == most_explained) {
      out += std::to_string(e.unknown_events.size() - i) + " more names are unknown.";
      break;
    }
    out += "No event named " + quoted(name) + " has ever been seen.";
    const auto nearest = nearest_names(name, known);
    if (!nearest.empty()) out += " Nearest known: " + quoted(nearest, ", ") + ".";
    lists_known |= nearest.empty();
  }
  if (!lists_known) return out;
  const std::size_t n = std::min(most_named, known.size());
  return out + " Known events: " + quoted(std::span(known).first(n), ", ") +
         more_than(n, known.size());
}

std::string filter_text(query::column of, std::span<const std::string> values) {
  return std::string(query::describe(of).argument) + " = " + quoted(values, " or ");
}

std::string plural(std::uint64_t n) { return std::to_string(n) + (n == 1 ? " event" : " events"); }

// The filters of a step, which come last and are not all the asker's own.
std::string step_notice(const query::scope& in, asked_step step, std::uint64_t before) {
  std::string out = "None of the " + plural(before) + " in the range" +
                    (step.filters == 0 ? "" : " that the filters keep") + " is of step " +
                    std::to_string(step.number) + " (";
  for (std::size_t i = step.filters; i < in.filters.size(); ++i)
    out += (i == step.filters ? "" : ", ") + filter_text(in.filters[i].col, in.filters[i].any_of);
  return out + ").";
}

std::string filter_notice(const query::explanation& e, const query::scope& in, counted of,
                          asked_step step) {
  std::uint64_t before = e.in_range;
  for (std::size_t i = 0; i < e.left.size() && i < in.filters.size(); ++i) {
    if (step.number > 0 && i == step.filters && e.left.back() == 0)
      return step_notice(in, step, before);
    if (e.left[i] == 0)
      return "The range holds " + plural(e.in_range) + "; the filter " +
             filter_text(in.filters[i].col, in.filters[i].any_of) + " removed " +
             (i == 0 ? "all of them."
                     : "the " + std::to_string(before) + " that the filters before it had left.");
    before = e.left[i];
  }
  const std::string match = plural(before) + " in the range match" + (before == 1 ? "es" : "");
  if (of.what.empty()) return match + ", but with no value to count.";
  return match + ", but none has " + std::string(of.what) + "; use " + std::string(of.instead) +
         ".";
}

// Whether a filter can keep nothing, since none of its events was ever seen.
bool none_is_known(const query::explanation& e, const query::filter& f) {
  const auto& unknown = e.unknown_events;
  return f.col == query::column::event_name &&
         std::all_of(f.any_of.begin(), f.any_of.end(), [&](const std::string& name) {
           return std::find(unknown.begin(), unknown.end(), name) != unknown.end();
         });
}

std::string range_or_filter_notice(const query::explanation& e, const query::scope& in, counted of,
                                   asked_step step) {
  if (e.in_range == 0)
    return "No events from " + format_iso8601(in.range.from) + " to " +
           format_iso8601(in.range.to) + ". The first event is at " +
           format_iso8601(e.first.value_or(0)) + ", the last at " +
           format_iso8601(e.last.value_or(0)) + ": choose from and to accordingly.";
  return filter_notice(e, in, of, step);
}

std::string text_of(const query::explanation& e, const subject& about, const query::scope& in,
                    counted of, asked_step step) {
  if (e.events == 0)
    return std::string(about.many() ? "These projects have" : "This project has") +
           " no events yet. Send them to POST /v1/track with a pk or sk key.";
  const bool unknown = std::any_of(in.filters.begin(), in.filters.end(),
                                   [&](const query::filter& f) { return none_is_known(e, f); });
  if (unknown) return unknown_event_notice(e);
  std::string out = range_or_filter_notice(e, in, of, step);
  if (!e.unknown_events.empty()) out += ' ' + unknown_event_notice(e);
  return out;
}

// Adds a sentence behind those that are there, or before them.
void append(std::optional<std::string>& notice, std::string sentence) {
  notice = notice ? std::move(*notice) + ' ' + sentence : std::move(sentence);
}
void prepend(std::optional<std::string>& notice, std::string sentence) {
  std::optional<std::string> before = std::move(sentence);
  if (notice) append(before, std::move(*notice));
  notice = std::move(before);
}

std::vector<std::string> once_each(std::vector<std::string> names) {
  std::vector<std::string> out;
  for (std::string& name : names)
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
  return out;
}

// Notes what the range asks for that is deleted: its part of a bucket may look like a rise, and of
// a project like one smaller than another. The shortest retention is named, others may cut too. Of
// a project that is younger than that nothing was deleted yet.
void note_retention(const subject& about, millis now, outcome& out) {
  const control::project* least = nullptr;
  for (const control::project& p : about.projects) {
    const millis kept_from = now - p.retention_days * day_ms;
    if (p.retention_days == 0 || out.range.from >= kept_from || p.created_at >= kept_from) continue;
    if (least == nullptr || p.retention_days < least->retention_days) least = &p;
  }
  if (least == nullptr) return;
  append(out.notice, "Events of " + quoted(least->slug) + " are kept for " +
                         std::to_string(least->retention_days) + " days: those before " +
                         format_iso8601(now - least->retention_days * day_ms) + " are deleted.");
}

}  // namespace

std::vector<std::string> asked_events(const query::scope& in) {
  for (const query::filter& f : in.filters)
    if (f.col == query::column::event_name) return f.any_of;
  return {};
}

outcome outcome_of(const query::scope& in, const subject& about, millis now) {
  outcome out;
  out.range = in.range;
  for (const query::filter& f : in.filters) {
    const std::vector<std::string> impossible = query::impossible_values(f);
    if (impossible.empty()) continue;
    append(out.notice, "No event can have " + filter_text(f.col, impossible) + ": the values are " +
                           std::string(query::values_of(f.col)) + ".");
  }
  note_retention(about, now, out);
  return out;
}

bool names_several(const query::filter& f) {
  using query::column;
  const bool chosen = f.col == column::event_name || f.col == column::source ||
                      f.col == column::medium || f.col == column::campaign;
  return chosen && f.any_of.size() > 1;
}

void note_absent(const query::filter& f, const std::set<std::string_view>& found, outcome& out) {
  if (found.empty() || !names_several(f)) return;
  std::vector<std::string> absent;
  for (const std::string& name : f.any_of)
    if (!found.contains(name)) absent.push_back(name);
  if (absent.empty()) return;
  const std::size_t n = std::min(most_named, absent.size());
  std::string sentence = "No matching event has " + filter_text(f.col, std::span(absent).first(n));
  if (n < absent.size()) sentence += " or one of " + std::to_string(absent.size() - n) + " more";
  append(out.notice, sentence + "; check the spelling and the range.");
}

void note(std::string sentence, outcome& out) { append(out.notice, std::move(sentence)); }

void note_cut(std::size_t shown, std::size_t all, std::string_view of, std::string_view advice,
              outcome& out) {
  append(out.notice, "Only " + std::to_string(shown) + " of " + std::to_string(all) + ' ' +
                         std::string(of) + ": " + std::string(advice) + ".");
}

host::task<result<void>> explain(host::context& ctx, const subject& about, const query::scope& in,
                                 std::vector<std::string> events, emptiness empty, outcome& out,
                                 counted of, asked_step step) {
  store::explain_request request{in, once_each(std::move(events))};
  auto parts = co_await ask_all<query::explanation>(
      ctx, about, store::encode_request(store::operation::explain, std::move(request)));
  if (!parts) co_return fail(parts.error());
  const query::explanation all = shards::merge(*parts);
  if (empty == emptiness::nothing_found) prepend(out.notice, text_of(all, about, in, of, step));
  if (empty == emptiness::some_found) {
    if (!all.unknown_events.empty())
      prepend(out.notice, unknown_event_notice(all));
    else if (!all.left.empty() && all.left.back() == 0)
      prepend(out.notice, filter_notice(all, in, of, step));
  }
  co_return result<void>{};
}

host::task<result<void>> explain(host::context& ctx, const subject& about, const query::scope& in,
                                 emptiness empty, outcome& out, counted of) {
  std::vector<std::string> events = asked_events(in);
  const bool some = empty == emptiness::some_found;
  if (some && events.size() < 2) co_return result<void>{};
  const query::scope asked{in.range, some ? std::vector<query::filter>() : in.filters};
  auto explained = co_await explain(ctx, about, asked, std::move(events), empty, out, of);
  co_return explained;
}

}  // namespace millimetric::answer
