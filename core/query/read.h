#pragma once
// From arguments to questions. Every wrong field is noted in the arguments' errors; a question is
// only meant to be used when there are none. Source: contract, section 2, read tools.

#include <optional>
#include <string>
#include <vector>

#include "json/arguments.h"
#include "query/question.h"

namespace millimetric::query {

using json::arguments;

// Limits of the read tools; contract, section 2.
inline constexpr std::int64_t max_rows = 1000;
inline constexpr std::int64_t default_rows = 100;
inline constexpr std::int64_t max_source_rows = 200;
inline constexpr std::int64_t default_source_rows = 50;
inline constexpr std::size_t min_funnel_steps = 2;
inline constexpr millis default_range_ms = week_ms;
// No contract number: enough for any list a person would write, small enough to send to each store.
inline constexpr std::size_t max_filter_values = 100;
inline constexpr std::size_t max_filter_code_points = 2048;  // the longest stored text (a URL)
inline constexpr std::size_t max_projects = 1000;

// Whether the question may be about several projects, and so take project arguments.
enum class endpoint : std::uint8_t { project, account };

// Which projects the caller named.
struct selection {
  enum class by : std::uint8_t { all, id, slug, ids };
  by how = by::all;
  std::vector<std::string> names;
};

// The names of the tools' arguments, for catalogues and for "unknown argument".
[[nodiscard]] const std::vector<std::string>& query_events_arguments(endpoint where);
[[nodiscard]] const std::vector<std::string>& get_stats_arguments(endpoint where);
[[nodiscard]] const std::vector<std::string>& top_sources_arguments(endpoint where);
[[nodiscard]] const std::vector<std::string>& funnel_arguments(endpoint where);
[[nodiscard]] const std::vector<std::string>& compare_projects_arguments();

// Names for messages and schemas.
[[nodiscard]] const std::vector<std::string>& metric_names();
[[nodiscard]] const std::vector<std::string>& interval_names();
[[nodiscard]] const std::vector<std::string>& group_names(endpoint where);
[[nodiscard]] const std::vector<std::string>& identity_names();

[[nodiscard]] selection read_selection(arguments& in, endpoint where);

// Notes why the stores refused a question, at the given argument that it comes of; at the range
// where there is none. Whatever else the question has that would help is named behind it.
void note_refusal(arguments& in, std::string refused);

struct events_question {
  scope in;
  std::uint32_t limit = 0;
  std::optional<position> after;
  // With `after`: where the event is kept that ended the page before, and the question it is of.
  std::string after_place;
  std::uint64_t after_question = 0;
};
inline constexpr std::string_view of_another_question =
    "belongs to a question with other filters, another range or other projects; repeat the same "
    "arguments or leave the cursor out";
// What a cursor is bound to, beside its range and its place: filters, and the ids of the projects
// where several are asked.
[[nodiscard]] std::uint64_t question_of(const scope& in, const std::vector<std::string>& several);
[[nodiscard]] events_question read_query_events(arguments& in, millis now);
// A cursor for the page behind an event, bound to the question it continues (question_of).
[[nodiscard]] std::string make_cursor(const events_question& q, std::uint64_t question,
                                      const position& last, const std::string& place);

// The page of an export: oldest first, every event of the range (default: all).
struct export_question {
  static constexpr std::uint64_t question = 0;  // of its cursors
  page_question page;
  std::string after_place;  // with `page.after`: where the event is kept that ended the page before
};
inline constexpr std::string_view of_no_export =
    "must be a next_cursor of an earlier page of this project's export, unchanged";
[[nodiscard]] export_question read_export(arguments& in);
[[nodiscard]] std::string make_export_cursor(const export_question& q, const position& last,
                                             const std::string& place);

struct stats_question {
  aggregate_question what;
  std::optional<std::size_t> project_column;  // where project_id stands in group_by
  std::uint32_t limit = 0;
};
[[nodiscard]] stats_question read_get_stats(arguments& in, endpoint where, millis now);

struct sources_question {
  aggregate_question what;
  std::uint32_t limit = 0;
};
[[nodiscard]] sources_question read_top_sources(arguments& in, millis now);

[[nodiscard]] funnel_question read_funnel(arguments& in, millis now);

[[nodiscard]] aggregate_question read_compare_projects(arguments& in, millis now);

}  // namespace millimetric::query
