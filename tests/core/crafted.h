#pragma once
// Texts made for a hash of theirs, as somebody who means harm makes them: hash64 is public.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/hash.h"

namespace millimetric {

// What gives 1 when multiplied by an odd number.
constexpr std::uint64_t inverse_of(std::uint64_t odd) noexcept {
  std::uint64_t out = odd;
  for (int i = 0; i < 6; ++i) out *= 2 - odd * out;
  return out;
}

// The eight bytes whose hash64 is this one: XXH3 of so few bytes, backwards.
inline std::string text_of_hash(std::uint64_t hash) {
  constexpr std::uint64_t back = inverse_of(0x9FB21C651E98DF25);
  std::uint64_t h = hash;
  h ^= h >> 28 ^ h >> 56;
  h *= back;
  h ^= (h >> 35) + sizeof h;
  h *= back;
  // The sum of three rotations; that of 64 times is what was there.
  for (int i = 1; i < 64; ++i) h ^= std::rotl(h, 49) ^ std::rotl(h, 24);
  h = std::rotl(h ^ 0x1CAD21F72C81017C ^ 0xDB979083E96DD4DE, 32);
  std::string out(sizeof h, '\0');
  std::memcpy(out.data(), &h, sizeof h);
  return out;
}

}  // namespace millimetric
