#pragma once
// Numbers pairs of codes, as one number each, from 0 as they appear.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/hash.h"

namespace millimetric::segment {

class pair_numbers {
 public:
  // Direct tables up to this many entries (1 MB); hash tables beyond.
  static constexpr std::size_t direct_entries = 256UL * 1024;

  // `pairs`: how many there can be.
  explicit pair_numbers(std::uint64_t pairs)
      : direct_(pairs <= direct_entries ? static_cast<std::size_t>(pairs) : 0, none) {}
  // The number of a pair, made when new.
  std::uint32_t operator[](std::uint64_t pair) {
    std::uint32_t& n = direct_.empty() ? slot(pair) : direct_[static_cast<std::size_t>(pair)];
    if (n == none) {
      n = static_cast<std::uint32_t>(pairs_.size());
      pairs_.push_back(pair);
    }
    return n;
  }
  // The pairs by their numbers.
  [[nodiscard]] const std::vector<std::uint64_t>& pairs() const noexcept { return pairs_; }

 private:
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  std::uint32_t& slot(std::uint64_t pair) { return hashed_.try_emplace(pair, none).first->second; }
  std::vector<std::uint32_t> direct_;
  std::unordered_map<std::uint64_t, std::uint32_t, table_hash> hashed_;
  std::vector<std::uint64_t> pairs_;
};

}  // namespace millimetric::segment
