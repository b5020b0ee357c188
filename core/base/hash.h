#pragma once
// A 64-bit hash of text for sketches and tables (XXH3; never for secrets). The same bytes give
// the same hash natively and in WebAssembly, and for ever: sketches of hashes are merged and kept.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace millimetric {

[[nodiscard]] std::uint64_t hash64(std::string_view bytes) noexcept;

// Another hash for each seed; not the one above for any.
[[nodiscard]] std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) noexcept;

// What decides where tables in memory have what others sent, for the life of an instance. Unless it
// is secret, values can be chosen that all belong in one place: the time of a table is then the
// square of their number.
inline constexpr std::uint64_t unkeyed = 0x9E3779B97F4A7C15;  // 2^64 by the golden ratio
inline std::uint64_t table_key = unkeyed;

// Takes random bits. The first ones stay: there are tables by them from then on.
inline void key_tables(std::uint64_t random) noexcept {
  if (table_key == unkeyed) table_key = hash64({}, random) | 1;
}

// Where a value belongs in a table whose places, two or more, are a power of two.
[[nodiscard]] inline std::size_t place_in_table(std::uint64_t value, std::size_t places) noexcept {
  return static_cast<std::size_t>(value * table_key >> std::countl_zero(std::uint64_t{places - 1}));
}

struct table_hash {
  [[nodiscard]] std::size_t operator()(std::uint64_t value) const noexcept {
    return static_cast<std::size_t>(value * table_key >> 32);
  }
  [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept {
    return static_cast<std::size_t>(hash64(text, table_key));
  }
};

}  // namespace millimetric
