#pragma once
// Arrays of small numbers in as many bits as the largest needs.
//
// Full blocks of 128 values lie in four lanes of 32 bits, value i in lane i % 4, so that one
// 128-bit vector operation unpacks four values; the values behind the last full block follow bit by
// bit. Source: Lemire and Boytsov, "Decoding billions of integers per second through vectorization"
// (2015), SIMD-BP128 without its headers.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace millimetric::segment {

inline constexpr std::size_t pack_block = 128;
inline constexpr unsigned most_pack_width = 32;
inline constexpr unsigned most_short_width = 16;

// Bits that hold every number up to `most`; 0 for 0.
[[nodiscard]] unsigned bits_for(std::uint32_t most) noexcept;

// Bytes of `count` values of `width` bits. `width` is at most 32.
[[nodiscard]] std::size_t packed_size(std::size_t count, unsigned width) noexcept;

// Appends the values, each below 2^width.
void append_packed(std::string& out, std::span<const std::uint32_t> values, unsigned width);

// Unpacks `count` values into `out`. False when `in` is not of that size or the width is too large.
[[nodiscard]] bool unpack(std::string_view in, std::size_t count, unsigned width,
                          std::vector<std::uint32_t>& out);

// Appends the width that the largest needs, in one byte, and the values packed.
void append_numbers(std::string& out, std::span<const std::uint32_t> values);
// Reads them back. False when there are not so many.
[[nodiscard]] bool read_numbers(byte_reader& in, std::size_t count,
                                std::vector<std::uint32_t>& out);

// Values [begin, end) of `count`, each of at most 16 bits, into `out`; `in` must have their size.
void unpack_short(std::string_view in, std::size_t count, unsigned width, std::size_t begin,
                  std::size_t end, std::uint16_t* out) noexcept;

// Value `i` alone; `in` must have the size of `count` values.
[[nodiscard]] std::uint32_t packed_at(std::string_view in, std::size_t count, unsigned width,
                                      std::size_t i) noexcept;

}  // namespace millimetric::segment
