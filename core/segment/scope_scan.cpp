#include "segment/scope_scan.h"

#include <algorithm>

#include "base/row_loop.h"
#include "segment/fields.h"

namespace millimetric::segment {
namespace {

MM_ROW_LOOP void keep_both(std::uint8_t* keep, const std::uint8_t* too, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) keep[i] &= too[i];
}

}  // namespace

std::vector<chunk_place> scope_scan::values_need() const {
  std::vector<chunk_place> out;
  for (const query::filter& f : in_.filters) append(out, from_.values_need(column_of(f.col)));
  return out;
}

bool accepted_codes(const reader& from, const query::filter& f, std::vector<std::uint8_t>& out) {
  const column_id column = column_of(f.col);
  std::uint32_t values = 0;
  if (!from.count_values(column, values)) return false;
  out.assign(values + std::size_t{1}, 0);
  for (const std::string& wanted : f.any_of) {
    bool bad = false;
    const auto code = from.code_of(column, wanted, bad);
    if (bad || (code && *code >= values)) return false;
    if (code) out[*code] = 1;
  }
  return true;
}

bool scope_scan::read_values() {
  accepted_.clear();
  nothing_ = false;
  for (const query::filter& f : in_.filters) {
    std::vector<std::uint8_t>& accepted = accepted_.emplace_back();
    if (!accepted_codes(from_, f, accepted)) return false;
    if (std::find(accepted.begin(), accepted.end(), 1) == accepted.end()) nothing_ = true;
  }
  return true;
}

bool scope_scan::cut_by_range() const noexcept {
  return in_.range.from > from_.head().first || in_.range.to <= from_.head().last;
}

std::vector<chunk_place> scope_scan::rows_need() const {
  std::vector<chunk_place> out;
  if (cut_by_range()) append(out, from_.codes_need(column_id::timestamp));
  for (const query::filter& f : in_.filters) append(out, from_.codes_need(column_of(f.col)));
  return out;
}

bool scope_scan::apply(std::size_t filter, selection& out) const {
  const column_id column = column_of(in_.filters[filter].col);
  const row_range rows{out.begin, out.end};
  if (out.keep.empty()) return from_.look_up(column, rows, accepted_[filter], out.keep);
  std::vector<std::uint8_t> keep;
  if (!from_.look_up(column, rows, accepted_[filter], keep)) return false;
  keep_both(out.keep.data(), keep.data(), keep.size());
  return true;
}

bool scope_scan::narrow(std::size_t filter, std::vector<std::uint32_t>& rows) const {
  const std::vector<std::uint8_t>& accepted = accepted_[filter];
  row_codes of_rows;
  if (rows.empty()) return true;
  if (!from_.codes_of(column_of(in_.filters[filter].col), rows, of_rows) ||
      accepted.size() != std::size_t{of_rows.null_code} + 1)
    return false;
  std::size_t n = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (accepted[of_rows.codes[i]] != 0) rows[n++] = rows[i];
  rows.resize(n);
  return true;
}

bool scope_scan::read_range(row_range& out) const {
  out = from_.all();
  if (!cut_by_range()) return true;
  integer_column times;
  if (!from_.integers(column_id::timestamp, times)) return false;
  out.begin = times.lower_bound(in_.range.from, 0, out.end);
  out.end = times.lower_bound(in_.range.to, out.begin, out.end);
  return true;
}

bool scope_scan::read_rows(selection& out) const {
  row_range range;
  if (!read_range(range)) return false;
  out = {range.begin, range.end, {}};
  for (std::size_t f = 0; f < in_.filters.size() && range.size() > 0; ++f)
    if (!apply(f, out)) return false;
  return true;
}

bool scope_scan::read_rows(chosen_rows& out) const {
  row_range range;
  if (!read_range(range)) return false;
  out = chosen_rows(range);
  if (in_.filters.empty() || range.size() == 0) return true;
  std::vector<std::uint32_t> rows;
  if (!from_.find(column_of(in_.filters[0].col), range, accepted_[0], rows)) return false;
  for (std::size_t f = 1; f < in_.filters.size(); ++f)
    if (!narrow(f, rows)) return false;
  out = chosen_rows(std::move(rows));
  return true;
}

}  // namespace millimetric::segment
