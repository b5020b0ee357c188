#include "segment/scope_scan.h"

#include <algorithm>

namespace millimetric::segment {
namespace {

// The loops over rows are functions of their own: engines compile a small function well, and soon.
[[gnu::noinline]] void accept(std::span<const std::uint16_t> codes, const std::uint8_t* accepted,
                              std::uint8_t* keep) noexcept {
  for (std::size_t i = 0; i < codes.size(); ++i) keep[i] = accepted[codes[i]];
}

[[gnu::noinline]] void accept_too(std::span<const std::uint16_t> codes,
                                  const std::uint8_t* accepted, std::uint8_t* keep) noexcept {
  for (std::size_t i = 0; i < codes.size(); ++i) keep[i] &= accepted[codes[i]];
}

}  // namespace

std::size_t selection::count() const noexcept {
  if (keep.empty()) return end - begin;
  std::size_t n = 0;
  for (const std::uint8_t k : keep) n += k;
  return n;
}

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
  row_codes c;
  if (!from_.stored_codes(column_of(in_.filters[filter].col), {out.begin, out.end}, c))
    return false;
  if (accepted_[filter].size() != std::size_t{c.null_code} + 1) return false;
  const std::vector<std::uint8_t> accepted = c.by_stored_code(accepted_[filter]);
  const bool first = out.keep.empty();
  out.keep.resize(out.end - out.begin);
  if (first)
    accept(c.codes, accepted.data(), out.keep.data());
  else
    accept_too(c.codes, accepted.data(), out.keep.data());
  return true;
}

bool scope_scan::read_rows(selection& out) const {
  out = {0, from_.head().events, {}};
  if (cut_by_range()) {
    integer_column times;
    if (!from_.integers(column_id::timestamp, times)) return false;
    out.begin = times.lower_bound(in_.range.from, 0, out.end);
    out.end = times.lower_bound(in_.range.to, out.begin, out.end);
  }
  if (out.begin == out.end) return true;
  for (std::size_t f = 0; f < in_.filters.size(); ++f)
    if (!apply(f, out)) return false;
  return true;
}

}  // namespace millimetric::segment
