#include "segment/path_counts.h"

#include <algorithm>
#include <numeric>

#include "base/bytes.h"
#include "segment/bit_packing.h"
#include "segment/fields.h"
#include "segment/scope_scan.h"
#include "segment/summary.h"

namespace millimetric::segment {
namespace {

using query::column;

struct counts {
  millis first_day = 0;
  std::size_t days = 0;
  std::vector<std::uint32_t> names;   // codes, per pair
  std::vector<std::uint32_t> paths;   // likewise
  std::vector<std::uint32_t> events;  // per pair, day after day
};

// Numbers in blocks, each in as many bits as its largest needs.
void append_blocks(std::string& out, std::span<const std::uint32_t> numbers) {
  for (std::size_t at = 0; at < numbers.size(); at += pack_block)
    append_numbers(out, numbers.subspan(at, std::min(pack_block, numbers.size() - at)));
}

// Reads the numbers that append_blocks wrote, without unpacking the blocks of others.
class block_reader {
 public:
  bool open(byte_reader& in, std::size_t count) {
    count_ = count;
    for (std::size_t at = 0; at < count; at += pack_block) {
      const std::uint8_t width = in.u8();
      if (!in.ok() || width > most_pack_width) return false;
      blocks_.push_back({in.take(packed_size(in_block(at / pack_block), width)), width});
    }
    return in.ok();
  }
  // Appends the numbers [begin, end). Faster when asked for in rising order.
  bool read(std::size_t begin, std::size_t end, std::vector<std::uint32_t>& out) {
    while (begin < end) {
      const std::size_t number = begin / pack_block;
      const block& b = blocks_[number];
      const std::size_t n = in_block(number);
      if (number != unpacked_number_ && !unpack(b.bytes, n, b.width, unpacked_)) return false;
      unpacked_number_ = number;
      const std::size_t from = begin % pack_block;
      const std::size_t to = std::min(n, from + (end - begin));
      out.insert(out.end(), unpacked_.data() + from, unpacked_.data() + to);
      begin += to - from;
    }
    return true;
  }

 private:
  struct block {
    std::string_view bytes;
    unsigned width;
  };
  [[nodiscard]] std::size_t in_block(std::size_t number) const {
    return std::min(pack_block, count_ - number * pack_block);
  }

  std::size_t count_ = 0;
  std::vector<block> blocks_;
  std::size_t unpacked_number_ = SIZE_MAX;
  std::vector<std::uint32_t> unpacked_;
};

// All but the events, which `events` can read then.
bool read_counts(std::string_view bytes, counts& out, block_reader& events) {
  byte_reader in(bytes);
  out.first_day = in.i64();
  out.days = in.u32();
  const std::size_t pairs = in.u32();
  if (!in.ok() || out.days == 0 || out.days > most_cells || pairs > most_cells / out.days)
    return false;
  constexpr millis far = query::end_of_time;
  if (out.first_day < -far || out.first_day > far - static_cast<millis>(out.days) * day_ms)
    return false;
  return read_numbers(in, pairs, out.names) && read_numbers(in, pairs, out.paths) &&
         events.open(in, pairs * out.days) && in.finished();
}

// The pairs with the most events first: so that large numbers are together.
counts most_first(const counts& c) {
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  for (std::size_t pair = 0; pair < c.names.size(); ++pair) {
    const auto* const of_pair = c.events.data() + pair * c.days;
    order.emplace_back(std::accumulate(of_pair, of_pair + c.days, std::uint64_t{0}), pair);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  counts out{c.first_day, c.days, {}, {}, {}};
  for (const auto& [events, pair] : order) {
    out.names.push_back(c.names[pair]);
    out.paths.push_back(c.paths[pair]);
    for (std::size_t day = 0; day < c.days; ++day)
      out.events.push_back(c.events[pair * c.days + day]);
  }
  return out;
}

bool groups_by(const query::aggregate_question& q, column c) {
  return std::find(q.group_by.begin(), q.group_by.end(), c) != q.group_by.end();
}

// A mark for each code of a column that the question's filter lets pass; all without a filter.
bool read_accepted(const reader& from, const query::aggregate_question& q, column c,
                   std::uint32_t null_code, std::vector<std::uint8_t>& out) {
  for (const query::filter& f : q.in.filters)
    if (f.col == c) return accepted_codes(from, f, out) && out.size() == null_code + std::size_t{1};
  out.assign(null_code + std::size_t{1}, 1);
  return true;
}

// One of the two columns as a question sees it.
struct dimension {
  std::vector<std::uint8_t> accepted;  // per code
  texts values;                        // where groups are named by them
  [[nodiscard]] bool takes(std::uint32_t code) const { return accepted[code] != 0; }
};

bool read_dimension(const reader& from, const query::aggregate_question& q, column c,
                    const std::vector<std::uint32_t>& codes, dimension& out) {
  std::uint32_t null_code = 0;
  if (!from.count_values(column_of(c), null_code)) return false;
  const bool within = std::all_of(codes.begin(), codes.end(),
                                  [&](std::uint32_t code) { return code <= null_code; });
  return within && read_accepted(from, q, c, null_code, out.accepted) &&
         (!groups_by(q, c) || from.values(column_of(c), out.values));
}

std::optional<std::string> value_at(const texts& values, std::uint32_t code) {
  return code < values.size() ? std::optional(std::string(values[code])) : std::nullopt;
}

}  // namespace

std::string encode_path_counts(std::span<const std::int64_t> times,
                               std::span<const std::uint32_t> names,
                               std::span<const std::uint32_t> paths, const limits& most) {
  const millis first_day = floor_day(times.front());
  const auto days = static_cast<std::size_t>((times.back() - first_day) / day_ms + 1);
  std::vector<std::uint64_t> pairs;  // name, path, row
  pairs.reserve(times.size());
  for (std::size_t row = 0; row < times.size(); ++row)
    pairs.push_back(std::uint64_t{names[row]} << 40 | std::uint64_t{paths[row]} << 20 | row);
  std::sort(pairs.begin(), pairs.end());
  counts c;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::uint64_t pair = pairs[i] >> 20;
    if (i == 0 || pair != pairs[i - 1] >> 20) {
      c.names.push_back(static_cast<std::uint32_t>(pair >> 20));
      c.paths.push_back(static_cast<std::uint32_t>(pair & 0xFFFFF));
      const std::size_t cells = c.names.size() * days;
      if (cells > most_cells || cells * most.rows_per_count > times.size()) return {};
      c.events.resize(c.names.size() * days);
    }
    const millis at = times[static_cast<std::size_t>(pairs[i] & 0xFFFFF)];
    ++c.events[c.events.size() - days + static_cast<std::size_t>((at - first_day) / day_ms)];
  }
  c.first_day = first_day;
  c.days = days;
  c = most_first(c);
  std::string out;
  byte_writer w(out);
  w.i64(first_day);
  w.u32(static_cast<std::uint32_t>(days));
  w.u32(static_cast<std::uint32_t>(c.names.size()));
  append_numbers(out, c.names);
  append_numbers(out, c.paths);
  append_blocks(out, c.events);
  return out;
}

bool path_counts_answer(const query::aggregate_question& q) noexcept {
  const auto known = [](column c) { return c == column::event_name || c == column::path; };
  return q.of == query::metric::count && q.every != query::interval::hour && !q.paid &&
         std::all_of(q.group_by.begin(), q.group_by.end(), known) &&
         std::all_of(q.in.filters.begin(), q.in.filters.end(),
                     [&](const query::filter& f) { return known(f.col); });
}

std::vector<chunk_place> path_counts_need(const reader& from) {
  std::vector<chunk_place> out{{static_cast<std::uint8_t>(column_id::summary), path_counts_part}};
  for (const column_id c : {column_id::event_name, column_id::path})
    for (const chunk_place& at : from.values_need(c)) out.push_back(at);
  return out;
}

namespace {

// What a question takes of the counts: some of the pairs, and their events.
struct taken_counts {
  counts of;
  dimension names;
  dimension paths;
  [[nodiscard]] std::uint64_t events(std::size_t pair, std::size_t day, std::size_t end) const {
    const auto* const of_pair = of.events.data() + pair * of.days;
    return std::accumulate(of_pair + day, of_pair + end, std::uint64_t{0});
  }
};

bool take(const reader& from, const query::aggregate_question& q, taken_counts& out) {
  counts all;
  block_reader events;
  if (!read_counts(from.chunk({static_cast<std::uint8_t>(column_id::summary), path_counts_part}),
                   all, events) ||
      !read_dimension(from, q, column::event_name, all.names, out.names) ||
      !read_dimension(from, q, column::path, all.paths, out.paths))
    return false;
  out.of.first_day = all.first_day;
  out.of.days = all.days;
  for (std::size_t pair = 0; pair < all.names.size(); ++pair) {
    if (!out.names.takes(all.names[pair]) || !out.paths.takes(all.paths[pair])) continue;
    out.of.names.push_back(all.names[pair]);
    out.of.paths.push_back(all.paths[pair]);
    if (!events.read(pair * all.days, (pair + 1) * all.days, out.of.events)) return false;
  }
  return true;
}

}  // namespace

result<void> add_path_counts(const reader& from, const query::aggregate_question& q,
                             query::group_table& to, bool& damaged) {
  taken_counts taken;
  damaged = !take(from, q, taken);
  if (damaged) return {};
  const counts& c = taken.of;
  for (std::size_t day = 0; day < c.days;) {
    const auto time_of = [&](std::size_t d) {
      return c.first_day + static_cast<millis>(d) * day_ms;
    };
    const millis bucket = query::bucket_of(q.every, time_of(day));
    std::size_t end = day + 1;
    while (end < c.days && query::bucket_of(q.every, time_of(end)) == bucket) ++end;
    std::optional<std::size_t> only;  // the place of the group where there is one
    for (std::size_t pair = 0; pair < c.names.size(); ++pair) {
      const std::uint64_t events = taken.events(pair, day, end);
      if (events == 0) continue;
      if (!only || !q.group_by.empty()) {
        query::group_key key;
        for (const column by : q.group_by)
          key.push_back(by == column::path ? value_at(taken.paths.values, c.paths[pair])
                                           : value_at(taken.names.values, c.names[pair]));
        auto place = to.place_of(bucket, key);
        if (!place) return fail(place.error());
        only = *place;
      }
      to[*only].events += events;
    }
    day = end;
  }
  return {};
}

}  // namespace millimetric::segment
