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
  // The numbers of the rows from `begin` on, as many as there is room for; they must be rows.
  void read(std::size_t begin, std::span<std::int64_t> out) const;
  // The numbers of these rows, which rise; the reader's own rows begin with the row `first`.
  void pick(std::span<const std::uint32_t> rows, std::size_t first, std::int64_t* out) const;

 private:
  [[nodiscard]] std::size_t in_block(std::size_t block) const noexcept;

  std::string_view bytes_;
  std::size_t count_ = 0;
  bool plain_ = false;
  std::vector<std::uint32_t> blocks_;  // where each begins
};

// The numbers of row groups one behind the other, of all of a segment or of some.
class integer_column {
 public:
  // Adds the group of the rows from `first` on, behind those before it. False as for a reader.
  [[nodiscard]] bool add(std::size_t first, std::string_view bytes, std::size_t count);

  // These are of rows whose groups were added.
  [[nodiscard]] std::int64_t operator[](std::size_t row) const noexcept;
  void read(std::size_t begin, std::size_t end, std::vector<std::int64_t>& out) const;
  // The numbers of these rows, which rise.
  void pick(std::span<const std::uint32_t> rows, std::vector<std::int64_t>& out) const;
  // Of rising numbers: the first row from `begin` on whose number is not below `value`, or `end`.
  [[nodiscard]] std::size_t lower_bound(std::int64_t value, std::size_t begin,
                                        std::size_t end) const noexcept;

 private:
  struct group {
    std::size_t first = 0;
    integer_reader numbers;
  };
  [[nodiscard]] const group& group_of(std::size_t row) const noexcept;

  std::vector<group> groups_;
};

}  // namespace millimetric::segment
