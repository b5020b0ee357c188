#pragma once
// What simdjson's SSE4.2 kernel wants of <x86intrin.h>, for WebAssembly. Emscripten's headers give
// the SSE intrinsics as 128-bit WebAssembly instructions; the few below are not SSE, so it has
// none.

#include <cstdint>

#include <nmmintrin.h>

// Carry-less multiplication. simdjson multiplies by all ones only: the running exclusive or of the
// lower half's bits. The other operand is not looked at.
inline __m128i _mm_clmulepi64_si128(__m128i bits, __m128i /*all_ones*/, int /*halves*/) {
  auto sum = static_cast<std::uint64_t>(_mm_cvtsi128_si64(bits));
  for (int shift = 1; shift < 64; shift *= 2) sum ^= sum << shift;
  return _mm_set_epi64x(0, static_cast<std::int64_t>(sum));
}

inline std::int64_t _popcnt64(std::int64_t bits) {
  return __builtin_popcountll(static_cast<std::uint64_t>(bits));
}

inline std::uint64_t _umul128(std::uint64_t a, std::uint64_t b, std::uint64_t* high) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  *high = static_cast<std::uint64_t>(product >> 64);
  return static_cast<std::uint64_t>(product);
}
