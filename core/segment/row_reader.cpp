#include "segment/row_reader.h"

#include <algorithm>
#include <numeric>

namespace millimetric::segment {

row_reader::row_reader(const reader& from, const std::vector<std::uint32_t>& rows)
    : from_(from), places_(rows.size()) {
  std::iota(places_.begin(), places_.end(), std::size_t{0});
  std::sort(places_.begin(), places_.end(),
            [&](std::size_t a, std::size_t b) { return rows[a] < rows[b]; });
  for (const std::size_t place : places_) rows_.push_back(rows[place]);
}

std::vector<chunk_place> row_reader::first_need() const {
  std::vector<chunk_place> out = from_.codes_need(column_id::timestamp, rows_);
  append(out, from_.codes_need(column_id::arrival, rows_));
  for (const text_field& f : text_fields()) append(out, from_.codes_need(f.column, rows_));
  return out;
}

bool row_reader::read_codes() {
  codes_.clear();
  for (const text_field& f : text_fields())
    if (!from_.codes_of(f.column, rows_, codes_.emplace_back())) return false;
  return true;
}

std::vector<chunk_place> row_reader::then_need() const {
  std::vector<chunk_place> out;
  for (std::size_t i = 0; i < codes_.size(); ++i)
    append(out, from_.values_need(text_fields()[i].column, codes_[i].codes));
  return out;
}

bool row_reader::read_column(const text_field& f, const row_codes& of_rows,
                             std::vector<std::pair<std::int64_t, event::record>>& out) const {
  std::vector<std::uint16_t> wanted;  // different codes, rising
  for (const std::uint16_t code : of_rows.codes)
    if (code != of_rows.null_code) wanted.push_back(code);
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  texts values;  // of the wanted codes
  if (!from_.values_of(f.column, wanted, values)) return false;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto at = std::lower_bound(wanted.begin(), wanted.end(), of_rows.codes[i]);
    const bool is_null = of_rows.codes[i] == of_rows.null_code;
    f.set(out[places_[i]].second,
          is_null ? optional_view() : values[static_cast<std::size_t>(at - wanted.begin())]);
  }
  return true;
}

bool row_reader::read(std::vector<std::pair<std::int64_t, event::record>>& out) const {
  integer_column times;
  integer_column arrivals;
  if (!from_.integers(column_id::timestamp, rows_, times)) return false;
  if (!from_.integers(column_id::arrival, rows_, arrivals)) return false;
  out.clear();
  out.resize(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    auto& [arrival, r] = out[places_[i]];
    arrival = arrivals[rows_[i]];
    r.timestamp = times[rows_[i]];
  }
  for (std::size_t i = 0; i < text_fields().size(); ++i)
    if (!read_column(text_fields()[i], codes_[i], out)) return false;
  return true;
}

}  // namespace millimetric::segment
