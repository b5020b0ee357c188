#include "segment/summary.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/archive.h"
#include "base/hash.h"
#include "segment/fields.h"
#include "segment/pair_numbers.h"

namespace millimetric::segment {
namespace {

using query::column;

struct part_columns {
  std::array<column, 2> of;
  std::size_t count;
  bool visitors;  // says how many different ones each group has
  [[nodiscard]] std::span<const column> columns() const { return std::span(of).first(count); }
};

// Their places are stored: new ones come behind.
constexpr std::array<part_columns, 7> parts{{
    {{column::source, column::medium}, 2, true},
    {{column::event_name, {}}, 1, false},
    {{column::campaign, {}}, 1, false},
    {{column::country, {}}, 1, false},
    {{column::device_type, {}}, 1, false},
    {{column::browser, {}}, 1, false},
    {{column::os, {}}, 1, false},
}};

static_assert(parts.size() == visitors_part, "the visitors' part is the next one");

struct part_record {
  std::vector<query::group_key> keys;
  millis first_day = 0;
  std::vector<std::uint32_t> events;  // day after day, a number per key
  std::vector<std::uint32_t> paid;
  template <class A>
  void fields(A& a) {
    a(keys, first_day, events, paid);
  }
};

template <class Counter>
struct visitors_record {
  std::vector<Counter> of;  // per key of part 0
  template <class A>
  void fields(A& a) {
    a(of);
  }
};

bool is_summarised(column_id c) {
  for (const part_columns& p : parts)
    for (const column each : p.columns())
      if (column_of(each) == c) return true;
  return false;
}

bool holds(const part_columns& p, column c) {
  const auto of = p.columns();
  return std::find(of.begin(), of.end(), c) != of.end();
}

bool answers(const part_columns& p, const query::aggregate_question& q) {
  if (q.every == query::interval::hour) return false;
  const bool counts = q.of == query::metric::count;
  const bool distinct =
      p.visitors && q.of == query::metric::uniques && q.every == query::interval::none;
  if (!counts && !distinct) return false;
  return std::all_of(q.group_by.begin(), q.group_by.end(), [&](column c) { return holds(p, c); }) &&
         std::all_of(q.in.filters.begin(), q.in.filters.end(),
                     [&](const query::filter& f) { return holds(p, f.col); });
}

// The groups of a part: a number per row, and the keys by number; no keys where they are too long.
std::vector<std::uint32_t> number_groups(const part_columns& p, const summary_input& in,
                                         std::vector<query::group_key>& keys) {
  std::vector<std::uint32_t> group_of(in.times.size());
  keys.assign(1, {});
  for (const column wanted : p.columns()) {
    const summary_input::column& c = in.columns.at(column_of(wanted));
    const std::uint64_t cards = c.values.size() + 1;
    pair_numbers numbers(cards * keys.size());
    for (std::size_t row = 0; row < group_of.size(); ++row)
      group_of[row] =
          numbers[group_of[row] * cards + std::min<std::uint64_t>(c.numbers[row], c.values.size())];
    std::vector<query::group_key> longer;
    std::size_t bytes = 0;
    for (const std::uint64_t pair : numbers.pairs()) {
      if (bytes > most_key_bytes) break;
      query::group_key& key = longer.emplace_back(keys[static_cast<std::size_t>(pair / cards)]);
      const auto n = static_cast<std::size_t>(pair % cards);
      key.push_back(n < c.values.size() ? std::optional(c.values[n]) : std::nullopt);
      for (const auto& part : key) bytes += part ? part->size() : 0;
    }
    if (bytes > most_key_bytes) longer.clear();
    keys = std::move(longer);
    if (keys.empty()) break;
  }
  return group_of;
}

// Whether each row's medium is "paid".
std::vector<std::uint8_t> paid_rows(const summary_input& in) {
  std::vector<std::uint8_t> out(in.times.size());
  const auto& medium = in.columns.at(column_id::medium);
  for (std::size_t row = 0; row < out.size(); ++row) {
    const std::uint32_t n = medium.numbers[row];
    out[row] = n < medium.values.size() && medium.values[n] == "paid" ? 1 : 0;
  }
  return out;
}

template <class Record>
std::string record_of_row(Record record) {
  std::string out = to_record(std::move(record));
  return out.size() <= most_part_bytes ? std::move(out) : std::string();
}

std::string encode_visitors_part(const summary_input& in) {
  std::vector<query::group_key> keys;
  const std::vector<std::uint32_t> group_of = number_groups(parts[0], in, keys);
  if (keys.empty()) return {};
  visitors_record<query::distinct_counter> out;
  std::vector<std::uint64_t> pairs;
  pairs.reserve(group_of.size());
  for (std::size_t row = 0; row < group_of.size(); ++row)
    pairs.push_back(std::uint64_t{group_of[row]} << 32 | in.visitors[row]);
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  out.of.resize(keys.size());
  for (const std::uint64_t pair : pairs)
    out.of[static_cast<std::size_t>(pair >> 32)].insert(
        in.visitor_hashes[static_cast<std::uint32_t>(pair)], exact_visitors);
  for (query::distinct_counter& v : out.of) v.limit(exact_visitors);
  return record_of_row(std::move(out));
}

std::string encode_part(const part_columns& p, const summary_input& in,
                        const std::vector<std::uint8_t>& paid) {
  part_record out;
  const std::vector<std::uint32_t> group_of = number_groups(p, in, out.keys);
  out.first_day = floor_day(in.times.front());
  const auto days = static_cast<std::size_t>((in.times.back() - out.first_day) / day_ms + 1);
  if (out.keys.empty() || days * out.keys.size() > most_cells) return {};
  out.events.resize(days * out.keys.size());
  out.paid.resize(out.events.size());
  for (std::size_t row = 0; row < group_of.size(); ++row) {
    const auto day = static_cast<std::size_t>((in.times[row] - out.first_day) / day_ms);
    const std::size_t cell = day * out.keys.size() + group_of[row];
    ++out.events[cell];
    out.paid[cell] += paid[row];
  }
  return record_of_row(std::move(out));
}

bool passes(const part_columns& p, const query::group_key& key, const query::scope& in) {
  return std::all_of(in.filters.begin(), in.filters.end(), [&](const query::filter& f) {
    for (std::size_t c = 0; c < p.count; ++c)
      if (p.of[c] == f.col)
        return key[c] && std::find(f.any_of.begin(), f.any_of.end(), *key[c]) != f.any_of.end();
    return false;
  });
}

query::group_key project(const part_columns& p, const query::group_key& key,
                         const std::vector<column>& group_by) {
  query::group_key out;
  for (const column wanted : group_by)
    for (std::size_t c = 0; c < p.count; ++c)
      if (p.of[c] == wanted) out.push_back(key[c]);
  return out;
}

// Whether so many days from the first are times at all, so that counting them cannot overflow.
bool are_times(millis first_day, std::size_t days) {
  constexpr millis end = query::end_of_time;
  return first_day >= -end && first_day < end &&
         days <= static_cast<std::uint64_t>(end - first_day) / day_ms + 1;
}

bool is_whole(const part_columns& p, const part_record& r) {
  if (r.keys.empty() || r.events.size() % r.keys.size() != 0) return false;
  if (!are_times(r.first_day, r.events.size() / r.keys.size())) return false;
  if (r.paid.size() != r.events.size()) return false;
  return std::all_of(r.keys.begin(), r.keys.end(),
                     [&](const query::group_key& k) { return k.size() == p.count; });
}

// The counts of one key, a call per bucket with events.
template <class Add>
result<void> each_bucket(const part_record& r, std::size_t key, query::interval every, Add add) {
  const std::size_t days = r.events.size() / r.keys.size();
  std::size_t day = 0;
  while (day < days) {
    const auto time_of = [&](std::size_t d) {
      return r.first_day + static_cast<millis>(d) * day_ms;
    };
    const millis bucket = query::bucket_of(every, time_of(day));
    std::uint64_t events = 0;
    std::uint64_t paid = 0;
    for (; day < days && query::bucket_of(every, time_of(day)) == bucket; ++day) {
      events += r.events[day * r.keys.size() + key];
      paid += r.paid[day * r.keys.size() + key];
    }
    if (events == 0) continue;
    if (auto added = add(bucket, events, paid); !added) return added;
  }
  return {};
}

}  // namespace

void summary_input::add(column_id c, const interner& values,
                        const std::vector<std::uint32_t>& numbers) {
  if (c == column_id::anonymous_id) {
    visitors = numbers;
    for (std::uint32_t n = 0; n < values.size(); ++n) visitor_hashes.push_back(hash64(values[n]));
    return;
  }
  if (!is_summarised(c)) return;
  column& kept = columns[c];
  kept.numbers = numbers;
  for (std::uint32_t n = 0; n < values.size(); ++n) kept.values.emplace_back(values[n]);
}

std::vector<std::string> encode_summary(const summary_input& in) {
  const std::vector<std::uint8_t> paid = paid_rows(in);
  std::vector<std::string> out;
  for (const part_columns& p : parts) out.push_back(encode_part(p, in, paid));
  out.push_back(encode_visitors_part(in));
  // Each is of no use without the other.
  if (out.back().empty()) out.front().clear();
  if (out.front().empty()) out.back().clear();
  return out;
}

std::optional<std::uint8_t> summary_part(const query::aggregate_question& q) noexcept {
  for (std::size_t p = 0; p < parts.size(); ++p)
    if (answers(parts[p], q)) return static_cast<std::uint8_t>(p);
  return std::nullopt;
}

result<void> add_summary(std::string_view part, std::string_view visitors,
                         const query::aggregate_question& q, query::group_table& to,
                         bool& damaged) {
  const bool distinct = q.of == query::metric::uniques;
  const auto number = summary_part(q);
  const auto r = from_record<part_record>(part);
  using visitors_read = visitors_record<query::distinct_record>;
  const auto v = distinct ? from_record<visitors_read>(visitors) : visitors_read();
  damaged = !number || !r || !v || !is_whole(parts[*number], *r) ||
            (distinct && v->of.size() != r->keys.size());
  if (damaged) return {};
  const part_columns& p = parts[*number];
  for (std::size_t k = 0; k < r->keys.size(); ++k) {
    if (!passes(p, r->keys[k], q.in)) continue;
    const query::group_key key = project(p, r->keys[k], q.group_by);
    auto added =
        each_bucket(*r, k, q.every,
                    [&](millis bucket, std::uint64_t events, std::uint64_t paid) -> result<void> {
                      auto place = to.place_of(bucket, key);
                      if (!place) return fail(place.error());
                      to[*place].events += events;
                      if (q.paid) to[*place].paid += paid;
                      if (distinct) to[*place].distinct.merge(v->of[k], to.exact_limit());
                      return {};
                    });
    if (!added) return added;
  }
  return {};
}

}  // namespace millimetric::segment
