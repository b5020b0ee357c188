#include "store/merged_rows.h"

#include <algorithm>

#include "base/row_loop.h"

namespace millimetric::store {

MM_ROW_LOOP std::vector<row_place> merge_runs(std::vector<merged_row> rows,
                                              std::vector<std::size_t> ends) {
  std::vector<merged_row> from;
  while (ends.size() > 1) {
    from.resize(rows.size());
    from.swap(rows);
    std::vector<std::size_t> merged;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < ends.size(); i += 2) {
      const std::size_t middle = ends[i];
      const std::size_t end = i + 1 < ends.size() ? ends[i + 1] : middle;
      const auto at = [&](std::size_t n) { return from.begin() + static_cast<std::ptrdiff_t>(n); };
      std::merge(at(begin), at(middle), at(middle), at(end),
                 rows.begin() + static_cast<std::ptrdiff_t>(begin));
      merged.push_back(end);
      begin = end;
    }
    ends = std::move(merged);
  }
  std::vector<row_place> out;
  out.reserve(rows.size());
  for (const merged_row& r : rows) out.push_back(r.from);
  return out;
}

MM_ROW_LOOP std::vector<std::int64_t> integers_by_row(
    std::span<const row_place> order, const std::vector<std::vector<std::int64_t>>& columns) {
  std::vector<std::int64_t> out;
  out.reserve(order.size());
  for (const row_place p : order) out.push_back(columns[p.input][p.row]);
  return out;
}

MM_ROW_LOOP std::vector<std::string_view> values_by_row(std::span<const row_place> order,
                                                        const std::vector<input_column>& columns) {
  std::vector<std::string_view> out;
  out.reserve(order.size());
  for (const row_place p : order) out.push_back(columns[p.input].values[p.row]);
  return out;
}

MM_ROW_LOOP std::vector<std::uint32_t> number_rows(std::span<const row_place> order,
                                                   std::vector<input_column>& columns,
                                                   segment::interner& values) {
  std::vector<std::uint32_t> out(order.size(), segment::interner::null_number);
  for (std::size_t row = 0; row < order.size(); ++row) {
    input_column& c = columns[order[row].input];
    const std::uint32_t code = c.rows.codes[order[row].row];
    if (code >= c.numbers.size()) continue;
    std::uint32_t& n = c.numbers[code];
    if (n == segment::interner::null_number) n = values.number_of(c.values[code]);
    out[row] = n;
  }
  return out;
}

}  // namespace millimetric::store
