#pragma once
// Which visitors a segment may hold: two bytes of the hash of every anonymous id and user id, in 64
// partitions by the hash's top, so that to look for one visitor in a thousand segments reads half a
// kilobyte of each. A wrong "maybe" comes once in some hundred looks; a wrong "no" never.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "query/question.h"
#include "segment/format.h"

namespace millimetric::segment {

inline constexpr std::size_t visitor_partitions = 64;

// What an id is looked up by; ids of both kinds stand in one index and do not meet.
[[nodiscard]] std::uint64_t visitor_hash(query::column kind, std::uint64_t hash_of_id) noexcept;

[[nodiscard]] std::uint8_t visitor_column(std::uint64_t visitor) noexcept;

// The partitions' chunks, of the visitor_hash of every id of the segment.
[[nodiscard]] std::array<std::string, visitor_partitions> encode_visitors(
    std::span<const std::uint64_t> visitors);

[[nodiscard]] bool may_hold_visitor(std::string_view partition, std::uint64_t visitor) noexcept;

}  // namespace millimetric::segment
