#include "segment/writer.h"

#include <algorithm>
#include <numeric>

#include "base/bytes.h"
#include "segment/bit_packing.h"
#include "segment/codes.h"
#include "segment/integers.h"
#include "segment/text_list.h"

namespace millimetric::segment {
namespace {

bool all_null(const coded_column& c) { return c.values.empty(); }

std::uint64_t characters(std::span<const std::string_view> values) {
  std::uint64_t n = 0;
  for (const std::string_view v : values) n += v.size();
  return n;
}

}  // namespace

void writer::add_chunk(column_id column, std::uint8_t part, std::string bytes,
                       std::uint32_t first) {
  if (bytes.empty()) return;
  out_.chunks.push_back({static_cast<std::uint8_t>(column), part, first, std::move(bytes)});
}

void writer::add_integers(column_id column, std::span<const std::int64_t> values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  header& h = out_.head;
  if (column == column_id::timestamp) h.first = *least, h.last = *most;
  if (column == column_id::arrival) h.first_arrival = *least, h.last_arrival = *most;
  if (column == column_id::received) h.first_received = *least, h.last_received = *most;
  add_chunk(column, codes_part, encode_integers(values));
}

void writer::set_received(millis first, millis last) {
  out_.head.first_received = first;
  out_.head.last_received = last;
}

void writer::add_values(column_id column, std::span<const std::string_view> values) {
  out_.head.raw_bytes += characters(values);
  std::uint8_t part = first_values_part;
  std::size_t at = 0;
  while (at < values.size()) {
    std::size_t end = at;
    std::size_t bytes = 0;
    while (end < values.size() && end - at < limits_.block_values &&
           (end == at || bytes < limits_.block_bytes))
      bytes += values[end++].size();
    add_chunk(column, part++, encode_texts(values.subspan(at, end - at)),
              static_cast<std::uint32_t>(at));
    at = end;
  }
}

void writer::add_codes(column_id column, const coded_column& c) {
  add_chunk(column, codes_part, encode_codes({code_rows::events, c.null_code(), c.codes}));
}

// A path that is a function of the url, as the derived ones are, is stored once per url.
bool writer::add_codes_by_url(const coded_column& path) {
  if (url_codes_.size() != path.codes.size() || url_cards_ >= path.codes.size()) return false;
  constexpr std::uint32_t unknown = 0xFFFFFFFF;
  std::vector<std::uint32_t> of_url(url_cards_, unknown);
  for (std::size_t row = 0; row < path.codes.size(); ++row) {
    std::uint32_t& known = of_url[url_codes_[row]];
    if (known != unknown && known != path.codes[row]) return false;
    known = path.codes[row];
  }
  for (std::uint32_t& code : of_url)
    if (code == unknown) code = path.null_code();
  add_chunk(column_id::path, codes_part,
            encode_codes({code_rows::urls, path.null_code(), std::move(of_url)}));
  return true;
}

void writer::add_rows(column_id column, std::span<const std::string_view> rows) {
  add_values(column, rows);
}

std::vector<std::uint32_t> writer::add_texts(const text_field& field, const interner& values,
                                             std::vector<std::uint32_t> numbers) {
  if (field.how == keeping::either && values.size() > numbers.size() / 2) {
    std::vector<std::string_view> rows;
    rows.reserve(numbers.size());
    for (const std::uint32_t n : numbers) rows.push_back(values[n]);
    add_rows(field.column, rows);
    return {};
  }
  coded_column c = values.sorted(std::move(numbers));
  if (field.column == column_id::url) {
    url_codes_ = c.codes;
    url_cards_ = c.null_code() + 1;
  }
  if (all_null(c)) return std::move(c.codes);
  if (field.column != column_id::path || !add_codes_by_url(c)) add_codes(field.column, c);
  add_values(field.column, c.values);
  return std::move(c.codes);
}

built_segment build(std::span<const event::record_view* const> events,
                    std::span<const std::int64_t> arrivals, std::span<const std::int64_t> received,
                    const limits& most) {
  std::vector<std::uint32_t> order(events.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return events[a]->timestamp < events[b]->timestamp;
  });
  writer w(events.size(), most);
  std::vector<std::int64_t> numbers(events.size());
  const auto add = [&](column_id column, auto&& value) {
    for (std::size_t row = 0; row < order.size(); ++row) numbers[row] = value(order[row]);
    w.add_integers(column, numbers);
  };
  add(column_id::timestamp, [&](std::uint32_t i) { return events[i]->timestamp; });
  add(column_id::arrival, [&](std::uint32_t i) { return arrivals[i]; });
  add(column_id::received, [&](std::uint32_t i) { return received[i]; });
  std::vector<std::string_view> rows(events.size());
  for (const text_field& field : text_fields()) {
    if (field.how == keeping::per_row) {
      for (std::size_t row = 0; row < order.size(); ++row)
        rows[row] = field.get(*events[order[row]]).value_or(std::string_view());
      w.add_rows(field.column, rows);
      continue;
    }
    interner values;
    std::vector<std::uint32_t> ids(events.size());
    for (std::size_t row = 0; row < order.size(); ++row) {
      const optional_view v = field.get(*events[order[row]]);
      ids[row] = v ? values.number_of(*v) : interner::null_number;
    }
    static_cast<void>(w.add_texts(field, values, std::move(ids)));
  }
  return w.take();
}

}  // namespace millimetric::segment
