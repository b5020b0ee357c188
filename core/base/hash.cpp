#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace millimetric {

std::uint64_t hash64(std::string_view bytes) noexcept {
  // Most of what is hashed are UUIDs: with a size that it knows, the compiler writes out all of it.
  constexpr std::size_t uuid = 36;
  if (bytes.size() == uuid) return XXH3_64bits(bytes.data(), uuid);
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) noexcept {
  return XXH64(bytes.data(), bytes.size(), seed);
}

}  // namespace millimetric
