#pragma once
// Whole events of chosen rows, for answers that show them.

#include <cstdint>
#include <utility>
#include <vector>

#include "event/record.h"
#include "segment/fields.h"
#include "segment/reader.h"

namespace millimetric::segment {

class row_reader {
 public:
  row_reader(const reader& from, const std::vector<std::uint32_t>& rows);

  // The chunks to load first: times and codes of all columns.
  [[nodiscard]] std::vector<chunk_place> first_need() const;
  // Then, after read_codes: the parts of values that the rows refer to.
  [[nodiscard]] bool read_codes();
  [[nodiscard]] std::vector<chunk_place> then_need() const;
  // The events in the order of the rows, with their arrivals.
  [[nodiscard]] bool read(std::vector<std::pair<std::int64_t, event::record>>& out) const;

 private:
  bool read_column(const text_field& f, const row_codes& of_rows,
                   std::vector<std::pair<std::int64_t, event::record>>& out) const;

  const reader& from_;
  std::vector<std::uint32_t> rows_;  // rising
  std::vector<std::size_t> places_;  // of each of them, among the rows that were asked for
  std::vector<row_codes> codes_;     // per text field: of the rows
};

}  // namespace millimetric::segment
