#pragma once
// The codes of a text column's rows: packed, or as runs where equal ones follow each other.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millimetric::segment {

// What a code stands for: an event, or a code of the url column (for a path that follows from it).
enum class code_rows : std::uint8_t { events = 0, urls = 1 };

// Codes as they are written; below 65,536, since a segment has no more rows.
struct code_column {
  code_rows per = code_rows::events;
  std::uint32_t values = 0;  // of the dictionary; this code is null
  std::vector<std::uint32_t> codes;
};

[[nodiscard]] std::string encode_codes(const code_column& c);

// Reads codes, of all rows or of some, without touching those of others.
class code_reader {
 public:
  // False when the bytes are no codes. They must outlive the reader.
  [[nodiscard]] bool open(std::string_view bytes);

  [[nodiscard]] code_rows per() const noexcept { return per_; }
  [[nodiscard]] std::uint32_t values() const noexcept { return values_; }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }

  // The codes of the rows from `begin` on, as many as there is room for. False when one is beyond
  // null.
  [[nodiscard]] bool read(std::size_t begin, std::span<std::uint16_t> out) const;
  // What `by_code`, which has an entry for every code, null included, has for these rows. False
  // likewise.
  template <class T>
  [[nodiscard]] bool look_up(std::size_t begin, std::span<const T> by_code, std::span<T> out) const;
  // Appends, with `offset` added, those of the rows [begin, end) that `by_code` has 1 for, and 0
  // for others. False likewise.
  [[nodiscard]] bool find(std::size_t begin, std::size_t end, std::span<const std::uint8_t> by_code,
                          std::size_t offset, std::vector<std::uint32_t>& out) const;
  // The codes of these rows, which rise. False likewise.
  [[nodiscard]] bool pick(std::span<const std::uint32_t> rows,
                          std::vector<std::uint16_t>& out) const;

 private:
  struct packed {
    std::string_view bytes;
    unsigned width = 0;
  };
  // The codes of the runs, and their lengths less one.
  [[nodiscard]] bool read_runs(std::vector<std::uint16_t>& codes,
                               std::vector<std::uint16_t>& lengths) const;
  [[nodiscard]] bool pick_of_runs(std::span<const std::uint32_t> rows,
                                  std::vector<std::uint16_t>& out) const;
  [[nodiscard]] bool all_within(std::span<const std::uint16_t> codes) const noexcept;

  code_rows per_ = code_rows::events;
  std::uint32_t values_ = 0;
  std::uint32_t count_ = 0;
  bool as_runs_ = false;
  std::uint32_t runs_ = 0;
  packed codes_;
  packed lengths_;  // of runs, less one
};

}  // namespace millimetric::segment
