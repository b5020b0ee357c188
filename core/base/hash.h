#pragma once
// A 64-bit hash of text for sketches and tables (XXH3; never for secrets). The same bytes give
// the same hash natively and in WebAssembly, and for ever: sketches of hashes are merged and kept.

#include <cstdint>
#include <string_view>

namespace millimetric {

[[nodiscard]] std::uint64_t hash64(std::string_view bytes) noexcept;

// Another hash for each seed; not the one above for any.
[[nodiscard]] std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) noexcept;

}  // namespace millimetric
