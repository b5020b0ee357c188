#pragma once
// How many different values were seen: exact while they are few, a HyperLogLog beyond. What it
// holds depends on the set of values and the limit alone, not on order or on how parts were merged.

#include <algorithm>
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

// A counter as its record has it, to be merged without being made first. A view of the record.
struct distinct_record {
  std::vector<std::uint64_t> values;
  std::optional<std::string_view> sketch;
  std::optional<std::uint64_t> finished;
  bool estimated = false;
  template <class A>
  void fields(A& a) {
    a(values, sketch, finished, estimated);
  }
};

class distinct_counter {
 public:
  // A value by its 64-bit hash. Two values of one hash count as one: at 10,000 values the odds of
  // any such pair are below 3 in a trillion.
  void insert(std::uint64_t hash, std::size_t exact_limit);
  void merge(const distinct_counter& other, std::size_t exact_limit);
  void merge(const distinct_record& other, std::size_t exact_limit);
  // Turns to an estimate when more than `exact_limit` values are held.
  void limit(std::size_t exact_limit);

  // Keeps only the number: for counters that are not merged any more.
  void finish();

  [[nodiscard]] std::uint64_t count() const;
  // Values held; 0 for an estimate.
  [[nodiscard]] std::size_t held() const noexcept { return held_; }
  // Memory of the values or of the estimate.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return table_.capacity() * sizeof(std::uint64_t) + (sketch_ ? hyperloglog::size : 0);
  }
  [[nodiscard]] bool exact() const noexcept { return !sketch_ && !estimated_; }
  // Values that there are for certain: an estimate knows how many it was made of.
  [[nodiscard]] std::size_t at_least() const noexcept { return std::max(held_, counted_); }

  template <class A>
  void fields(A& a) {
    std::vector<std::uint64_t> values;
    if constexpr (!A::reads) values = sorted();
    a(values, sketch_, finished_, estimated_);
    if constexpr (A::reads) set(values);
  }

 private:
  [[nodiscard]] std::vector<std::uint64_t> sorted() const;
  void set(const std::vector<std::uint64_t>& values);
  // False when it is there already. There must be room.
  bool put(std::uint64_t hash) noexcept;
  void grow();
  // For so many more values: values that come in the order of a table crowd a smaller one's
  // beginning.
  void make_room(std::size_t more);

  // The values at places that follow from them; 0 is free, and has_zero_ stands for the value 0.
  std::vector<std::uint64_t> table_;
  std::size_t held_ = 0;
  std::size_t counted_ = 0;  // held when the sketch took their place
  bool has_zero_ = false;
  std::optional<hyperloglog> sketch_;
  std::optional<std::uint64_t> finished_;  // the number, when that is all that is left
  bool estimated_ = false;                 // the finished number is an estimate
};

}  // namespace millimetric::query
