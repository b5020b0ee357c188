#pragma once
// The questions that a store answers. They are values: checked when read from arguments, sent to
// one store or to many. Source: contract, section 2, read tools.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace millimetric::query {

// Columns that a question may filter or group by.
enum class column : std::uint8_t {
  event_name,
  source,
  medium,
  campaign,
  country,
  device_type,
  browser,
  os,
  path,
  user_id,
  anonymous_id,
};

struct column_entry {
  column col;
  std::string_view name;      // in rows and group_by
  std::string_view argument;  // as a filter
  bool groups;                // may stand in group_by
  bool commas_separate;       // the values of a filter
};

inline constexpr std::array<column_entry, 11> columns{{
    {column::event_name, "event_name", "event", true, false},
    {column::source, "source", "source", true, false},
    {column::medium, "medium", "medium", true, false},
    {column::campaign, "campaign", "campaign", true, false},
    {column::country, "country", "country", true, true},
    {column::device_type, "device_type", "device_type", true, true},
    {column::browser, "browser", "browser", true, true},
    {column::os, "os", "os", true, true},
    {column::path, "path", "path", true, false},
    {column::user_id, "user_id", "user_id", false, false},
    {column::anonymous_id, "anonymous_id", "anonymous_id", false, false},
}};

[[nodiscard]] constexpr const column_entry& describe(column c) noexcept {
  return columns[static_cast<std::size_t>(c)];
}

struct time_range {
  millis from = 0;  // inclusive
  millis to = 0;    // exclusive
  template <class A>
  void fields(A& a) {
    a(from, to);
  }
};

// Keeps events whose column equals one of the values.
struct filter {
  column col{};
  std::vector<std::string> any_of;
  template <class A>
  void fields(A& a) {
    a(col, any_of);
  }
};

struct scope {
  time_range range;
  std::vector<filter> filters;  // all must hold; one per column
  template <class A>
  void fields(A& a) {
    a(range, filters);
  }
};

enum class metric : std::uint8_t { count, uniques, users, sessions };
enum class interval : std::uint8_t { none, hour, day, week, month };

// The start of the interval that holds t; 0 for none.
[[nodiscard]] millis bucket_of(interval every, millis t) noexcept;
// The start of the interval behind the one that starts at `start`; the end of time for none.
[[nodiscard]] millis next_bucket(interval every, millis start) noexcept;

// Counts, and distinct values where the metric asks for them, per bucket and group.
struct aggregate_question {
  scope in;
  metric of = metric::count;
  interval every = interval::none;
  std::vector<column> group_by;
  bool merges = true;  // the answer will be merged with others; otherwise numbers will do
  bool paid = false;   // groups say how many of their events are of the medium "paid"
  template <class A>
  void fields(A& a) {
    a(in, of, every, group_by, merges, paid);
  }
};

struct funnel_step {
  std::string event;
  std::optional<std::string> path;
  template <class A>
  void fields(A& a) {
    a(event, path);
  }
};

enum class identity : std::uint8_t { anonymous_id, user_id, person };

struct funnel_question {
  scope in;
  std::vector<funnel_step> steps;
  std::optional<millis> window;  // longest time from the first to the last step; empty: no limit
  identity by = identity::anonymous_id;
  std::optional<column> group_by;
  template <class A>
  void fields(A& a) {
    a(in, steps, window, by, group_by);
  }
};

// Ends of what can be asked for. JavaScript hosts pass whole numbers exactly up to 2^53.
inline constexpr millis end_of_time = year_10000;
inline constexpr std::int64_t last_arrival = 9'007'199'254'740'991;  // arrivals count from 1

// A place in the order of a store's events, by time and, at equal times, by arrival; pages go
// either way.
struct position {
  millis timestamp = 0;
  std::int64_t arrival = 0;
  template <class A>
  void fields(A& a) {
    a(timestamp, arrival);
  }
};

enum class page_order : std::uint8_t { newest_first, oldest_first };

// Characters of the events of one page, in bytes: of a thousand events 4 KB each, where usual ones
// have half of one. The gateway has the page several times over while it writes the answer, most
// often in MCP, which says all rows twice.
inline constexpr std::uint32_t max_page_bytes = 4U * 1024 * 1024;
// What a store may give at least, however many are asked at once: 16 MB of a thousand projects.
inline constexpr std::uint32_t least_page_bytes = 16U * 1024;

// What each of so many stores may give.
constexpr std::uint32_t share_of_page(std::uint32_t bytes, std::size_t stores) noexcept {
  const auto each = bytes / static_cast<std::uint32_t>(stores == 0 ? 1 : stores);
  return each < least_page_bytes ? least_page_bytes : each;
}

struct page_question {
  scope in;
  std::uint32_t limit = 100;
  std::optional<position> after;  // only events behind this place, in the order asked for
  page_order order = page_order::newest_first;
  std::uint32_t most_bytes =
      max_page_bytes;  // behind them the page ends; it has one event at least
  template <class A>
  void fields(A& a) {
    a(in, limit, after, order, most_bytes);
  }
};

}  // namespace millimetric::query
