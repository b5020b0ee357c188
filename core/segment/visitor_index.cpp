#include "segment/visitor_index.h"

#include <algorithm>
#include <vector>

namespace millimetric::segment {
namespace {

constexpr unsigned partition_bits = 6;

std::size_t partition_of(std::uint64_t visitor) noexcept {
  return visitor >> (64 - partition_bits);
}

std::uint16_t print_of(std::uint64_t visitor) noexcept {
  return static_cast<std::uint16_t>(visitor >> (64 - partition_bits - 16));
}

std::uint16_t print_at(std::string_view partition, std::size_t i) noexcept {
  const auto low = static_cast<unsigned char>(partition[2 * i]);
  const auto high = static_cast<unsigned char>(partition[2 * i + 1]);
  return static_cast<std::uint16_t>(low | high << 8);
}

}  // namespace

std::uint64_t visitor_hash(query::column kind, std::uint64_t hash_of_id) noexcept {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio: spreads the bits
  return kind == query::column::user_id ? (hash_of_id ^ odd) * odd : hash_of_id;
}

std::uint8_t visitor_column(std::uint64_t visitor) noexcept {
  return static_cast<std::uint8_t>(static_cast<std::size_t>(column_id::visitors) +
                                   partition_of(visitor));
}

std::array<std::string, visitor_partitions> encode_visitors(
    std::span<const std::uint64_t> visitors) {
  std::array<std::vector<std::uint16_t>, visitor_partitions> prints;
  for (const std::uint64_t v : visitors) prints[partition_of(v)].push_back(print_of(v));
  std::array<std::string, visitor_partitions> out;
  for (std::size_t p = 0; p < visitor_partitions; ++p) {
    std::sort(prints[p].begin(), prints[p].end());
    prints[p].erase(std::unique(prints[p].begin(), prints[p].end()), prints[p].end());
    for (const std::uint16_t print : prints[p]) {
      out[p].push_back(static_cast<char>(print & 0xFF));
      out[p].push_back(static_cast<char>(print >> 8));
    }
  }
  return out;
}

bool may_hold_visitor(std::string_view partition, std::uint64_t visitor) noexcept {
  const std::uint16_t wanted = print_of(visitor);
  std::size_t from = 0;
  std::size_t to = partition.size() / 2;
  while (from < to) {
    const std::size_t middle = (from + to) / 2;
    const std::uint16_t print = print_at(partition, middle);
    if (print == wanted) return true;
    if (print < wanted)
      from = middle + 1;
    else
      to = middle;
  }
  return false;
}

}  // namespace millimetric::segment
