#include "segment/scope_scan.h"

#include <algorithm>

namespace millimetric::segment {
namespace {

void append(std::vector<chunk_place>& to, std::vector<chunk_place> more) {
  to.insert(to.end(), more.begin(), more.end());
}

// The place of a value among sorted ones; their number when it is not there.
std::size_t place_of(const texts& sorted, std::string_view value) {
  std::size_t from = 0;
  std::size_t to = sorted.size();
  while (from < to) {
    const std::size_t middle = (from + to) / 2;
    if (sorted[middle] < value)
      from = middle + 1;
    else
      to = middle;
  }
  return from < sorted.size() && sorted[from] == value ? from : sorted.size();
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

bool scope_scan::read_values() {
  accepted_.clear();
  nothing_ = false;
  for (const query::filter& f : in_.filters) {
    texts values;
    if (!from_.values(column_of(f.col), values)) return false;
    std::vector<std::uint8_t>& accepted = accepted_.emplace_back(values.size() + 1);
    bool some = false;
    for (const std::string& wanted : f.any_of) {
      const std::size_t at = place_of(values, wanted);
      if (at == values.size()) continue;
      accepted[at] = 1;
      some = true;
    }
    if (!some) nothing_ = true;
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
  if (!from_.codes(column_of(in_.filters[filter].col), c)) return false;
  const std::vector<std::uint8_t>& accepted = accepted_[filter];
  if (accepted.size() != std::size_t{c.null_code} + 1) return false;
  const bool first = out.keep.empty();
  if (first) out.keep.resize(out.end - out.begin);
  const std::uint32_t* codes = c.codes.data() + out.begin;
  for (std::size_t i = 0; i < out.keep.size(); ++i)
    out.keep[i] =
        first ? accepted[codes[i]] : static_cast<std::uint8_t>(out.keep[i] & accepted[codes[i]]);
  return true;
}

bool scope_scan::read_rows(selection& out) const {
  out = {0, from_.head().events, {}};
  if (cut_by_range()) {
    std::vector<std::int64_t> times;
    if (!from_.integers(column_id::timestamp, times)) return false;
    const auto edge = [&](millis t) {
      return static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), t) -
                                      times.begin());
    };
    out.begin = edge(in_.range.from);
    out.end = std::max(out.begin, edge(in_.range.to));
  }
  if (out.begin == out.end) return true;
  for (std::size_t f = 0; f < in_.filters.size(); ++f)
    if (!apply(f, out)) return false;
  return true;
}

}  // namespace millimetric::segment
