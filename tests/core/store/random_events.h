#pragma once
// Random events and random questions about them, the same for the same seed. Their values are few,
// so that questions find something, and awkward: nulls, empty texts, quotes, other scripts.

#include "base/ids.h"
#include "query/partial.h"
#include "query/question.h"

namespace millimetric::store {

class random_world {
 public:
  explicit random_world(std::string_view seed) : random_(seed) {}

  // Times of all events lie in here, some exactly on the edges of hours, days, weeks and months.
  static constexpr millis first = 1'790'000'000'000;
  static constexpr millis last = first + 70 * day_ms;

  event::record event();
  query::scope scope();
  query::aggregate_question aggregate();
  query::funnel_question funnel();
  query::page_question page(std::int64_t arrivals);

  std::size_t below(std::size_t n) { return random_.next() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  millis time();

 private:
  template <class List>
  auto pick(const List& list) {
    return list[below(std::size(list))];
  }
  std::string url_of(std::string_view path);
  std::optional<std::string> maybe(std::string text) {
    return one_in(3) ? std::nullopt : std::optional(std::move(text));
  }

  random_stream random_;
  std::uint64_t events_ = 0;
};

}  // namespace millimetric::store
