#include "segment/reader.h"

#include <algorithm>
#include <numeric>

#include "segment/codes.h"
#include "segment/integers.h"

namespace millimetric::segment {
namespace {

std::uint8_t number(column_id c) { return static_cast<std::uint8_t>(c); }

// The codes of the events from those of their urls.
bool follow(const row_codes& urls, const std::vector<std::uint32_t>& of_url,
            std::vector<std::uint32_t>& out) {
  if (of_url.size() != std::size_t{urls.null_code} + 1) return false;
  out.resize(urls.codes.size());
  for (std::size_t row = 0; row < out.size(); ++row) out[row] = of_url[urls.codes[row]];
  return true;
}

bool holds_any(const chunk_entry& part, std::uint32_t end,
               const std::vector<std::uint32_t>& sorted) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), part.first);
  return at != sorted.end() && *at < end;
}

}  // namespace

std::string_view reader::chunk(chunk_place at) const {
  const auto found = chunks_.find(at);
  return found == chunks_.end() ? std::string_view() : found->second;
}

std::vector<chunk_place> reader::codes_need(column_id c) const {
  std::vector<chunk_place> out;
  if (head_->find(c, codes_part) == nullptr) return out;
  out.emplace_back(number(c), codes_part);
  if (c == column_id::path && head_->find(column_id::url, codes_part) != nullptr)
    out.emplace_back(number(column_id::url), codes_part);
  return out;
}

std::vector<chunk_place> reader::values_need(column_id c) const {
  std::vector<chunk_place> out;
  for (const chunk_entry& e : head_->chunks)
    if (e.column == number(c) && e.part >= first_values_part) out.emplace_back(e.column, e.part);
  return out;
}

std::vector<chunk_place> reader::values_need(column_id c,
                                             const std::vector<std::uint32_t>& numbers) const {
  std::vector<std::uint32_t> sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  std::vector<chunk_place> out;
  for (const chunk_place& at : values_need(c)) {
    const chunk_entry* part = head_->find(c, at.second);
    const chunk_entry* next = head_->find(c, static_cast<std::uint8_t>(at.second + 1));
    const std::uint32_t end = next != nullptr ? next->first : max_events;
    if (holds_any(*part, end, sorted)) out.push_back(at);
  }
  return out;
}

bool reader::integers(column_id c, std::vector<std::int64_t>& out) const {
  return decode_integers(chunk({number(c), codes_part}), head_->events, out);
}

bool reader::codes(column_id c, row_codes& out) const {
  if (!head_->has(c)) {  // all null
    out.null_code = 0;
    out.codes.assign(head_->events, 0);
    return true;
  }
  if (by_rows(c)) {
    out.null_code = head_->events;
    out.codes.resize(head_->events);
    std::iota(out.codes.begin(), out.codes.end(), 0U);
    return true;
  }
  code_column stored;
  if (!decode_codes(chunk({number(c), codes_part}), stored)) return false;
  out.null_code = stored.values;
  if (stored.per == code_rows::events) {
    out.codes = std::move(stored.codes);
    return out.codes.size() == head_->events;
  }
  row_codes urls;
  return c == column_id::path && codes(column_id::url, urls) &&
         follow(urls, stored.codes, out.codes);
}

bool reader::values(column_id c, texts& out) const {
  out.clear();
  for (const chunk_place& at : values_need(c)) {
    const chunk_entry* part = head_->find(c, at.second);
    if (part->first != out.size() || !decode_texts(chunk(at), out)) return false;
  }
  return true;
}

bool reader::hashes(column_id c, std::vector<std::uint64_t>& out) const {
  out.clear();
  for (const chunk_place& at : values_need(c)) {
    const chunk_entry* part = head_->find(c, at.second);
    if (part->first != out.size() || !hash_texts(chunk(at), out)) return false;
  }
  return true;
}

std::vector<chunk_place> row_reader::first_need() const {
  std::vector<chunk_place> out{{number(column_id::timestamp), codes_part},
                               {number(column_id::arrival), codes_part}};
  for (const text_field& f : text_fields())
    for (const chunk_place& at : from_.codes_need(f.column)) out.push_back(at);
  return out;
}

bool row_reader::read_codes() {
  numbers_.clear();
  nulls_.clear();
  for (const text_field& f : text_fields()) {
    row_codes c;
    if (!from_.codes(f.column, c)) return false;
    std::vector<std::uint32_t>& of_rows = numbers_.emplace_back();
    for (const std::uint32_t row : rows_) of_rows.push_back(c.codes[row]);
    nulls_.push_back(c.null_code);
  }
  return true;
}

std::vector<chunk_place> row_reader::then_need() const {
  std::vector<chunk_place> out;
  for (std::size_t i = 0; i < numbers_.size(); ++i)
    for (const chunk_place& at : from_.values_need(text_fields()[i].column, numbers_[i]))
      out.push_back(at);
  return out;
}

bool row_reader::read_column(const text_field& f, std::size_t index,
                             std::vector<std::pair<std::int64_t, event::record>>& out) const {
  std::vector<bool> done(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (numbers_[index][i] != nulls_[index]) continue;
    f.set(out[i].second, std::nullopt);
    done[i] = true;
  }
  for (const chunk_place& at : from_.values_need(f.column, numbers_[index])) {
    const std::uint32_t first = from_.head().find(f.column, at.second)->first;
    texts values;
    if (!decode_texts(from_.chunk(at), values)) return false;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const std::uint32_t n = numbers_[index][i];
      if (done[i] || n < first || n - first >= values.size()) continue;
      f.set(out[i].second, values[n - first]);
      done[i] = true;
    }
  }
  return std::find(done.begin(), done.end(), false) == done.end();
}

bool row_reader::read(std::vector<std::pair<std::int64_t, event::record>>& out) const {
  std::vector<std::int64_t> times;
  std::vector<std::int64_t> arrivals;
  if (!from_.integers(column_id::timestamp, times)) return false;
  if (!from_.integers(column_id::arrival, arrivals)) return false;
  out.clear();
  for (const std::uint32_t row : rows_) {
    auto& [arrival, r] = out.emplace_back();
    arrival = arrivals[row];
    r.timestamp = times[row];
  }
  for (std::size_t i = 0; i < text_fields().size(); ++i)
    if (!read_column(text_fields()[i], i, out)) return false;
  return true;
}

}  // namespace millimetric::segment
