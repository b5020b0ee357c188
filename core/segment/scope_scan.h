#pragma once
// The rows of a segment that a question is about: those in its range that pass its filters.

#include <cstdint>
#include <utility>
#include <vector>

#include "query/question.h"
#include "segment/reader.h"

namespace millimetric::segment {

// Rows [begin, end), of which `keep` has a byte each (1: taken), or all of them when it is empty.
struct selection {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::vector<std::uint8_t> keep;

  [[nodiscard]] bool takes(std::size_t row) const noexcept {
    return keep.empty() || keep[row - begin] != 0;
  }
  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};

// The rows of a question one by one, rising: a range where all are, otherwise a list.
class chosen_rows {
 public:
  chosen_rows() = default;
  explicit chosen_rows(row_range all) : all_(all), listed_(false) {}
  explicit chosen_rows(std::vector<std::uint32_t> list) : list_(std::move(list)) {}

  [[nodiscard]] std::size_t size() const noexcept { return listed_ ? list_.size() : all_.size(); }
  [[nodiscard]] std::uint32_t operator[](std::size_t n) const noexcept {
    return listed_ ? list_[n] : static_cast<std::uint32_t>(all_.begin + n);
  }

 private:
  row_range all_;
  bool listed_ = true;
  std::vector<std::uint32_t> list_;
};

// A byte for each code of the filter's column, null included: 1 where the filter lets it pass.
// False when the segment is damaged.
[[nodiscard]] bool accepted_codes(const reader& from, const query::filter& f,
                                  std::vector<std::uint8_t>& out);

// In two steps, so that a segment without any of the asked values costs only its dictionaries.
class scope_scan {
 public:
  // Both must outlive the scan.
  scope_scan(const reader& from, const query::scope& in) : from_(from), in_(in) {}

  // The values of the filters' columns.
  [[nodiscard]] std::vector<chunk_place> values_need() const;
  // False when the segment is damaged.
  [[nodiscard]] bool read_values();
  // After read_values: no row can pass.
  [[nodiscard]] bool excludes_all() const noexcept { return nothing_; }

  // The codes of the filters' columns, and the times where the range cuts the segment.
  [[nodiscard]] std::vector<chunk_place> rows_need() const;
  [[nodiscard]] bool read_rows(selection& out) const;
  // The same rows, faster where they are few.
  [[nodiscard]] bool read_rows(chosen_rows& out) const;

 private:
  [[nodiscard]] bool cut_by_range() const noexcept;
  [[nodiscard]] bool read_range(row_range& out) const;
  [[nodiscard]] bool apply(std::size_t filter, selection& out) const;
  // Leaves those of the rows that pass the filter.
  [[nodiscard]] bool narrow(std::size_t filter, std::vector<std::uint32_t>& rows) const;

  const reader& from_;
  const query::scope& in_;
  std::vector<std::vector<std::uint8_t>> accepted_;  // per filter: a byte per code
  bool nothing_ = false;
};

}  // namespace millimetric::segment
