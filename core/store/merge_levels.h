#pragma once
// Which segments are merged: those of one size, when there are enough of them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <tuple>
#include <vector>

#include "segment/limits.h"
#include "store/catalog.h"

namespace millimetric::store {

// Segments that one merge takes at most, where many small ones have piled up.
inline constexpr std::size_t most_merged = 128;

// Segments of one size.
struct level {
  std::vector<segment_ref> segments;
  std::uint64_t events = 0;
  std::size_t bytes = 0;  // in memory
  // Whether they are to be merged.
  [[nodiscard]] bool due(const segment::limits& l) const {
    return segments.size() >= l.merge_inputs || is_full(l);
  }
  // Whether waiting would make a merge no larger.
  [[nodiscard]] bool is_full(const segment::limits& l) const;
};
// The smallest segments first.
using levels = std::array<level, std::tuple_size_v<decltype(segment::limits::level_ends)> + 1>;

// The segments that can be merged, by size. Not those that are full or damaged, nor those whose
// numbers are in `left_out`.
[[nodiscard]] levels levels_of(const catalog& segments, const std::set<std::int64_t>& left_out,
                               const segment::limits& limits);

// What a merge takes of a level, whose segments are sorted by it: neighbours in time, as many as
// make a full segment.
[[nodiscard]] std::vector<segment_ref> inputs_of(level& l, const segment::limits& limits);

}  // namespace millimetric::store
