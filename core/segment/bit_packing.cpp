#include "segment/bit_packing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace millimetric::segment {
namespace {

using lanes = std::uint32_t __attribute__((vector_size(16)));
constexpr std::size_t steps = pack_block / 4;  // vectors of a block

constexpr std::uint32_t mask_of(unsigned width) { return width == 32 ? ~0U : (1U << width) - 1U; }

lanes load(const char* from) noexcept {
  lanes v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

// The `step`-th vector of a block.
lanes unpack_step(const char* in, unsigned width, std::size_t step) noexcept {
  const std::size_t bit = step * width;
  const char* const at = in + bit / 32 * sizeof(lanes);
  const unsigned shift = bit % 32;
  lanes v = load(at) >> shift;
  if (shift + width > 32) v |= load(at + sizeof(lanes)) << (32 - shift);
  return v & mask_of(width);
}

void unpack_block(const char* in, unsigned width, std::uint32_t* out) noexcept {
  if (width == 0) {
    std::memset(out, 0, pack_block * sizeof *out);
    return;
  }
  for (std::size_t step = 0; step < steps; ++step) {
    const lanes v = unpack_step(in, width, step);
    std::memcpy(out + step * 4, &v, sizeof v);
  }
}

using halves = std::uint16_t __attribute__((vector_size(16)));

template <unsigned Width, std::size_t Step>
lanes short_step(const char* in) noexcept {
  return unpack_step(in, Width, Step);
}

// Codes are unpacked more than anything else, so each of their widths has a function of its own.
template <unsigned Width, std::size_t... Pair>
void short_steps(const char* in, std::uint16_t* out, std::index_sequence<Pair...>) noexcept {
  const auto pair = [&](std::size_t p, lanes low, lanes high) {
    const halves both = __builtin_shufflevector((halves)low, (halves)high, 0, 2, 4, 6, 8, 10, 12,
                                                14);  // the lower half of each
    std::memcpy(out + p * 8, &both, sizeof both);
  };
  (pair(Pair, short_step<Width, 2 * Pair>(in), short_step<Width, 2 * Pair + 1>(in)), ...);
}

template <unsigned Width>
void unpack_short_block(const char* in, std::uint16_t* out) noexcept {
  if constexpr (Width == 0)
    std::memset(out, 0, pack_block * sizeof *out);
  else
    short_steps<Width>(in, out, std::make_index_sequence<steps / 2>());
}

using short_unpacker = void (*)(const char*, std::uint16_t*) noexcept;

template <std::size_t... Width>
constexpr std::array<short_unpacker, sizeof...(Width)> make_unpackers(
    std::index_sequence<Width...>) {
  return {&unpack_short_block<Width>...};
}

constexpr auto short_unpackers = make_unpackers(std::make_index_sequence<most_short_width + 1>());

void pack_one_block(const std::uint32_t* in, unsigned width, char* out) noexcept {
  lanes word{};
  unsigned used = 0;  // bits of each lane of it
  for (std::size_t step = 0; step < steps; ++step) {
    lanes v;
    std::memcpy(&v, in + step * 4, sizeof v);
    word |= v << used;
    used += width;
    if (used < 32) continue;
    std::memcpy(out, &word, sizeof word);
    out += sizeof word;
    used -= 32;
    word = used == 0 ? lanes{} : v >> (width - used);
  }
}

// Bit by bit, behind the last full block.
void pack_rest(std::span<const std::uint32_t> values, unsigned width, char* out) noexcept {
  std::uint64_t window = 0;
  unsigned used = 0;  // bits of it
  for (const std::uint32_t v : values) {
    window |= static_cast<std::uint64_t>(v) << used;
    used += width;
    for (; used >= 8; used -= 8, window >>= 8) *out++ = static_cast<char>(window & 0xFF);
  }
  if (used > 0) *out = static_cast<char>(window & 0xFF);
}

std::size_t block_size(unsigned width) noexcept { return width * sizeof(lanes); }

// A value of the bit-by-bit rest. Reads byte by byte: the rest may end anywhere.
std::uint32_t rest_at(std::string_view in, unsigned width, std::size_t i) noexcept {
  const std::size_t bit = i * width;
  std::uint64_t window = 0;
  const std::size_t first = bit / 8;
  for (std::size_t b = 0; b < 5 && first + b < in.size(); ++b)
    window |= static_cast<std::uint64_t>(static_cast<unsigned char>(in[first + b])) << (8 * b);
  return static_cast<std::uint32_t>(window >> (bit % 8)) & mask_of(width);
}

}  // namespace

unsigned bits_for(std::uint32_t most) noexcept {
  return static_cast<unsigned>(std::bit_width(most));
}

std::size_t packed_size(std::size_t count, unsigned width) noexcept {
  return count / pack_block * block_size(width) + (count % pack_block * width + 7) / 8;
}

void append_packed(std::string& out, std::span<const std::uint32_t> values, unsigned width) {
  if (width == 0) return;
  const std::size_t at = out.size();
  out.resize(at + packed_size(values.size(), width), '\0');
  char* to = out.data() + at;
  const std::size_t blocks = values.size() / pack_block;
  for (std::size_t b = 0; b < blocks; ++b, to += block_size(width))
    pack_one_block(values.data() + b * pack_block, width, to);
  pack_rest(values.subspan(blocks * pack_block), width, to);
}

bool unpack(std::string_view in, std::size_t count, unsigned width,
            std::vector<std::uint32_t>& out) {
  if (width > most_pack_width || in.size() != packed_size(count, width)) return false;
  out.resize(count);
  const std::size_t blocks = count / pack_block;
  for (std::size_t b = 0; b < blocks; ++b)
    unpack_block(in.data() + b * block_size(width), width, out.data() + b * pack_block);
  const std::string_view rest = in.substr(blocks * block_size(width));
  for (std::size_t i = blocks * pack_block; i < count; ++i)
    out[i] = width == 0 ? 0 : rest_at(rest, width, i - blocks * pack_block);
  return true;
}

void append_numbers(std::string& out, std::span<const std::uint32_t> values) {
  std::uint32_t most = 0;
  for (const std::uint32_t n : values) most = std::max(most, n);
  const unsigned width = bits_for(most);
  byte_writer(out).u8(static_cast<std::uint8_t>(width));
  append_packed(out, values, width);
}

bool read_numbers(byte_reader& in, std::size_t count, std::vector<std::uint32_t>& out) {
  const unsigned width = in.u8();
  return width <= most_pack_width && unpack(in.take(packed_size(count, width)), count, width, out);
}

void unpack_short(std::string_view in, std::size_t count, unsigned width, std::size_t begin,
                  std::size_t end, std::uint16_t* out) noexcept {
  const std::size_t full = count / pack_block;
  for (std::size_t at = begin; at < end;) {
    const std::size_t block = at / pack_block;
    const std::size_t from = at % pack_block;
    const std::size_t n = std::min(pack_block - from, end - at);
    const char* const bytes = in.data() + block * block_size(width);
    if (block == full) {  // the rest
      for (std::size_t i = 0; i < n; ++i)
        out[i] = static_cast<std::uint16_t>(packed_at(in, count, width, at + i));
    } else if (n == pack_block) {
      short_unpackers[width](bytes, out);
    } else {
      std::array<std::uint16_t, pack_block> whole;
      short_unpackers[width](bytes, whole.data());
      std::memcpy(out, whole.data() + from, n * sizeof *out);
    }
    at += n;
    out += n;
  }
}

std::uint32_t packed_at(std::string_view in, std::size_t count, unsigned width,
                        std::size_t i) noexcept {
  if (width == 0) return 0;
  const std::size_t block = i / pack_block;
  if (block == count / pack_block)
    return rest_at(in.substr(block * block_size(width)), width, i % pack_block);
  const std::size_t within = i % pack_block;
  const std::size_t bit = within / 4 * width;
  const char* lane = in.data() + block * block_size(width) + bit / 32 * sizeof(lanes) +
                     within % 4 * sizeof(std::uint32_t);
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  std::memcpy(&low, lane, sizeof low);
  const std::size_t shift = bit % 32;
  if (shift + width > 32) std::memcpy(&high, lane + sizeof(lanes), sizeof high);
  const std::uint64_t both = static_cast<std::uint64_t>(high) << 32 | low;
  return static_cast<std::uint32_t>(both >> shift) & mask_of(width);
}

}  // namespace millimetric::segment
