#pragma once
// How many different values were seen: exact while they are few, a HyperLogLog beyond. What it
// holds depends on the set of values and the limit alone, not on order or on how parts were merged.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "query/hyperloglog.h"

namespace millimetric::query {

// Values that are counted exactly, per group. Contract, section 2.
inline constexpr std::size_t exact_limit_few_groups = 10'000;
inline constexpr std::size_t exact_limit_many_groups = 1'000;
inline constexpr std::size_t many_groups = 100;  // more groups than this are many

class distinct_counter {
 public:
  // A value by its 64-bit hash. Two values of one hash count as one: at 10,000 values the odds of
  // any such pair are below 3 in a trillion.
  void insert(std::uint64_t hash, std::size_t exact_limit);
  void merge(const distinct_counter& other, std::size_t exact_limit);
  // Turns to an estimate when more than `exact_limit` values are held.
  void limit(std::size_t exact_limit);

  // Keeps only the number: for counters that are not merged any more.
  void finish();

  [[nodiscard]] std::uint64_t count() const;
  // Values held, and so 8 bytes each; 0 for an estimate, whose size is fixed.
  [[nodiscard]] std::size_t held() const noexcept { return hashes_.size(); }
  [[nodiscard]] bool exact() const noexcept { return !sketch_ && !estimated_; }

  template <class A>
  void fields(A& a) {
    settle();
    a(hashes_, sketch_, finished_, estimated_);
    sorted_ = 0;
  }

 private:
  void settle() const;  // sorts and removes repeats

  mutable std::vector<std::uint64_t> hashes_;  // the first sorted_ are sorted and different
  mutable std::size_t sorted_ = 0;
  std::optional<hyperloglog> sketch_;
  std::optional<std::uint64_t> finished_;  // the number, when that is all that is left
  bool estimated_ = false;                 // the finished number is an estimate
};

}  // namespace millimetric::query
