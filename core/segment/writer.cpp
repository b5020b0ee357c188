#include "segment/writer.h"

#include <algorithm>
#include <numeric>

#include "base/bytes.h"
#include "segment/bit_packing.h"
#include "segment/codes.h"
#include "segment/integers.h"
#include "segment/text_list.h"
#include "segment/url_references.h"

namespace millimetric::segment {
namespace {

// A reference takes a bit of each url, a text that is compressed some 8 bytes.
constexpr std::size_t most_urls_per_reference = 64;

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
  out_.chunks.push_back({static_cast<std::uint8_t>(column), part, static_cast<std::uint16_t>(first),
                         std::move(bytes)});
}

bool writer::large() const noexcept { return out_.head.events >= limits_.small_events; }

std::size_t writer::rows_per_group(std::size_t rows, std::size_t bytes) const noexcept {
  const std::size_t step = limits_.group_rows;
  const std::size_t fit = rows * limits_.group_bytes / bytes / step * step;
  const std::size_t least = (rows + most_row_groups - 1) / most_row_groups;
  return std::max({fit, (least + step - 1) / step * step, step});
}

template <class Encode>
void writer::add_row_groups(column_id column, std::size_t rows, Encode encode) {
  std::string whole = encode(0, rows);
  if (!large() || whole.size() <= limits_.group_bytes) {
    add_chunk(column, codes_part, std::move(whole));
    return;
  }
  const std::size_t together = rows_per_group(rows, whole.size());
  std::uint8_t part = codes_part;
  for (std::size_t begin = 0; begin < rows; begin += together) {
    add_chunk(column, part, encode(begin, std::min(begin + together, rows)),
              static_cast<std::uint32_t>(begin));
    part = part == codes_part ? further_rows_part : part + 1;
  }
}

void writer::add_integers(column_id column, std::span<const std::int64_t> values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  header& h = out_.head;
  if (column == column_id::timestamp) h.first = *least, h.last = *most;
  if (column == column_id::arrival) h.first_arrival = *least, h.last_arrival = *most;
  if (column == column_id::received) h.first_received = *least, h.last_received = *most;
  if (column != column_id::timestamp)
    add_chunk(column, codes_part, encode_integers(values));
  else
    add_row_groups(column, values.size(), [&](std::size_t begin, std::size_t end) {
      return encode_integers(values.subspan(begin, end - begin));
    });
}

void writer::set_received(millis first, millis last) {
  out_.head.first_received = first;
  out_.head.last_received = last;
}

std::span<const std::string_view> writer::block_of(std::span<const std::string_view> values,
                                                   std::uint64_t least,
                                                   std::uint64_t most) const noexcept {
  std::size_t n = 0;
  std::uint64_t bytes = 0;
  while (n < values.size() && n < limits_.block_values) {
    const std::uint64_t with_next = bytes + values[n].size();
    if (bytes >= least && with_next > most) break;
    bytes = with_next;
    ++n;
  }
  return values.first(n);
}

void writer::add_values(column_id column, std::span<const std::string_view> values) {
  const std::uint64_t total = characters(values);
  out_.head.raw_bytes += total;
  const std::uint64_t least = total / most_text_blocks + 1;
  std::uint64_t most = std::max<std::uint64_t>(limits_.block_bytes, least);
  std::uint8_t part = first_values_part;
  for (std::size_t at = 0; at < values.size();) {
    const auto block = block_of(values.subspan(at), least, most);
    std::string bytes = encode_texts(block);
    if (large()) {
      // Texts that are much like these are expected to become as much smaller.
      const std::uint64_t before = characters(block);
      most = std::max(before * limits_.stored_block_bytes / bytes.size(), least);
      const bool too_long = bytes.size() > limits_.stored_block_bytes && most < before;
      if (too_long && block_of(block, least, most).size() < block.size()) continue;
    }
    add_chunk(column, part++, std::move(bytes), static_cast<std::uint32_t>(at));
    at += block.size();
  }
}

void writer::add_codes(column_id column, std::uint32_t null_code,
                       std::span<const std::uint32_t> codes) {
  add_row_groups(column, codes.size(), [&](std::size_t begin, std::size_t end) {
    const auto rows = codes.subspan(begin, end - begin);
    return encode_codes({code_rows::events, null_code, {rows.begin(), rows.end()}});
  });
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

void writer::keep_urls(const coded_column& url) {
  url_codes_ = url.codes;
  url_cards_ = url.null_code() + 1;
  if (url.values.size() < limits_.least_url_references) return;
  std::size_t bytes = 0;
  for (const std::string_view value : url.values) bytes += value.size();
  urls_.reserve(url.values.size(), bytes);
  for (const std::string_view value : url.values) urls_.push_back(value);
}

// Moves the values that are urls as well behind the others, and leaves only those in the column.
void writer::refer_to_urls(coded_column& referrer) {
  const texts urls = std::exchange(urls_, {});
  const std::vector<std::uint32_t> found = find_urls(referrer.values, urls);
  const auto own = static_cast<std::uint32_t>(std::count(found.begin(), found.end(), no_url));
  const std::size_t shared = found.size() - own;
  if (shared < limits_.least_url_references || shared * most_urls_per_reference < urls.size())
    return;
  url_references r{own, {}};
  std::vector<std::string_view> own_values;
  std::vector<std::uint32_t> places;  // the values' new codes
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] == no_url) {
      places.push_back(static_cast<std::uint32_t>(own_values.size()));
      own_values.push_back(referrer.values[i]);
      continue;
    }
    places.push_back(own + static_cast<std::uint32_t>(r.urls.size()));
    r.urls.push_back(static_cast<std::uint16_t>(found[i]));
    out_.head.raw_bytes += referrer.values[i].size();
  }
  places.push_back(referrer.null_code());
  for (std::uint32_t& code : referrer.codes) code = places[code];
  referrer.values = std::move(own_values);
  add_chunk(column_id::referrer_urls, codes_part,
            encode_url_references(r, static_cast<std::uint32_t>(urls.size())));
}

void writer::add_rows(column_id column, std::span<const std::string_view> rows) {
  add_values(column, rows);
}

std::vector<std::uint32_t> writer::add_texts(const text_field& field,
                                             std::span<const std::string_view> values,
                                             std::vector<std::uint32_t> numbers) {
  if (field.how == keeping::either && values.size() > numbers.size() / 2) {
    std::vector<std::string_view> rows;
    rows.reserve(numbers.size());
    for (const std::uint32_t n : numbers) rows.push_back(values[n]);
    add_rows(field.column, rows);
    return {};
  }
  coded_column c = sorted(values, std::move(numbers));
  if (field.column == column_id::url) keep_urls(c);
  if (all_null(c)) return std::move(c.codes);
  const std::uint32_t null_code = c.null_code();
  if (field.column == column_id::referrer) refer_to_urls(c);
  if (field.column != column_id::path || !add_codes_by_url(c))
    add_codes(field.column, null_code, c.codes);
  add_values(field.column, c.values);
  return std::move(c.codes);
}

namespace {

// The places of some rows in the order of time; those of one time stay as they are.
std::vector<std::uint32_t> order_by_time(const event_columns& events,
                                         std::span<const std::uint32_t> rows) {
  constexpr unsigned place_bits = 16;  // events of a request; the others hold 8,900 years
  const auto first = std::min_element(events.times.begin(), events.times.end());
  std::vector<std::uint64_t> keys;
  for (std::size_t i = 0; i < rows.size(); ++i)
    keys.push_back(static_cast<std::uint64_t>(events.times[rows[i]] - *first) << place_bits | i);
  if (!std::is_sorted(keys.begin(), keys.end())) std::sort(keys.begin(), keys.end());
  std::vector<std::uint32_t> out;
  for (const std::uint64_t key : keys)
    out.push_back(static_cast<std::uint32_t>(key & ((1U << place_bits) - 1)));
  return out;
}

// Leaves out values without a row.
void keep_used(std::vector<std::string_view>& values, std::vector<std::uint32_t>& numbers) {
  std::vector<std::uint32_t> places(values.size(), interner::null_number);
  std::vector<std::string_view> used;
  for (std::uint32_t& n : numbers) {
    if (n == interner::null_number) continue;
    if (places[n] == interner::null_number) {
      places[n] = static_cast<std::uint32_t>(used.size());
      used.push_back(values[n]);
    }
    n = places[n];
  }
  values = std::move(used);
}

}  // namespace

built_segment build(const event_columns& events, std::span<const std::uint32_t> rows,
                    std::span<const std::int64_t> arrivals, std::span<const std::int64_t> received,
                    const limits& most) {
  const std::vector<std::uint32_t> order = order_by_time(events, rows);
  writer w(rows.size(), most);
  std::vector<std::int64_t> integers(rows.size());
  const auto add = [&](column_id column, auto&& value) {
    for (std::size_t i = 0; i < order.size(); ++i) integers[i] = value(order[i]);
    w.add_integers(column, integers);
  };
  add(column_id::timestamp, [&](std::uint32_t i) { return events.times[rows[i]]; });
  add(column_id::arrival, [&](std::uint32_t i) { return arrivals[i]; });
  add(column_id::received, [&](std::uint32_t i) { return received[i]; });
  for (std::size_t f = 0; f < text_fields().size(); ++f) {
    const text_field& field = text_fields()[f];
    std::vector<std::string_view> values = events.texts[f].values;
    if (field.how == keeping::per_row) {
      for (std::size_t i = 0; i < order.size(); ++i)
        values[i] = events.texts[f].values[rows[order[i]]];
      values.resize(order.size());
      w.add_rows(field.column, values);
      continue;
    }
    std::vector<std::uint32_t> numbers(rows.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::uint16_t n = events.texts[f].numbers[rows[order[i]]];
      numbers[i] = n == text_column::null_number ? interner::null_number : n;
    }
    if (rows.size() < events.size()) keep_used(values, numbers);
    static_cast<void>(w.add_texts(field, values, std::move(numbers)));
  }
  return w.take();
}

}  // namespace millimetric::segment
