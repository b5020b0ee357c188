#pragma once
// A column of 64-bit numbers: blocks of 128 as a line (base and slope) plus the distance from it in
// as few bits as it needs. Sorted times and counting numbers cost next to nothing. Numbers too far
// from any line are stored plain.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millimetric::segment {

[[nodiscard]] std::string encode_integers(std::span<const std::int64_t> values);

// False when the bytes are not a column of exactly `count` numbers.
[[nodiscard]] bool decode_integers(std::string_view bytes, std::size_t count,
                                   std::vector<std::int64_t>& out);

}  // namespace millimetric::segment
