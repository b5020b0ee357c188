#pragma once
// Partial answers: what one store knows of a question. They merge associatively, so that one
// project, many projects and many shards of one project are the same code.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "event/record.h"
#include "query/distinct.h"
#include "query/question.h"

namespace millimetric::query {

// Most groups of one answer, which take some 320 bytes each without their distinct values.
inline constexpr std::size_t max_groups = 50'000;
inline constexpr std::size_t bytes_of_group = 320;
// Memory of the distinct values of all groups together at most, held one by one or as estimates:
// with the groups and what else is in a store's memory some 64 MB.
inline constexpr std::size_t max_distinct_bytes = 40UL * 1024 * 1024;
// Bytes of the groups' values together at most, which are in a table twice and once in its record:
// some 160 a group.
inline constexpr std::size_t max_key_bytes = 8UL * 1024 * 1024;
// What a question is told that has more.
[[nodiscard]] tl::unexpected<error> too_many_groups();
// What a question is told that is too large in another way.
[[nodiscard]] tl::unexpected<error> too_large();

using group_key = std::vector<std::optional<std::string>>;  // one value per group column

struct group {
  millis bucket = 0;
  group_key key;
  std::uint64_t events = 0;
  std::uint64_t paid = 0;  // events of the medium "paid"
  distinct_counter distinct;
  template <class A>
  void fields(A& a) {
    a(bucket, key, events, paid, distinct);
  }
};

// Groups by bucket and key.
class group_table {
 public:
  // The place of the group of this bucket and key, made when new.
  // @return invalid_params when the table is full: the question has too many groups, or groups of
  // too long values.
  [[nodiscard]] result<std::size_t> place_of(millis bucket, const group_key& key);
  // The group at a place. Valid until a new one is made.
  [[nodiscard]] group& operator[](std::size_t place) noexcept { return groups_[place]; }
  [[nodiscard]] std::size_t exact_limit() const noexcept {
    return groups_.size() > many_groups ? exact_limit_many_groups : exact_limit_few_groups;
  }
  // @return invalid_params as above.
  [[nodiscard]] result<void> merge(const std::vector<group>& other);
  // To be told how many values were inserted into the groups' counters.
  // @return invalid_params when all groups together hold too many values.
  [[nodiscard]] result<void> inserted(std::size_t values);
  // Memory of the table, roughly.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return groups_.size() * bytes_of_group + 2 * key_bytes_ + distinct_bytes();
  }
  // Whether every estimated group is over the exact limit: as far as it was counted, or with an
  // estimate of at least so many times the limit.
  [[nodiscard]] bool estimates_exceed(double times) const;
  // The groups, each counter brought to its limit; the table is empty then.
  [[nodiscard]] std::vector<group> take();

 private:
  [[nodiscard]] std::size_t distinct_bytes() const noexcept;

  std::unordered_map<std::string, std::size_t, table_hash> index_;
  std::vector<group> groups_;
  std::size_t key_bytes_ = 0;
  std::size_t unchecked_ = 0;  // values inserted since their memory was looked at
};

struct aggregate_partial {
  std::vector<group> groups;
  template <class A>
  void fields(A& a) {
    a(groups);
  }
};

struct funnel_group {
  std::optional<std::string> key;
  std::vector<std::uint64_t> visitors;           // per step
  std::vector<std::vector<std::int64_t>> steps;  // per step: milliseconds since the step before
  template <class A>
  void fields(A& a) {
    a(key, visitors, steps);
  }
};

struct funnel_partial {
  std::vector<funnel_group> groups;  // one without a key when the question does not group
  template <class A>
  void fields(A& a) {
    a(groups);
  }
};

// Memory of a part, roughly.
[[nodiscard]] std::size_t bytes_of(const aggregate_partial& part) noexcept;
[[nodiscard]] std::size_t bytes_of(const funnel_partial& part) noexcept;

struct stored_event {
  std::int64_t arrival = 0;
  event::record what;
  template <class A>
  void fields(A& a) {
    a(arrival, what);
  }
};

struct page_partial {
  std::vector<stored_event> events;  // in the page's order
  bool more = false;
  template <class A>
  void fields(A& a) {
    a(events, more);
  }
};

struct property_shape {
  std::string key;
  std::vector<std::string> types;  // JSON type names, sorted
  template <class A>
  void fields(A& a) {
    a(key, types);
  }
};

struct event_shape {
  std::string event_name;
  std::uint64_t count = 0;
  millis first = 0;
  millis last = 0;
  std::vector<property_shape> properties;
  template <class A>
  void fields(A& a) {
    a(event_name, count, first, last, properties);
  }
};

// Names of events in a schema at most, and properties of one.
inline constexpr std::size_t most_shapes = 2'000;
inline constexpr std::size_t most_properties = 500;

// By count descending, then name.
void sort(std::vector<event_shape>& events);

struct schema_partial {
  std::vector<event_shape> events;  // sorted
  template <class A>
  void fields(A& a) {
    a(events);
  }
};

struct frequent_value {
  std::string value;
  std::uint64_t count = 0;
  template <class A>
  void fields(A& a) {
    a(value, count);
  }
};

// The most frequent first, then by value.
void sort(std::vector<frequent_value>& values);

// Values of a column with how often they occur.
struct values_partial {
  std::vector<frequent_value> values;  // sorted
  template <class A>
  void fields(A& a) {
    a(values);
  }
};

// Names that a misspelt one is compared with: the most frequent ones.
inline constexpr std::size_t most_known_events = 1000;

// Why a question found nothing.
struct explanation {
  std::uint64_t events = 0;  // all stored ones
  std::optional<millis> first;
  std::optional<millis> last;
  std::uint64_t in_range = 0;
  std::vector<std::uint64_t> left;           // after the first 1, 2, ... filters
  std::vector<std::string> unknown_events;   // of the asked names: never seen
  std::vector<frequent_value> known_events;  // most frequent first
  template <class A>
  void fields(A& a) {
    a(events, first, last, in_range, left, unknown_events, known_events);
  }
};

struct summary_partial {
  std::uint64_t events = 0;           // since the asked instant
  std::uint64_t events_of_month = 0;  // accepted, for the plan's allowance
  std::optional<millis> last_event;
  template <class A>
  void fields(A& a) {
    a(events, events_of_month, last_event);
  }
};

}  // namespace millimetric::query
