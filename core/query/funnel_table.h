#pragma once
// The funnels of many visitors at once, in bounded memory.

#include <map>
#include <string>
#include <vector>

#include "query/funnel.h"
#include "query/partial.h"

namespace millimetric::query {

class funnel_table {
 public:
  // Memory of the visitors under way at most. With more visitors the question is answered in
  // several passes, each for some of them.
  static constexpr std::size_t max_bytes = 24UL * 1024 * 1024;

  explicit funnel_table(const funnel_question& q) : shape_{q.steps.size(), q.window} {}

  // The number of a visitor by a 64-bit hash; new ones are made. Two visitors of one hash count as
  // one: among a million, the odds of any such pair are one in 37 million.
  [[nodiscard]] std::uint32_t visitor(std::uint64_t hash);
  // The number of a group's value.
  [[nodiscard]] std::uint32_t group(const std::optional<std::string>& key);
  [[nodiscard]] bool full() const noexcept {
    return memory_.size() * sizeof(std::int64_t) + slots_.size() * sizeof(slot) > max_bytes;
  }

  // The visitor's next event, in order.
  void add(std::uint32_t visitor, millis at, std::uint32_t fits, std::uint32_t group) {
    funnel_run(shape_, memory_.data() + visitor * shape_.words()).add(at, fits, group);
  }

  // Counts the visitors and forgets them; groups stay, for a further pass.
  void count();
  // Forgets the visitors uncounted.
  void clear();
  // The groups with somebody in them, by key.
  [[nodiscard]] funnel_partial take();

 private:
  struct slot {
    std::uint64_t hash = 0;
    std::uint32_t number = 0;  // from 1; 0: free
  };
  void grow();

  funnel_shape shape_;
  std::vector<slot> slots_;
  std::vector<std::int64_t> memory_;  // shape_.words() a visitor
  std::uint32_t visitors_ = 0;
  std::map<std::optional<std::string>, std::uint32_t> numbers_;
  std::vector<funnel_group> groups_;
};

}  // namespace millimetric::query
