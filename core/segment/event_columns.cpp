#include "segment/event_columns.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "segment/fields.h"
#include "segment/interner.h"

namespace millimetric::segment {
namespace {

text_column column_of_rows(std::span<const optional_view> rows) {
  text_column out;
  out.values.reserve(rows.size());
  for (const optional_view& v : rows) out.values.push_back(v.value_or(std::string_view()));
  return out;
}

text_column column_of_values(std::span<const optional_view> rows) {
  text_column out;
  interner values;
  out.numbers.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.numbers[i] =
        rows[i] ? static_cast<std::uint16_t>(values.number_of(*rows[i])) : text_column::null_number;
  out.values = values.take();
  return out;
}

template <class T>
void append_all(const std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), from.begin(), from.end());
}

text_column joined_column(std::span<const event_columns* const> parts, std::size_t field) {
  text_column out;
  interner values;
  for (const event_columns* part : parts) {
    const text_column& c = part->texts[field];
    if (c.numbers.empty()) {
      append_all(c.values, out.values);
      continue;
    }
    std::vector<std::uint16_t> numbers;
    for (const std::string_view v : c.values)
      numbers.push_back(static_cast<std::uint16_t>(values.number_of(v)));
    for (const std::uint16_t n : c.numbers)
      out.numbers.push_back(n == text_column::null_number ? n : numbers[n]);
  }
  if (!out.numbers.empty()) out.values = values.take();
  return out;
}

template <class T>
std::size_t bytes_of(const std::vector<T>& numbers) {
  return numbers.size() * sizeof(T);
}

std::size_t size_of(const text_column& c) {
  std::size_t bytes = sizeof(std::uint32_t) * (1 + c.values.size()) + bytes_of(c.numbers);
  for (const std::string_view v : c.values) bytes += v.size();
  return bytes;
}

class column_writer {
 public:
  explicit column_writer(char* to) : to_(to) {}

  void count(std::size_t n) {
    const auto number = static_cast<std::uint32_t>(n);
    std::memcpy(to_, &number, sizeof number);
    to_ += sizeof number;
  }
  template <class T>
  void numbers(const std::vector<T>& v) {
    if (v.empty()) return;
    std::memcpy(to_, v.data(), bytes_of(v));
    to_ += bytes_of(v);
  }
  void texts(const text_column& c) {
    count(c.values.size());
    for (const std::string_view v : c.values) count(v.size());
    for (const std::string_view v : c.values) {
      copy_short(to_, v);
      to_ += v.size();
    }
    numbers(c.numbers);
  }

 private:
  char* to_;
};

template <class T>
void read_numbers(byte_reader& in, std::size_t count, std::vector<T>& out) {
  const std::string_view bytes = in.take(count * sizeof(T));
  if (bytes.empty()) return;
  out.resize(count);
  std::memcpy(out.data(), bytes.data(), bytes.size());
}

bool read_texts(byte_reader& in, text_column& out) {
  const std::uint32_t count = in.count(sizeof(std::uint32_t));
  byte_reader lengths(in.take(count * sizeof(std::uint32_t)));
  out.values.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) out.values.push_back(in.take(lengths.u32()));
  return in.ok();
}

bool are_of_values(const std::vector<std::uint16_t>& numbers, std::size_t values) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [&](std::uint16_t n) { return n < values || n == text_column::null_number; });
}

bool read_column(byte_reader& in, const text_field& field, std::size_t rows, text_column& out) {
  if (!read_texts(in, out)) return false;
  if (field.how == keeping::per_row) return out.values.size() == rows;
  read_numbers(in, rows, out.numbers);
  return in.ok() && out.values.size() <= rows && are_of_values(out.numbers, out.values.size());
}

}  // namespace

const std::vector<std::string_view>& event_columns::event_ids() const noexcept {
  const auto fields = text_fields();
  const auto at = std::find_if(fields.begin(), fields.end(),
                               [](const text_field& f) { return f.column == column_id::event_id; });
  return texts[static_cast<std::size_t>(at - fields.begin())].values;
}

event_columns columns_of(std::span<const event::record_view* const> events) {
  event_columns out;
  out.times.reserve(events.size());
  out.client_event_ids.reserve(events.size());
  for (const event::record_view* e : events) {
    out.times.push_back(e->timestamp);
    out.client_event_ids.push_back(e->client_event_id ? 1 : 0);
  }
  std::vector<optional_view> rows(events.size());
  for (const text_field& field : text_fields()) {
    field.get(events, rows);
    out.texts.push_back(field.how == keeping::per_row ? column_of_rows(rows)
                                                      : column_of_values(rows));
  }
  return out;
}

event_columns joined(std::span<const event_columns* const> parts) {
  event_columns out;
  for (const event_columns* part : parts) {
    append_all(part->times, out.times);
    append_all(part->client_event_ids, out.client_event_ids);
  }
  for (std::size_t field = 0; field < text_fields().size(); ++field)
    out.texts.push_back(joined_column(parts, field));
  return out;
}

void append_columns(std::string& out, const event_columns& events) {
  std::size_t bytes =
      sizeof(std::uint32_t) + bytes_of(events.times) + bytes_of(events.client_event_ids);
  for (const text_column& c : events.texts) bytes += size_of(c);
  const std::size_t before = out.size();
  out.resize(before + bytes);
  column_writer w(out.data() + before);
  w.count(events.size());
  w.numbers(events.times);
  w.numbers(events.client_event_ids);
  for (const text_column& c : events.texts) w.texts(c);
}

std::optional<event_columns> read_columns(std::string_view bytes) {
  byte_reader in(bytes);
  const std::size_t rows = in.count(sizeof(millis));
  if (rows > text_column::null_number) return std::nullopt;
  event_columns out;
  read_numbers(in, rows, out.times);
  read_numbers(in, rows, out.client_event_ids);
  for (const text_field& field : text_fields())
    if (!read_column(in, field, rows, out.texts.emplace_back())) return std::nullopt;
  return in.finished() ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace millimetric::segment
