#include "query/read.h"

#include <algorithm>

#include "base/archive.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/text.h"
#include "event/circumstances.h"
#include "event/country.h"
#include "event/letter_case.h"
#include "json/writer.h"
#include "query/funnel.h"

namespace millimetric::query {
namespace {

const std::vector<std::string> project_arguments{"project_id", "project_slug", "project_ids"};

std::vector<std::string> with_shared(std::vector<std::string> own, endpoint where) {
  own.insert(own.end(), {"from", "to"});
  for (const column_entry& c : columns) own.emplace_back(c.argument);
  if (where == endpoint::account)
    own.insert(own.end(), project_arguments.begin(), project_arguments.end());
  return own;
}

// The lists of argument names of one tool, for both endpoints.
struct argument_lists {
  std::vector<std::string> project;
  std::vector<std::string> account;
  explicit argument_lists(const std::vector<std::string>& own)
      : project(with_shared(own, endpoint::project)),
        account(with_shared(own, endpoint::account)) {}
  [[nodiscard]] const std::vector<std::string>& at(endpoint where) const {
    return where == endpoint::account ? account : project;
  }
};

void check_order(arguments& in, const time_range& range, std::string_view about_to) {
  if (range.from < range.to || in.errors().has("from") || in.errors().has("to")) return;
  in.errors().add("from", "must be before \"to\" (" + format_iso8601(range.to) +
                              std::string(about_to) + "); got " + format_iso8601(range.from));
}

time_range read_range(arguments& in, millis now) {
  const auto from = in.time("from");
  const auto to = in.time("to");
  time_range range;
  range.to = to.value_or(now);
  range.from = from.value_or(range.to - default_range_ms);
  check_order(in, range, to ? "" : ", the default: now");
  return range;
}

// The values of these columns have one letter case, so that another one can only mean the same.
std::string in_stored_case(column of, std::string value) {
  switch (of) {
    case column::source:
    case column::medium: return event::lower_letters(trim(value));
    case column::country: return std::string(event::country_code(trim(value)).value_or(value));
    case column::device_type:
    case column::browser:
    case column::os: return to_lower(trim(value));
    default: return value;
  }
}

scope read_scope(arguments& in, millis now) {
  scope out;
  out.range = read_range(in, now);
  for (const column_entry& c : columns) {
    auto values =
        in.texts(c.argument, max_filter_values, max_filter_code_points,
                 c.commas_separate ? arguments::commas::separate : arguments::commas::are_text);
    if (!values) continue;
    for (std::string& value : *values) value = in_stored_case(c.col, std::move(value));
    // In an order of its own, so that the same values are the same question.
    std::sort(values->begin(), values->end());
    values->erase(std::unique(values->begin(), values->end()), values->end());
    out.filters.push_back({c.col, std::move(*values)});
  }
  return out;
}

std::optional<column> group_column(std::string_view name) {
  for (const column_entry& c : columns)
    if (c.groups && c.name == name) return c.col;
  if (name == "event") return column::event_name;
  return std::nullopt;
}

std::string not_a_group(std::string_view rule, std::string_view got, endpoint where) {
  const auto& allowed = group_names(where);
  std::string message =
      std::string(rule) + quoted_list(allowed) + "; got " + json::quoted(shortened(got));
  const auto nearest = nearest_names(got, allowed, 1);
  if (!nearest.empty()) message += "; did you mean \"" + nearest.front() + "\"?";
  return message;
}

// What a cursor holds. The hash binds it to its question; the range keeps a default range from
// moving between pages.
struct cursor_record {
  std::uint8_t version = 1;
  std::uint64_t question = 0;
  time_range range;
  position last;
  std::string project;
  template <class A>
  void fields(A& a) {
    a(version, question, range, last, project);
  }
};

constexpr std::size_t max_cursor_characters = 4096;  // far longer than any that is given out

std::optional<cursor_record> read_cursor(const std::string& text) {
  std::string bytes;
  if (!from_base64url(text, bytes)) return std::nullopt;
  auto cursor = from_record<cursor_record>(bytes);
  const auto is_time = [](millis t) { return t >= year_1 - default_range_ms && t <= end_of_time; };
  const bool whole = cursor && cursor->version == 1 && is_time(cursor->range.from) &&
                     is_time(cursor->range.to) && is_time(cursor->last.timestamp) &&
                     cursor->last.arrival >= 0 && cursor->last.arrival <= last_arrival;
  return whole ? cursor : std::nullopt;
}

void continue_from(arguments& in, events_question& q) {
  const auto text = in.text("cursor", max_cursor_characters);
  if (!text) return;
  const auto cursor = read_cursor(*text);
  if (!cursor) {
    in.errors().add("cursor",
                    "must be a next_cursor of an earlier answer, unchanged; leave it out "
                    "to start at the newest event");
    return;
  }
  const bool other_range = (in.has("from") && q.in.range.from != cursor->range.from) ||
                           (in.has("to") && q.in.range.to != cursor->range.to);
  if (other_range) {
    in.errors().add("cursor", std::string(of_another_question));
    return;
  }
  q.in.range = cursor->range;
  q.after_question = cursor->question;
  q.after = cursor->last;
  q.after_place = cursor->project;
}

metric metric_of(const std::string& name) {
  const auto& names = metric_names();
  return static_cast<metric>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::optional<std::string> step_member(arguments& in, const json::argument& value,
                                       std::string_view name, std::size_t most) {
  if (json::is_scalar(value) && !value.text.empty() && count_code_points(value.text) <= most)
    return value.text;
  in.errors().add("steps", "a step's \"" + std::string(name) + "\" must be a string of 1 to " +
                               std::to_string(most) + " characters; got " + described(value));
  return std::nullopt;
}

funnel_step read_step(arguments& in, const json::argument& item) {
  using event::max_event_name;
  funnel_step step;
  if (item.is != json::argument::kind::object) {
    step.event = step_member(in, item, "event", max_event_name).value_or("");
    return step;
  }
  bool named = false;
  for (std::size_t i = 0; i < item.items.size(); ++i) {
    const std::string& name = item.names[i];
    const json::argument& value = item.items[i];
    if (name == "event") {
      named = true;
      step.event = step_member(in, value, name, max_event_name).value_or("");
    } else if (name == "path") {
      if (value.is != json::argument::kind::null)
        step.path = step_member(in, value, name, event::max_url);
    } else {
      in.errors().add("steps", "a step is an event name or {\"event\",\"path\"?}; got a member " +
                                   json::quoted(shortened(name)));
    }
  }
  if (!named) in.errors().add("steps", "a step given as an object needs an \"event\"");
  return step;
}

std::vector<funnel_step> read_steps(arguments& in) {
  const auto items = in.items("steps", arguments::commas::separate);
  const std::size_t given = items ? items->size() : 0;
  if (given < min_funnel_steps || given > max_funnel_steps) {
    in.errors().add("steps", "must be a list of " + std::to_string(min_funnel_steps) + " to " +
                                 std::to_string(max_funnel_steps) +
                                 " event names or {event, path?} objects, in order; got " +
                                 (items ? std::to_string(given) : "none"));
    return {};
  }
  std::vector<funnel_step> steps;
  for (const json::argument& item : *items) steps.push_back(read_step(in, item));
  return steps;
}

}  // namespace

const std::vector<std::string>& query_events_arguments(endpoint where) {
  static const argument_lists lists({"limit", "cursor"});
  return lists.at(where);
}
const std::vector<std::string>& get_stats_arguments(endpoint where) {
  static const argument_lists lists({"metric", "group_by", "interval", "limit"});
  return lists.at(where);
}
const std::vector<std::string>& top_sources_arguments(endpoint where) {
  static const argument_lists lists({"breakdown", "limit"});
  return lists.at(where);
}
const std::vector<std::string>& funnel_arguments(endpoint where) {
  static const argument_lists lists({"steps", "window", "by", "group_by"});
  return lists.at(where);
}
const std::vector<std::string>& compare_projects_arguments() {
  static const argument_lists lists({"metric"});
  return lists.account;
}

const std::vector<std::string>& metric_names() {
  static const std::vector<std::string> names{"count", "uniques", "users", "sessions"};
  return names;
}
const std::vector<std::string>& interval_names() {
  static const std::vector<std::string> names{"hour", "day", "week", "month"};
  return names;
}
const std::vector<std::string>& identity_names() {
  static const std::vector<std::string> names{"anonymous_id", "user_id", "person"};
  return names;
}
const std::vector<std::string>& group_names(endpoint where) {
  static const auto make = [](endpoint e) {
    std::vector<std::string> names;
    for (const column_entry& c : columns)
      if (c.groups) names.emplace_back(c.name);
    if (e == endpoint::account) names.emplace_back("project_id");
    return names;
  };
  static const std::vector<std::string> project = make(endpoint::project);
  static const std::vector<std::string> account = make(endpoint::account);
  return where == endpoint::account ? account : project;
}

selection read_selection(arguments& in, endpoint where) {
  selection out;
  if (where == endpoint::project) return out;
  constexpr std::size_t longest_name = 128;
  const auto id = in.text("project_id", longest_name);
  const auto slug = in.text("project_slug", longest_name);
  auto ids = in.texts("project_ids", max_projects, longest_name, arguments::commas::separate);
  const int given = in.has("project_id") + in.has("project_slug") + in.has("project_ids");
  if (given > 1) {
    for (const std::string& name : project_arguments)
      if (in.has(name))
        in.errors().add(name,
                        "give only one of \"project_id\", \"project_slug\" and "
                        "\"project_ids\", or none of them for every project");
    return out;
  }
  for (const std::string_view one : {"project_id", "project_slug"})
    if (in.is_list(one)) in.errors().add(one, "for several projects give \"project_ids\"");
  if (id) out = {selection::by::id, {*id}};
  if (slug) out = {selection::by::slug, {to_lower(trim(*slug))}};
  if (ids) {
    std::sort(ids->begin(), ids->end());
    ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
    out = {selection::by::ids, std::move(*ids)};
  }
  return out;
}

void note_refusal(arguments& in, std::string refused) {
  if (in.has("interval")) refused += ", or give a longer interval";
  const auto columns_asked =
      in.texts("group_by", columns.size() + 1, max_filter_code_points, arguments::commas::separate);
  if (columns_asked && columns_asked->size() > 1) refused += ", or group by fewer columns";
  const std::string_view without_cursor = in.has("group_by") ? "group_by" : "from";
  in.errors().add(in.has("cursor") ? "cursor" : without_cursor, std::move(refused));
}

events_question read_query_events(arguments& in, millis now) {
  events_question q;
  q.in = read_scope(in, now);
  q.limit = static_cast<std::uint32_t>(in.integer("limit", 1, max_rows).value_or(default_rows));
  continue_from(in, q);
  return q;
}

std::uint64_t question_of(const scope& in, const std::vector<std::string>& several) {
  std::string record = to_record(in.filters);
  if (!several.empty()) record += to_record(several);
  return hash64(record);
}

std::string make_cursor(const events_question& q, std::uint64_t question, const position& last,
                        const std::string& place) {
  return to_base64url(to_record(cursor_record{1, question, q.in.range, last, place}));
}

export_question read_export(arguments& in) {
  export_question q;
  page_question& page = q.page;
  page.order = page_order::oldest_first;
  page.in.range.from = in.time("from").value_or(0);
  page.in.range.to = in.time("to").value_or(end_of_time);
  check_order(in, page.in.range, "");
  page.limit = static_cast<std::uint32_t>(in.integer("limit", 1, max_rows).value_or(max_rows));
  const auto text = in.text("cursor", max_cursor_characters);
  if (!text) return q;
  const auto cursor = read_cursor(*text);
  if (cursor && cursor->question == export_question::question) {
    page.after = cursor->last;
    q.after_place = cursor->project;
  } else {
    in.errors().add("cursor", std::string(of_no_export));
  }
  return q;
}

std::string make_export_cursor(const export_question& q, const position& last,
                               const std::string& place) {
  return to_base64url(
      to_record(cursor_record{1, export_question::question, q.page.in.range, last, place}));
}

stats_question read_get_stats(arguments& in, endpoint where, millis now) {
  stats_question q;
  q.what.in = read_scope(in, now);
  q.what.of = metric_of(in.choice("metric", metric_names()).value_or("count"));
  if (const auto every = in.choice("interval", interval_names())) {
    const auto& names = interval_names();
    q.what.every =
        static_cast<interval>(std::find(names.begin(), names.end(), *every) - names.begin() + 1);
  }
  q.limit = static_cast<std::uint32_t>(in.integer("limit", 1, max_rows).value_or(default_rows));
  const auto names =
      in.texts("group_by", columns.size() + 1, max_filter_code_points, arguments::commas::separate);
  for (const std::string& raw : names.value_or(std::vector<std::string>{})) {
    const std::string name = to_lower(trim(raw));
    if (where == endpoint::account && name == "project_id") {
      q.project_column = q.what.group_by.size();
      continue;
    }
    const auto col = group_column(name);
    if (!col) {
      in.errors().add("group_by", not_a_group("must be one or more of ", raw, where));
      continue;
    }
    const auto& so_far = q.what.group_by;
    if (std::find(so_far.begin(), so_far.end(), *col) == so_far.end())
      q.what.group_by.push_back(*col);
  }
  return q;
}

sources_question read_top_sources(arguments& in, millis now) {
  static const std::vector<std::string> breakdowns{"source_medium", "source"};
  sources_question q;
  q.what.in = read_scope(in, now);
  q.what.of = metric::uniques;
  q.what.paid = true;
  q.what.group_by = {column::source};
  if (in.choice("breakdown", breakdowns).value_or("source_medium") == "source_medium")
    q.what.group_by.push_back(column::medium);
  q.limit = static_cast<std::uint32_t>(
      in.integer("limit", 1, max_source_rows).value_or(default_source_rows));
  return q;
}

funnel_question read_funnel(arguments& in, millis now) {
  funnel_question q;
  q.in = read_scope(in, now);
  q.steps = read_steps(in);
  q.window = in.duration("window");
  const auto& names = identity_names();
  const std::string by = in.choice("by", names).value_or("anonymous_id");
  q.by = static_cast<identity>(std::find(names.begin(), names.end(), by) - names.begin());
  const auto group = in.texts("group_by", 1, max_filter_code_points, arguments::commas::separate);
  if (!group) return q;
  q.group_by = group_column(to_lower(trim(group->front())));
  if (!q.group_by)
    in.errors().add("group_by", not_a_group("must be one of ", group->front(), endpoint::project));
  return q;
}

aggregate_question read_compare_projects(arguments& in, millis now) {
  static const std::vector<std::string> metrics{"count", "uniques"};
  aggregate_question q;
  q.in = read_scope(in, now);
  q.of = metric_of(in.choice("metric", metrics).value_or("count"));
  return q;
}

}  // namespace millimetric::query
