#pragma once
// Hashes of event ids, as a store has them.

#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.h"

namespace millimetric::segment {

// Of `count` ids, each of its own, from the first on.
inline std::vector<std::uint64_t> hashes(int first, int count) {
  std::vector<std::uint64_t> out;
  for (int i = first; i < first + count; ++i) out.push_back(hash64(std::to_string(i)));
  return out;
}

}  // namespace millimetric::segment
