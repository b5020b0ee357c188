#pragma once
// The rows of segments that are merged: in what order, and a column of them at a time. These are
// loops over all rows (base/row_loop.h says why they are small), by themselves so that they are
// compiled for speed.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "segment/interner.h"
#include "segment/reader.h"

namespace millimetric::store {

struct row_place {
  std::uint16_t input;
  std::uint16_t row;
};

// A row by what segments are sorted by.
struct merged_row {
  std::int64_t time;
  std::int64_t arrival;
  row_place from;
  [[nodiscard]] bool operator<(const merged_row& other) const noexcept {
    return time != other.time ? time < other.time : arrival < other.arrival;
  }
};

// One input's part of a text column.
struct input_column {
  segment::row_codes rows;
  segment::texts values;
  std::vector<std::uint32_t> numbers;  // of the interner, by code; null_number: none yet
};

// Sorts rows of which each run, that ends where `ends` says, is sorted already.
[[nodiscard]] std::vector<row_place> merge_runs(std::vector<merged_row> rows,
                                                std::vector<std::size_t> ends);

// The numbers, by input and row, in the order of the merged rows.
[[nodiscard]] std::vector<std::int64_t> integers_by_row(
    std::span<const row_place> order, const std::vector<std::vector<std::int64_t>>& columns);

// The values of a column that is kept row by row. They are views of `columns`.
[[nodiscard]] std::vector<std::string_view> values_by_row(std::span<const row_place> order,
                                                          const std::vector<input_column>& columns);

// The rows' values as numbers of `values`, which gets what the rows use and nothing else: a value
// of a forgotten row does not come along. Views of `columns`.
[[nodiscard]] std::vector<std::uint32_t> number_rows(std::span<const row_place> order,
                                                     std::vector<input_column>& columns,
                                                     segment::interner& values);

}  // namespace millimetric::store
