#pragma once
// What a store should answer, worked out the slow and obvious way over a list of events.

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "query/partial.h"
#include "query/question.h"

namespace millimetric::store {

class oracle {
 public:
  // Events in the order of their arrival, from 1.
  void add(event::record r);
  void expire(millis before);

  // Answers as text, one line per group, sorted; and the same of a store's answer.
  [[nodiscard]] std::string aggregate(const query::aggregate_question& q) const;
  [[nodiscard]] std::string funnel(const query::funnel_question& q) const;
  [[nodiscard]] query::page_partial page(const query::page_question& q) const;
  [[nodiscard]] query::explanation explain(const query::scope& in,
                                           const std::vector<std::string>& names) const;

  [[nodiscard]] const std::vector<query::stored_event>& events() const { return events_; }

 private:
  [[nodiscard]] std::vector<const query::stored_event*> in(const query::scope& s) const;
  [[nodiscard]] std::optional<std::string> visitor(const event::record& r,
                                                   query::identity by) const;

  std::vector<query::stored_event> events_;
  std::int64_t arrivals_ = 0;
};

[[nodiscard]] std::string text_of(const query::aggregate_partial& p, query::metric of);
[[nodiscard]] std::string text_of(const query::funnel_partial& p);
[[nodiscard]] std::string text_of(const query::page_partial& p);
[[nodiscard]] std::string text_of(const query::explanation& e);

}  // namespace millimetric::store
