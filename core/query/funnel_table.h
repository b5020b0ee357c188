#pragma once
// The funnels of many visitors at once, in bounded memory.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "query/funnel.h"
#include "query/partial.h"

namespace millimetric::query {

class funnel_table {
 public:
  // Memory of the visitors under way at most, enough for 900,000 without a window. With more
  // visitors the question is answered in several passes, each for some of them.
  static constexpr std::size_t max_bytes = 33UL * 1024 * 1024;

  explicit funnel_table(const funnel_question& q) : shape_{q.steps.size(), q.window} {}

  // The number of a group's value.
  [[nodiscard]] std::uint32_t group(const std::optional<std::string>& key);

  // The next events, in order. Many at once, so that the visitors' places in memory are waited for
  // together. Two visitors of one hash count as one: among a million, the odds of any such pair
  // are one in 37 million. False when there are too many visitors for the memory.
  [[nodiscard]] bool add(std::span<const funnel_event> events);

  // Counts the visitors and forgets them; groups stay, for a further pass.
  void count();
  // The groups with somebody in them, by key.
  [[nodiscard]] funnel_partial take();

 private:
  // A visitor who has begun.
  struct entry {
    std::uint64_t visitor = 0;
    millis last = 0;            // when the last step was; without a window
    std::uint32_t tag = 0;      // the group of the first step; with a window, the number of the run
    std::uint32_t reached = 0;  // steps, with a window 1; 0: nobody's
  };
  static constexpr std::uint32_t block_runs = 1024;

  [[nodiscard]] std::size_t bytes_with(std::size_t entries) const noexcept;
  // False when there is no memory for more.
  [[nodiscard]] bool grow();
  // Reads the entries that the events will need, so that they are near by then.
  void touch(std::span<const funnel_event> events) noexcept;
  // The visitor's entry, or the free one for them.
  [[nodiscard]] entry& find(std::uint64_t visitor) noexcept;
  // False when there is no room for a new visitor.
  [[nodiscard]] bool add_one(const funnel_event& e);
  [[nodiscard]] bool begin(entry& of, const funnel_event& e);
  void advance(entry& of, const funnel_event& e);
  [[nodiscard]] std::int64_t* run_of(std::uint32_t number) {
    return runs_[number / block_runs].data() + number % block_runs * std::size_t{shape_.words()};
  }
  void count_run(std::uint32_t number);

  funnel_shape shape_;
  std::vector<entry> entries_;  // a power of two, or none
  std::size_t visitors_ = 0;
  std::uint64_t touched_ = 0;                    // so that reading ahead is not optimised away
  std::vector<std::vector<std::int64_t>> runs_;  // with a window: shape_.words() each, in blocks
  std::map<std::optional<std::string>, std::uint32_t> numbers_;
  std::vector<funnel_group> groups_;
};

}  // namespace millimetric::query
