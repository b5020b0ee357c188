#include "segment/aggregate_scan.h"

#include <algorithm>
#include <unordered_map>

#include "base/hash.h"
#include "event/receive.h"
#include "segment/pair_numbers.h"

namespace millimetric::segment {
namespace {

constexpr std::uint32_t unnumbered = 0xFFFFFFFF;
// A set of (group, value) pairs is a bit map up to this many bits (8 MB).
constexpr std::size_t most_map_bits = 64UL * 1024 * 1024;

void append(std::vector<chunk_place>& to, std::vector<chunk_place> more) {
  to.insert(to.end(), more.begin(), more.end());
}

// A set of pairs of small numbers, cleared by what was put in.
class pair_set {
 public:
  pair_set(std::size_t groups, std::size_t values) : values_(values) {
    if (groups * values <= most_map_bits) bits_.resize((groups * values + 63) / 64);
  }
  // Whether the pair is new.
  bool insert(std::uint32_t group, std::uint32_t value) {
    const std::uint64_t pair = std::uint64_t{group} * values_ + value;
    if (bits_.empty()) return hashed_.try_emplace(pair, true).second;
    std::uint64_t& word = bits_[static_cast<std::size_t>(pair / 64)];
    const std::uint64_t bit = std::uint64_t{1} << (pair % 64);
    if ((word & bit) != 0) return false;
    word |= bit;
    touched_.push_back(static_cast<std::uint32_t>(pair / 64));
    return true;
  }
  void clear() {
    for (const std::uint32_t word : touched_) bits_[word] = 0;
    touched_.clear();
    hashed_.clear();
  }

 private:
  std::size_t values_;
  std::vector<std::uint64_t> bits_;
  std::vector<std::uint32_t> touched_;
  std::unordered_map<std::uint64_t, bool> hashed_;
};

query::group_key key_part(const texts& values, std::uint32_t code) {
  query::group_key out;
  if (code >= values.size())
    out.emplace_back();
  else
    out.emplace_back(std::string(values[code]));
  return out;
}

}  // namespace

bool aggregate_scan::one_bucket() const noexcept {
  return query::bucket_of(q_.every, from_.head().first) ==
         query::bucket_of(q_.every, from_.head().last);
}

bool aggregate_scan::needs_times() const noexcept {
  return !one_bucket() || q_.of == query::metric::sessions;
}

std::vector<chunk_place> aggregate_scan::need() const {
  std::vector<chunk_place> out;
  const auto whole = [&](column_id c) {
    append(out, from_.codes_need(c));
    append(out, from_.values_need(c));
  };
  if (needs_times()) append(out, from_.codes_need(column_id::timestamp));
  for (const query::column c : q_.group_by) whole(column_of(c));
  if (q_.paid) whole(column_id::medium);
  if (q_.of == query::metric::users) whole(column_id::user_id);
  if (q_.of == query::metric::uniques || q_.of == query::metric::sessions)
    whole(column_id::anonymous_id);
  if (q_.of == query::metric::sessions) whole(column_id::session_id);
  return out;
}

bool aggregate_scan::read_groups() {
  group_of_.assign(from_.head().events, 0);
  keys_.assign(1, {});
  for (const query::column column : q_.group_by) {
    row_codes c;
    texts values;
    if (!from_.codes(column_of(column), c) || !from_.values(column_of(column), values))
      return false;
    if (values.size() != c.null_code) return false;
    const std::uint64_t cards = std::uint64_t{c.null_code} + 1;
    pair_numbers numbers(cards * keys_.size());
    for (std::size_t row = 0; row < group_of_.size(); ++row)
      group_of_[row] = numbers[group_of_[row] * cards + c.codes[row]];
    std::vector<query::group_key> keys;
    for (const std::uint64_t pair : numbers.pairs()) {
      query::group_key key = keys_[static_cast<std::size_t>(pair / cards)];
      for (auto& part : key_part(values, static_cast<std::uint32_t>(pair % cards)))
        key.push_back(std::move(part));
      keys.push_back(std::move(key));
    }
    keys_ = std::move(keys);
  }
  return true;
}

bool aggregate_scan::read_paid() {
  row_codes c;
  texts values;
  if (!from_.codes(column_id::medium, c) || !from_.values(column_id::medium, values)) return false;
  std::uint32_t paid = unnumbered;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] == "paid") paid = static_cast<std::uint32_t>(i);
  paid_.resize(c.codes.size());
  for (std::size_t row = 0; row < paid_.size(); ++row) paid_[row] = c.codes[row] == paid ? 1 : 0;
  return true;
}

// A session is a text of its own, or the visitor's half hour.
bool aggregate_scan::read_sessions() {
  row_codes visitors;
  row_codes own;
  texts names;
  texts ids;
  if (!from_.codes(column_id::anonymous_id, visitors) ||
      !from_.values(column_id::anonymous_id, names) || !from_.codes(column_id::session_id, own) ||
      !from_.values(column_id::session_id, ids))
    return false;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers;
  value_of_.resize(visitors.codes.size());
  for (std::size_t row = 0; row < value_of_.size(); ++row) {
    const bool is_default = own.codes[row] == own.null_code;
    const auto slot = static_cast<std::uint64_t>(times_[row] / event::session_ms);
    const std::uint64_t key = is_default ? slot << 18 | std::uint64_t{visitors.codes[row]} << 1
                                         : std::uint64_t{own.codes[row]} << 1 | 1;
    const auto [found, added] =
        numbers.try_emplace(key, static_cast<std::uint32_t>(hashes_.size()));
    value_of_[row] = found->second;
    if (!added) continue;
    if (visitors.codes[row] >= names.size()) return false;
    hashes_.push_back(is_default ? hash64(default_session(names[visitors.codes[row]], times_[row]))
                                 : hash64(ids[own.codes[row]]));
  }
  return true;
}

bool aggregate_scan::read_distinct() {
  hashes_.clear();
  if (q_.of == query::metric::count) return true;
  if (q_.of == query::metric::sessions) return read_sessions();
  const column_id c = q_.of == query::metric::users ? column_id::user_id : column_id::anonymous_id;
  row_codes codes;
  if (!from_.codes(c, codes) || !from_.hashes(c, hashes_)) return false;
  value_of_ = std::move(codes.codes);
  return hashes_.size() == codes.null_code;
}

bool aggregate_scan::read() {
  if (needs_times() && !from_.integers(column_id::timestamp, times_)) return false;
  return read_groups() && (!q_.paid || read_paid()) && read_distinct();
}

std::vector<aggregate_scan::bucket> aggregate_scan::buckets(const selection& rows) const {
  if (one_bucket()) return {{query::bucket_of(q_.every, from_.head().first), rows.begin, rows.end}};
  std::vector<bucket> out;
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    const millis start = query::bucket_of(q_.every, times_[row]);
    const millis next = query::next_bucket(q_.every, start);
    const auto end = std::lower_bound(times_.begin() + static_cast<std::ptrdiff_t>(row),
                                      times_.begin() + static_cast<std::ptrdiff_t>(rows.end), next);
    const auto stop = static_cast<std::size_t>(end - times_.begin());
    out.push_back({start, row, stop});
    row = stop - 1;
  }
  return out;
}

// Tallies are kept from bucket to bucket and cleared by the groups that were met, so that many
// buckets of few events each stay cheap.
struct aggregate_scan::workspace {
  struct tally {
    std::uint32_t events = 0;
    std::uint32_t paid = 0;
    std::size_t place = 0;
  };
  std::vector<tally> tallies;
  std::vector<std::uint32_t> met;
  pair_set seen;
};

result<void> aggregate_scan::add_bucket(const bucket& b, const selection& rows, workspace& w,
                                        query::group_table& to) {
  for (std::size_t row = b.begin; row < b.end; ++row) {
    if (!rows.takes(row)) continue;
    workspace::tally& t = w.tallies[group_of_[row]];
    if (t.events++ == 0) w.met.push_back(group_of_[row]);
    if (q_.paid) t.paid += paid_[row];
  }
  for (const std::uint32_t g : w.met) {
    auto place = to.place_of(b.start, keys_[g]);
    if (!place) return fail(place.error());
    workspace::tally& t = w.tallies[g];
    to[*place].events += t.events;
    to[*place].paid += t.paid;
    t = {0, 0, *place};
  }
  w.met.clear();
  return q_.of == query::metric::count ? result<void>() : add_distinct(b, rows, w, to);
}

result<void> aggregate_scan::add_distinct(const bucket& b, const selection& rows, workspace& w,
                                          query::group_table& to) {
  for (std::size_t row = b.begin; row < b.end; ++row) {
    if (!rows.takes(row) || value_of_[row] >= hashes_.size()) continue;
    const std::uint32_t group = group_of_[row];
    if (!w.seen.insert(group, value_of_[row])) continue;
    auto counted = to.insert(to[w.tallies[group].place], hashes_[value_of_[row]]);
    if (!counted) return counted;
  }
  w.seen.clear();
  return {};
}

result<void> aggregate_scan::add(const selection& rows, query::group_table& to, bool& damaged) {
  if (rows.begin == rows.end) return {};
  damaged = !read();
  if (damaged) return {};
  workspace w{std::vector<workspace::tally>(keys_.size()), {}, {keys_.size(), hashes_.size()}};
  for (const bucket& b : buckets(rows))
    if (auto added = add_bucket(b, rows, w, to); !added) return added;
  return {};
}

}  // namespace millimetric::segment
