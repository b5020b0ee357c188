#pragma once
// A column of 64-bit numbers: blocks of 128 as a line (base and slope) plus the distance from it in
// as few bits as it needs. Sorted times and counting numbers cost next to nothing. Numbers too far
// from any line are stored plain.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millimetric::segment {

[[nodiscard]] std::string encode_integers(std::span<const std::int64_t> values);

// Reads numbers, of all rows or of some, without touching those of others.
class integer_reader {
 public:
  // False when the bytes are not a column of exactly `count` numbers. They must outlive the reader.
  [[nodiscard]] bool open(std::string_view bytes, std::size_t count);

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::int64_t operator[](std::size_t i) const noexcept;
  // The numbers of rows [begin, end), which must be rows.
  void read(std::size_t begin, std::size_t end, std::vector<std::int64_t>& out) const;
  // Of rising numbers: the first row from `begin` on whose number is not below `value`, or `end`.
  [[nodiscard]] std::size_t lower_bound(std::int64_t value, std::size_t begin,
                                        std::size_t end) const noexcept;

 private:
  [[nodiscard]] std::size_t in_block(std::size_t block) const noexcept;

  std::string_view bytes_;
  std::size_t count_ = 0;
  bool plain_ = false;
  std::vector<std::uint32_t> blocks_;  // where each begins
};

}  // namespace millimetric::segment
