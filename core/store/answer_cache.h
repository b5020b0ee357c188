#pragma once
// Answers that still hold. A question about [from, to) has the same answer for every range whose
// edges lie between the same neighbouring events, so an answer is kept with those neighbours: a
// range that ends "now" goes on hitting until an event arrives or leaves at its start. Any write
// forgets everything; nothing stale is ever given.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "query/question.h"

namespace millimetric::store {

// The events on both sides of an instant; empty where there is none.
struct neighbours {
  std::optional<millis> before;  // the last event before it
  std::optional<millis> behind;  // the first event at it or behind it
  template <class A>
  void fields(A& a) {
    a(before, behind);
  }
};

struct range_neighbours {
  neighbours from;
  neighbours to;
};

class answer_cache {
 public:
  // Bounds on what is kept: together at most 4 MB.
  static constexpr std::size_t max_answers = 64;
  static constexpr std::size_t max_entry_bytes = 64 * 1024;  // of question and answer

  // The kept answer to a question (its record without the range), or null. Valid until the next
  // call.
  [[nodiscard]] const std::string* find(const std::string& question, query::time_range range) const;
  // Keeps an answer unless something was written since `version()` was `at_version`.
  void keep(std::string question, const range_neighbours& valid, std::string answer,
            std::uint64_t at_version);
  void forget_all();
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

 private:
  struct entry {
    range_neighbours valid;
    std::string answer;
  };
  std::unordered_map<std::string, entry> answers_;
  std::uint64_t version_ = 0;
};

}  // namespace millimetric::store
