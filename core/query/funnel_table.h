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
  static constexpr std::size_t max_bytes = 32UL * 1024 * 1024;

  explicit funnel_table(const funnel_question& q) : shape_{q.steps.size(), q.window} {}

  // The numbers of visitors by their 64-bit hashes; new ones are made. Many at once, so that their
  // places in memory are waited for together. Two visitors of one hash count as one: among a
  // million, the odds of any such pair are one in 37 million. False when that takes too much
  // memory.
  [[nodiscard]] bool number(std::span<const std::uint64_t> hashes,
                            std::span<std::uint32_t> numbers);
  // The number of a group's value.
  [[nodiscard]] std::uint32_t group(const std::optional<std::string>& key);

  // The visitor's next event, in order.
  void add(std::uint32_t visitor, millis at, std::uint32_t fits, std::uint32_t group) {
    if (shape_.window)
      funnel_run(shape_, run_of(visitor)).add(at, fits, group);
    else if ((fits >> reached_[visitor] & 1U) != 0)
      advance(visitor, at, group);
  }

  // Counts the visitors and forgets them; groups stay, for a further pass.
  void count();
  // The groups with somebody in them, by key.
  [[nodiscard]] funnel_partial take();

 private:
  struct slot {
    std::uint32_t hash = 0;    // a part of the visitor's
    std::uint32_t number = 0;  // from 1; 0: free
  };
  static constexpr std::uint32_t block_visitors = 1024;

  [[nodiscard]] std::size_t bytes_with(std::size_t slots) const noexcept;
  void grow();
  // Reads what number_one will, so that it is near by then.
  void touch(std::span<const std::uint64_t> hashes) noexcept;
  [[nodiscard]] bool number_one(std::uint64_t hash, std::uint32_t& number);
  void add_visitor(std::uint64_t hash);
  // A step is reached for good: without a window the earliest event that fits is the one.
  void advance(std::uint32_t visitor, millis at, std::uint32_t group);
  [[nodiscard]] std::int64_t* run_of(std::uint32_t visitor) {
    return runs_[visitor / block_visitors].data() +
           visitor % block_visitors * std::size_t{shape_.words()};
  }

  funnel_shape shape_;
  std::vector<slot> slots_;
  std::uint64_t touched_ = 0;  // so that reading ahead is not optimised away
  // Per visitor:
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint8_t> reached_;            // steps; without a window, as are the next two
  std::vector<millis> last_;                     // when the last of them was
  std::vector<std::uint32_t> tags_;              // the group of the first of them
  std::vector<std::vector<std::int64_t>> runs_;  // with a window: shape_.words() each, in blocks
  std::map<std::optional<std::string>, std::uint32_t> numbers_;
  std::vector<funnel_group> groups_;
};

}  // namespace millimetric::query
