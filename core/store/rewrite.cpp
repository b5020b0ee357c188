#include "store/rewrite.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/hash.h"
#include "segment/id_filter.h"
#include "segment/path_counts.h"
#include "segment/visitor_index.h"

namespace millimetric::store {
namespace {

using host::context;
using host::task;
using segment::column_id;

// Of small chunks in a segment's row, which ends at 2 MB.
constexpr std::size_t most_inside_bytes = 1024UL * 1024;
// Bytes of chunks that one transaction puts aside, if they are more than one: they are in memory
// twice then.
constexpr std::size_t most_put_bytes = 2UL * 1024 * 1024;

std::size_t stored_bytes(std::span<const row_ref> segments, column_id c) {
  std::size_t bytes = 0;
  for (const row_ref& s : segments)
    for (const segment::chunk_entry& chunk : s->head.chunks)
      if (chunk.column == static_cast<std::uint8_t>(c)) bytes += chunk.size;
  return bytes;
}

bool remembers(const segment_entry& s, millis from) { return s.head.last_received > from; }

needed times_need(bool remembered) {
  return [remembered](const segment::reader& r) {
    std::vector<segment::chunk_place> need = r.codes_need(column_id::timestamp);
    segment::append(need, r.codes_need(column_id::arrival));
    if (remembered) segment::append(need, r.codes_need(column_id::received));
    return need;
  };
}

}  // namespace

// When the rows happened, arrived and were received, by input and row.
struct rewrite::time_columns {
  explicit time_columns(std::size_t inputs) : times(inputs), arrivals(inputs), received(inputs) {}

  // Those of one input. False when it is damaged.
  [[nodiscard]] bool read(const open_segment& s, std::size_t input, bool remembered) {
    any_remembered = any_remembered || remembered;
    if (!s.reader.integers(column_id::timestamp, times[input]) ||
        !s.reader.integers(column_id::arrival, arrivals[input]))
      return false;
    if (remembered) return s.reader.integers(column_id::received, received[input]);
    received[input].assign(s.entry->head.events, s.entry->head.last_received);
    return true;
  }

  std::vector<std::vector<std::int64_t>> times;
  std::vector<std::vector<std::int64_t>> arrivals;
  std::vector<std::vector<std::int64_t>> received;  // of what is not remembered: the latest
  bool any_remembered = false;
};

rewrite::rewrite(std::int64_t output, std::vector<segment_ref> inputs,
                 std::vector<std::vector<std::uint8_t>> keep, millis remembered_from,
                 std::uint64_t id_key, const segment::limits& limits,
                 std::function<void(std::size_t)> make_room_for)
    : id_(output),
      inputs_(std::move(inputs)),
      keep_(std::move(keep)),
      remembered_from_(remembered_from),
      id_key_(id_key),
      limits_(limits),
      make_room_for_(std::move(make_room_for)) {}

std::vector<row_place> rewrite::sorted_rows(const time_columns& columns) const {
  std::vector<merged_row> rows;
  std::size_t most_rows = 0;
  for (const segment_ref& s : inputs_) most_rows += s->head.events;
  rows.reserve(most_rows);
  std::vector<std::size_t> ends;  // of each input's
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    for (std::size_t row = 0; row < columns.times[i].size(); ++row)
      if (keep_.empty() || keep_[i][row] != 0)
        rows.push_back({columns.times[i][row],
                        columns.arrivals[i][row],
                        {static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(row)}});
    ends.push_back(rows.size());
  }
  return merge_runs(std::move(rows), std::move(ends));
}

bool rewrite::large() const noexcept {
  std::uint64_t raw = 0;
  for (const segment_ref& s : inputs_) raw += s->head.raw_bytes;
  return order_.size() >= limits_.small_events || raw >= limits_.small_raw_bytes;
}

task<result<void>> rewrite::read_times(context& ctx) {
  time_columns columns(inputs_.size());
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    unreadable_ = inputs_[i]->id;  // if this is as far as it gets
    open_segment s(inputs_[i]);
    const bool remembered = remembers(*s.entry, remembered_from_);
    auto fetched = co_await fetch(ctx, cache_, s, times_need(remembered));
    if (!fetched) co_return fail(fetched.error());
    rows_.push_back(s.row);
    if (!columns.read(s, i, remembered)) co_return fail(damaged(*s.entry));
  }
  order_ = sorted_rows(columns);
  if (order_.empty()) {
    at_ = stage::commit;
    co_return result<void>{};
  }
  add_times(columns);
  at_ = stage::texts;
  auto stored = co_await put_aside(ctx);
  co_return stored;
}

void rewrite::add_times(const time_columns& columns) {
  writer_ = std::make_unique<segment::writer>(order_.size(), limits_);
  summarised_.times = integers_by_row(order_, columns.times);
  writer_->add_integers(column_id::timestamp, summarised_.times);
  writer_->add_integers(column_id::arrival, integers_by_row(order_, columns.arrivals));
  const std::vector<std::int64_t> received = integers_by_row(order_, columns.received);
  if (columns.any_remembered) {
    writer_->add_integers(column_id::received, received);
  } else {
    const auto [least, most] = std::minmax_element(received.begin(), received.end());
    writer_->set_received(*least, *most);
  }
}

std::vector<host::statement> rewrite::place_some(std::span<segment::chunk>& chunks) {
  std::vector<host::statement> out;
  for (std::size_t bytes = 0; !chunks.empty() && bytes < most_put_bytes;
       chunks = chunks.subspan(1)) {
    segment::chunk& c = chunks.front();
    segment::chunk_entry& entry = stored_.emplace_back(segment::entry_of(c));
    entry.apart = c.bytes.size() >= limits_.least_apart || inside_.size() > most_inside_bytes ||
                  c.column >= static_cast<std::uint8_t>(column_id::remembered_ids);
    if (!entry.apart) {
      inside_ += c.bytes;
      continue;
    }
    bytes += c.bytes.size();
    out.push_back(sql::insert_chunk(id_, std::exchange(c, {})));
  }
  return out;
}

task<result<void>> rewrite::put_aside(context& ctx) {
  if (!large()) co_return result<void>{};
  std::vector<segment::chunk> chunks = writer_->take_chunks();
  for (std::span<segment::chunk> left(chunks); !left.empty();) {
    std::vector<host::statement> statements = place_some(left);
    if (statements.empty()) break;
    if (!std::exchange(noted_, true)) statements.push_back(sql::note_unfinished(id_));
    auto put = co_await ctx.sql(std::move(statements));
    if (!put) co_return fail(put.error());
  }
  co_return result<void>{};
}

task<result<std::vector<input_column>>> rewrite::read_column(context& ctx) {
  const segment::text_field& field = segment::text_fields()[field_];
  std::vector<input_column> columns(inputs_.size());
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    open_segment s(inputs_[i]);
    s.set_row(rows_[i]);
    unreadable_ = s.entry->id;  // if this is as far as it gets
    auto fetched = co_await fetch(ctx, cache_, s, [&](const segment::reader& r) {
      std::vector<segment::chunk_place> need = r.codes_need(field.column);
      segment::append(need, r.values_need(field.column));
      return need;
    });
    if (!fetched) co_return fail(fetched.error());
    input_column& c = columns[i];
    if (!s.reader.codes(field.column, c.rows) || !s.reader.values(field.column, c.values) ||
        c.values.size() != c.rows.null_code)
      co_return fail(damaged(*s.entry));
    c.numbers.assign(c.values.size(), segment::interner::null_number);
  }
  co_return columns;
}

void rewrite::add_column(std::vector<input_column> columns) {
  const segment::text_field& field = segment::text_fields()[field_];
  if (field.how == segment::keeping::per_row) {
    const std::vector<std::string_view> rows = values_by_row(order_, columns);
    if (field.column == column_id::event_id)
      for (const std::string_view id : rows) event_ids_.push_back(hash64(id, id_key_));
    writer_->add_rows(field.column, rows);
  } else {
    segment::interner values;
    std::vector<std::uint32_t> numbers = number_rows(order_, columns, values);
    const auto note_visitors = [&](query::column kind) {
      for (std::uint32_t n = 0; n < values.size(); ++n)
        visitors_.push_back(segment::visitor_hash(kind, hash64(values[n])));
    };
    if (field.column == column_id::anonymous_id) note_visitors(query::column::anonymous_id);
    if (field.column == column_id::user_id) note_visitors(query::column::user_id);
    if (order_.size() >= limits_.sealed_events) summarised_.add(field.column, values, numbers);
    std::vector<std::uint32_t> codes =
        writer_->add_texts(field, values.values(), std::move(numbers));
    if (field.column == column_id::event_name) name_codes_ = std::move(codes);
    if (field.column == column_id::path) path_codes_ = std::move(codes);
  }
}

task<result<void>> rewrite::write_column(context& ctx) {
  make_room_for_(2 * stored_bytes(rows_, segment::text_fields()[field_].column));
  auto columns = co_await read_column(ctx);
  if (!columns) co_return fail(columns.error());
  std::size_t bytes = 0;
  for (const input_column& c : *columns) bytes += c.values.byte_size();
  // They are there as they were stored, and as they are to be stored.
  make_room_for_(2 * bytes);
  add_column(std::move(*columns));
  if (++field_ == segment::text_fields().size()) at_ = stage::indexes;
  auto stored = co_await put_aside(ctx);
  co_return stored;
}

task<result<void>> rewrite::write_indexes(context& ctx) {
  at_ = stage::summary;
  if (!large()) co_return result<void>{};
  if (writer_->head().last_received > remembered_from_)
    writer_->add_chunk(column_id::remembered_ids, segment::codes_part,
                       segment::id_filter::encode(event_ids_));
  auto partitions = segment::encode_visitors(visitors_);
  for (std::size_t p = 0; p < partitions.size(); ++p)
    writer_->add_chunk(static_cast<column_id>(static_cast<std::size_t>(column_id::visitors) + p),
                       segment::codes_part, std::move(partitions[p]));
  auto stored = co_await put_aside(ctx);
  co_return stored;
}

task<result<void>> rewrite::write_summary(context& ctx) {
  at_ = stage::commit;
  if (order_.size() < limits_.sealed_events) co_return result<void>{};
  std::vector<std::string> parts = segment::encode_summary(summarised_);
  for (std::size_t p = 0; p < parts.size(); ++p)
    writer_->add_chunk(column_id::summary, static_cast<std::uint8_t>(p), std::move(parts[p]));
  writer_->add_chunk(
      column_id::summary, segment::path_counts_part,
      segment::encode_path_counts(summarised_.times, name_codes_, path_codes_, limits_));
  auto stored = co_await put_aside(ctx);
  co_return stored;
}

task<result<void>> rewrite::commit(context& ctx) {
  std::vector<host::statement> statements;
  sql::delete_segments(inputs_, statements);
  segment_ref made;
  if (!order_.empty()) {
    segment::built_segment s{writer_->head(), {}};
    std::string content;
    if (large()) {
      s.head.chunks = stored_;
      content = segment::encode_header(s.head) + inside_;
    } else {
      s.chunks = writer_->take_chunks();
      content = segment::encode_segment(s);
    }
    std::string row = sql::frame_row(s.head, content);
    made = make_entry(id_, read_row(row));
    statements.push_back(sql::insert_segment(id_, std::move(row)));
    if (!made->is_small()) statements.push_back(sql::list_segment(*made));
  }
  if (noted_) statements.push_back(sql::note_finished(id_));
  auto put = co_await ctx.sql(std::move(statements));
  if (!put) co_return fail(put.error());
  result_ = std::move(made);
  co_return result<void>{};
}

task<result<bool>> rewrite::step(context& ctx) {
  const stage now = at_;
  result<void> done;
  if (now == stage::times) done = co_await read_times(ctx);
  if (now == stage::texts) done = co_await write_column(ctx);
  if (now == stage::indexes) done = co_await write_indexes(ctx);
  if (now == stage::summary) done = co_await write_summary(ctx);
  if (now == stage::commit) done = co_await commit(ctx);
  if (!done) co_return fail(done.error());
  co_return now == stage::commit;
}

}  // namespace millimetric::store
