#pragma once
// Prints of event ids, three bytes each and many behind one another, and looking for one among
// them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace millimetric::segment {

inline constexpr std::size_t print_bytes = 3;
inline constexpr std::uint32_t print_mask = 0xFFFFFF;

inline std::uint32_t print_of_id(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash) & print_mask;
}

// Which of so many buckets an id is in, by the half of its hash that the print has nothing of.
inline std::uint32_t bucket_of(std::uint64_t hash, std::uint32_t buckets) noexcept {
  return static_cast<std::uint32_t>((hash >> 32) * buckets >> 32);
}

// In which halves of all hashes those of the buckets from `first` to `last` are: bit 0 is the lower
// one, bit 1 the upper one.
inline unsigned halves_of(std::uint32_t first, std::uint32_t last, std::uint32_t buckets) noexcept {
  const std::uint32_t middle = bucket_of(std::uint64_t{1} << 63, buckets);
  return (first <= middle ? 1U : 0U) | (last >= middle ? 2U : 0U);
}

// The print at `at`, behind which there is another byte.
inline std::uint32_t read_print(const char* at) noexcept {
  std::uint32_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word & print_mask;
}

// Bytes that must be readable behind prints among which `any_print` looks.
template <std::uint32_t AtOnce>
inline constexpr std::size_t read_beyond = AtOnce* print_bytes + 4;

// Whether one of the `count` prints at `at` is `wanted` in the bits of `mask`. The first `AtOnce`,
// a multiple of four, are looked at without a branch for each: how many there are cannot be
// foreseen.
template <std::uint32_t AtOnce>
bool any_print(const char* at, std::uint32_t count, std::uint32_t wanted,
               std::uint32_t mask) noexcept {
  using bytes = std::uint8_t __attribute__((vector_size(16)));
  using four = std::uint32_t __attribute__((vector_size(16)));
  four any{};
  for (std::uint32_t i = 0; i < AtOnce; i += 4) {
    bytes b;
    std::memcpy(&b, at + i * print_bytes, sizeof b);
    const auto prints = (four)__builtin_shufflevector(b, bytes{}, 0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8,
                                                      16, 9, 10, 11, 16);
    any |= (four)((prints & mask) == wanted) & (four)(four{i, i + 1, i + 2, i + 3} < count);
  }
  std::array<std::uint64_t, 2> halves;
  std::memcpy(halves.data(), &any, sizeof any);
  bool found = (halves[0] | halves[1]) != 0;
  for (std::uint32_t i = AtOnce; i < count; ++i)
    found |= (read_print(at + i * print_bytes) & mask) == wanted;
  return found;
}

// Where prints are among others.
struct print_range {
  std::uint32_t start;
  std::uint32_t count;
};

// A look waits for memory most of the time. So many find out where to look before any of them
// looks, for many to wait at once.
inline constexpr std::size_t looks_together = 64;
using print_ranges = std::array<print_range, looks_together>;

}  // namespace millimetric::segment
