#include "segment/aggregate_scan.h"

#include <algorithm>
#include <span>
#include <unordered_map>

#include "base/hash.h"
#include "base/row_loop.h"
#include "event/receive.h"
#include "segment/fields.h"
#include "segment/pair_numbers.h"

namespace millimetric::segment {
namespace {

// A set of (group, value) pairs is a bit map up to this many bits (4 MB); beyond it is sorted.
constexpr std::size_t most_map_bits = 32UL * 1024 * 1024;

// Up to so many pairs of codes a pair's number is its place among all; beyond, those that occur are
// numbered.
constexpr std::size_t most_plain_pairs = 4096;

MM_ROW_LOOP std::uint32_t count_kept(const std::uint8_t* keep, std::size_t n) noexcept {
  std::uint32_t kept = 0;
  for (std::size_t i = 0; i < n; ++i) kept += keep[i];
  return kept;
}

MM_ROW_LOOP void count_groups(const std::uint16_t* groups, std::size_t n,
                              std::uint32_t* counts) noexcept {
  for (std::size_t i = 0; i < n; ++i) ++counts[groups[i]];
}

MM_ROW_LOOP void count_kept_groups(const std::uint16_t* groups, const std::uint8_t* keep,
                                   std::size_t n, std::uint32_t* counts) noexcept {
  for (std::size_t i = 0; i < n; ++i) counts[groups[i]] += keep[i];
}

MM_ROW_LOOP void combine(std::span<std::uint16_t> groups, std::span<const std::uint16_t> codes,
                         std::uint16_t cards) noexcept {
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups[i] = static_cast<std::uint16_t>(groups[i] * cards + codes[i]);
}

// A row's group and value as one number.
std::uint32_t pair_of(std::uint32_t group, std::uint32_t value) noexcept {
  return group << 16 | value;
}

struct distinct_rows {
  const std::uint16_t* groups;  // null: one group
  const std::uint8_t* keep;     // null: all rows
  const std::uint16_t* values;
  std::size_t count;
  std::uint32_t cards;  // values from here on are null
};

// The different pairs in the order of their first row. `bits` has a bit per pair, all clear before
// and after.
MM_ROW_LOOP std::size_t new_pairs(const distinct_rows& rows, std::uint64_t* bits,
                                  std::uint32_t* pairs) noexcept {
  const std::uint32_t words = (rows.cards + 63) / 64;
  std::size_t n = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t value = rows.values[i];
    const std::uint32_t group = rows.groups == nullptr ? 0 : rows.groups[i];
    if (value >= rows.cards || (rows.keep != nullptr && rows.keep[i] == 0)) continue;
    std::uint64_t& word = bits[group * words + value / 64];
    const std::uint64_t bit = std::uint64_t{1} << (value % 64);
    pairs[n] = pair_of(group, value);
    n += (word & bit) == 0 ? 1 : 0;
    word |= bit;
  }
  for (std::size_t i = 0; i < n; ++i) bits[(pairs[i] >> 16) * words + (pairs[i] & 0xFFFF) / 64] = 0;
  return n;
}

std::size_t sorted_pairs(const distinct_rows& rows, std::uint32_t* pairs) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (rows.values[i] >= rows.cards || (rows.keep != nullptr && rows.keep[i] == 0)) continue;
    pairs[n++] = pair_of(rows.groups == nullptr ? 0 : rows.groups[i], rows.values[i]);
  }
  std::sort(pairs, pairs + n);
  return static_cast<std::size_t>(std::unique(pairs, pairs + n) - pairs);
}

}  // namespace

bool aggregate_scan::one_bucket() const noexcept {
  return query::bucket_of(q_.every, from_.head().first) ==
         query::bucket_of(q_.every, from_.head().last);
}

bool aggregate_scan::needs_times() const noexcept {
  return !one_bucket() || q_.of == query::metric::sessions;
}

bool aggregate_scan::groups_by_medium() const noexcept {
  return std::find(q_.group_by.begin(), q_.group_by.end(), query::column::medium) !=
         q_.group_by.end();
}

std::vector<chunk_place> aggregate_scan::need() const {
  std::vector<chunk_place> out;
  const auto whole = [&](column_id c) {
    append(out, from_.codes_need(c));
    append(out, from_.values_need(c));
  };
  if (needs_times()) append(out, from_.codes_need(column_id::timestamp));
  for (const query::column c : q_.group_by) whole(column_of(c));
  if (q_.paid && !groups_by_medium()) whole(column_id::medium);
  if (q_.of == query::metric::users) whole(column_id::user_id);
  if (q_.of == query::metric::uniques || q_.of == query::metric::sessions)
    whole(column_id::anonymous_id);
  if (q_.of == query::metric::sessions) whole(column_id::session_id);
  return out;
}

bool aggregate_scan::read_groups(row_range rows) {
  for (const query::column column : q_.group_by) {
    const column_id id = column_of(column);
    row_codes c;
    group_column& made = columns_.emplace_back();
    if (!from_.codes(id, rows, c) || !from_.values(id, made.values)) return false;
    if (made.values.size() != c.null_code) return false;
    made.cards = std::uint64_t{c.null_code} + 1;
    if (columns_.size() == 1) {
      group_of_ = std::move(c.codes);
      groups_ = static_cast<std::size_t>(made.cards);
      continue;
    }
    const std::size_t pairs = groups_ * static_cast<std::size_t>(made.cards);
    if (pairs <= most_plain_pairs) {
      combine(group_of_, c.codes, static_cast<std::uint16_t>(made.cards));
      groups_ = pairs;
      continue;
    }
    pair_numbers numbers(std::uint64_t{groups_} * made.cards);
    for (std::size_t row = 0; row < group_of_.size(); ++row)
      group_of_[row] =
          static_cast<std::uint16_t>(numbers[group_of_[row] * made.cards + c.codes[row]]);
    made.pairs = numbers.pairs();
    groups_ = made.pairs.size();
  }
  return true;
}

query::group_key aggregate_scan::key_of(std::uint32_t group) const {
  query::group_key key(columns_.size());
  for (std::size_t c = columns_.size(); c-- > 0;) {
    const group_column& column = columns_[c];
    const std::uint64_t pair = column.pairs.empty() ? group : column.pairs[group];
    const auto code = static_cast<std::uint32_t>(pair % column.cards);
    group = static_cast<std::uint32_t>(pair / column.cards);
    if (code < column.values.size()) key[c] = std::string(column.values[code]);
  }
  return key;
}

bool aggregate_scan::is_paid(const query::group_key& key) const noexcept {
  for (std::size_t c = 0; c < key.size(); ++c)
    if (q_.group_by[c] == query::column::medium && key[c] == "paid") return true;
  return false;
}

bool aggregate_scan::read_paid(row_range rows) {
  row_codes c;
  bool bad = false;
  const auto code = from_.code_of(column_id::medium, "paid", bad);
  if (bad || !from_.codes(column_id::medium, rows, c)) return false;
  paid_ = code.value_or(max_events);
  medium_of_ = std::move(c.codes);
  return true;
}

// A session is a text of its own, or the visitor's half hour.
bool aggregate_scan::read_sessions(row_range rows) {
  row_codes visitors;
  row_codes own;
  texts names;
  texts ids;
  std::vector<std::int64_t> times;
  if (!from_.codes(column_id::anonymous_id, rows, visitors) ||
      !from_.values(column_id::anonymous_id, names) ||
      !from_.codes(column_id::session_id, rows, own) || !from_.values(column_id::session_id, ids))
    return false;
  if (names.size() != visitors.null_code || ids.size() != own.null_code) return false;
  times_.read(rows.begin, rows.end, times);
  std::unordered_map<std::uint64_t, std::uint32_t, table_hash> numbers;
  value_of_.resize(rows.size());
  for (std::size_t row = 0; row < value_of_.size(); ++row) {
    const bool is_default = own.codes[row] == own.null_code;
    const auto slot = static_cast<std::uint64_t>(times[row] / event::session_ms);
    const std::uint64_t key = is_default ? slot << 18 | std::uint64_t{visitors.codes[row]} << 1
                                         : std::uint64_t{own.codes[row]} << 1 | 1;
    const auto [found, added] =
        numbers.try_emplace(key, static_cast<std::uint32_t>(hashes_.size()));
    value_of_[row] = static_cast<std::uint16_t>(found->second);
    if (!added) continue;
    if (visitors.codes[row] >= names.size()) return false;
    hashes_.push_back(is_default ? hash64(default_session(names[visitors.codes[row]], times[row]))
                                 : hash64(ids[own.codes[row]]));
  }
  return true;
}

bool aggregate_scan::read_distinct(row_range rows) {
  if (q_.of == query::metric::count) return true;
  if (q_.of == query::metric::sessions) return read_sessions(rows);
  const column_id c = q_.of == query::metric::users ? column_id::user_id : column_id::anonymous_id;
  row_codes codes;
  if (!from_.codes(c, rows, codes) || !from_.hashes(c, hashes_)) return false;
  value_of_ = std::move(codes.codes);
  return hashes_.size() == codes.null_code;
}

bool aggregate_scan::read(row_range rows) {
  if (needs_times() && !from_.integers(column_id::timestamp, times_)) return false;
  return read_groups(rows) && (!q_.paid || groups_by_medium() || read_paid(rows)) &&
         read_distinct(rows);
}

std::vector<aggregate_scan::bucket> aggregate_scan::buckets(const selection& rows) const {
  if (one_bucket()) return {{query::bucket_of(q_.every, from_.head().first), rows.begin, rows.end}};
  std::vector<bucket> out;
  for (std::size_t row = rows.begin; row < rows.end;) {
    const millis start = query::bucket_of(q_.every, times_[row]);
    const std::size_t end = times_.lower_bound(query::next_bucket(q_.every, start), row, rows.end);
    out.push_back({start, row, end});
    row = end;
  }
  return out;
}

// Kept from bucket to bucket, and cleared by what was met, so that many buckets of few events each
// stay cheap.
struct aggregate_scan::workspace {
  std::vector<std::uint32_t> counts;     // per group
  std::vector<std::uint32_t> paid;       // likewise, where needed
  std::vector<std::size_t> places;       // in the table, per group
  std::vector<std::uint64_t> seen;       // a bit per group and value
  std::vector<std::uint32_t> new_pairs;  // room for one per row
};

result<void> aggregate_scan::add_bucket(const bucket& b, const selection& rows, workspace& w,
                                        query::group_table& to) const {
  const std::size_t first = b.begin - rows.begin;
  const std::size_t n = b.end - b.begin;
  const std::uint8_t* const keep = rows.keep.empty() ? nullptr : rows.keep.data() + first;
  const std::uint16_t* const groups = group_of_.empty() ? nullptr : group_of_.data() + first;
  if (groups == nullptr)
    w.counts[0] = keep == nullptr ? static_cast<std::uint32_t>(n) : count_kept(keep, n);
  else if (keep == nullptr)
    count_groups(groups, n, w.counts.data());
  else
    count_kept_groups(groups, keep, n, w.counts.data());
  for (std::size_t i = 0; i < medium_of_.size() && i < n; ++i)
    if (medium_of_[first + i] == paid_ && (keep == nullptr || keep[i] != 0))
      ++w.paid[groups == nullptr ? 0 : groups[i]];

  // The groups are looked through, or the rows, whichever are fewer.
  const auto meet = [&](std::uint32_t g) {
    if (w.counts[g] == 0) return result<void>();
    const query::group_key key = key_of(g);
    auto place = to.place_of(b.start, key);
    if (!place) return result<void>(fail(place.error()));
    query::group& found = to[*place];
    found.events += w.counts[g];
    if (q_.paid) found.paid += medium_of_.empty() ? (is_paid(key) ? w.counts[g] : 0) : w.paid[g];
    w.counts[g] = 0;
    if (!w.paid.empty()) w.paid[g] = 0;
    w.places[g] = *place;
    return result<void>();
  };
  const std::size_t candidates = groups == nullptr ? 1 : std::min(groups_, n);
  for (std::size_t i = 0; i < candidates; ++i) {
    const bool by_rows = groups != nullptr && n < groups_;
    if (auto met = meet(by_rows ? groups[i] : static_cast<std::uint32_t>(i)); !met) return met;
  }
  return q_.of == query::metric::count ? result<void>() : add_distinct(b, rows, w, to);
}

result<void> aggregate_scan::add_distinct(const bucket& b, const selection& rows, workspace& w,
                                          query::group_table& to) const {
  const std::size_t first = b.begin - rows.begin;
  const distinct_rows of{group_of_.empty() ? nullptr : group_of_.data() + first,
                         rows.keep.empty() ? nullptr : rows.keep.data() + first,
                         value_of_.data() + first, b.end - b.begin,
                         static_cast<std::uint32_t>(hashes_.size())};
  std::uint32_t* const pairs = w.new_pairs.data();
  const std::size_t n =
      w.seen.empty() ? sorted_pairs(of, pairs) : new_pairs(of, w.seen.data(), pairs);
  const std::size_t exact_limit = to.exact_limit();
  for (std::size_t i = 0; i < n; ++i)
    to[w.places[pairs[i] >> 16]].distinct.insert(hashes_[pairs[i] & 0xFFFF], exact_limit);
  return to.inserted(n);
}

result<void> aggregate_scan::add(const selection& rows, query::group_table& to, bool& damaged) {
  if (rows.begin == rows.end) return {};
  damaged = !read({rows.begin, rows.end});
  if (damaged) return {};
  workspace w;
  w.counts.resize(groups_);
  w.places.resize(groups_);
  if (!medium_of_.empty()) w.paid.resize(groups_);
  if (q_.of != query::metric::count) {
    const std::size_t words = groups_ * ((hashes_.size() + 63) / 64);
    if (words * 64 <= most_map_bits) w.seen.resize(std::max<std::size_t>(words, 1));
    w.new_pairs.resize(rows.end - rows.begin + 1);
  }
  for (const bucket& b : buckets(rows))
    if (auto added = add_bucket(b, rows, w, to); !added) return added;
  return {};
}

}  // namespace millimetric::segment
