#include "segment/funnel_scan.h"

#include <algorithm>
#include <span>

#include "base/row_loop.h"
#include "segment/fields.h"
#include "segment/visitor_index.h"

namespace millimetric::segment {
namespace {

constexpr std::uint16_t first_step = 1;

// The bits of the steps that each value of a column fits, by code.
template <class Wanted>
bool bits_by_code(const reader& from, column_id c, const query::funnel_question& q,
                  std::vector<std::uint16_t>& out, Wanted wanted) {
  std::uint32_t values = 0;
  if (!from.count_values(c, values)) return false;
  out.assign(values + std::size_t{1}, 0);
  for (std::size_t k = 0; k < q.steps.size(); ++k) {
    const auto bit = static_cast<std::uint16_t>(1U << k);
    const std::optional<std::string_view> value = wanted(q.steps[k]);
    if (!value) {
      for (std::uint16_t& bits : out) bits |= bit;
      continue;
    }
    bool bad = false;
    const auto code = from.code_of(c, *value, bad);
    if (bad || (code && *code >= values)) return false;
    if (code) out[*code] |= bit;
  }
  return true;
}

MM_ROW_LOOP void fit_both(std::uint16_t* fits, const std::uint16_t* too, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) fits[i] &= too[i];
}

// The rows that can be a step that still tells something of their visitor; gives how many. `open`
// has the bits of those steps per visitor.
MM_ROW_LOOP std::size_t find_rows(std::span<const std::uint16_t> fits,
                                  std::span<const std::uint32_t> visitors,
                                  const std::uint16_t* open, std::uint32_t* out) noexcept {
  std::size_t n = 0;
  for (std::uint32_t i = 0; i < fits.size(); ++i) {
    out[n] = i;
    n += (fits[i] & open[visitors[i]]) != 0 ? 1 : 0;
  }
  return n;
}

// Likewise, where another first step of one who has begun tells nothing.
MM_ROW_LOOP std::size_t find_telling_rows(std::span<const std::uint16_t> fits,
                                          std::span<const std::uint32_t> visitors,
                                          std::uint16_t* open, std::uint32_t* out) noexcept {
  std::size_t n = 0;
  for (std::uint32_t i = 0; i < fits.size(); ++i) {
    const unsigned fit = fits[i];
    std::uint16_t& steps = open[visitors[i]];
    out[n] = i;
    n += (fit & steps) != 0 ? 1 : 0;
    steps = static_cast<std::uint16_t>(steps & ~(fit & first_step));
  }
  return n;
}

bool comes_before(const identification& a, const identification& b) noexcept {
  return a.at != b.at ? a.at < b.at : a.arrival < b.arrival;
}

bool any_path(const query::funnel_question& q) {
  return std::any_of(q.steps.begin(), q.steps.end(),
                     [](const query::funnel_step& s) { return s.path.has_value(); });
}

}  // namespace

bool row_arrivals::open(std::string_view column, std::size_t count,
                        std::vector<std::uint32_t> rows) {
  bytes_ = std::make_shared<const std::string>(column);
  rows_ = std::move(rows);
  return of_.open(*bytes_, count);
}

std::vector<chunk_place> funnel_scan::need() const {
  std::vector<chunk_place> out = from_.codes_need(column_id::timestamp);
  if (ties_ == tie_order::by_arrival) append(out, from_.codes_need(column_id::arrival));
  const auto whole = [&](column_id c) {
    append(out, from_.codes_need(c));
    append(out, from_.values_need(c));
  };
  whole(column_id::event_name);
  if (any_path(q_)) whole(column_id::path);
  if (q_.by != query::identity::user_id) whole(column_id::anonymous_id);
  if (q_.by != query::identity::anonymous_id) whole(column_id::user_id);
  if (q_.group_by) whole(column_of(*q_.group_by));
  return out;
}

bool funnel_scan::read_fits(const selection& rows) {
  std::vector<std::uint16_t>& fits = work_.fits;
  const row_range range{rows.begin, rows.end};
  std::vector<std::uint16_t> bits;
  if (!bits_by_code(from_, column_id::event_name, q_, bits,
                    [](const auto& s) { return std::optional<std::string_view>(s.event); }) ||
      !from_.look_up(column_id::event_name, range, std::move(bits), fits))
    return false;
  for (std::size_t i = 0; i < rows.keep.size(); ++i)
    fits[i] = static_cast<std::uint16_t>(rows.keep[i] != 0 ? fits[i] : 0);
  if (!any_path(q_)) return true;
  std::vector<std::uint16_t> of_path;
  if (!bits_by_code(from_, column_id::path, q_, bits,
                    [](const auto& s) {
                      return s.path ? std::optional<std::string_view>(*s.path) : std::nullopt;
                    }) ||
      !from_.look_up(column_id::path, range, std::move(bits), of_path))
    return false;
  fit_both(fits.data(), of_path.data(), fits.size());
  return true;
}

bool funnel_scan::read_persons(row_range rows) {
  row_codes visitors;
  row_codes users;
  std::vector<std::uint64_t>& keys = work_.keys;
  std::vector<std::uint64_t> user_keys;
  if (!from_.codes(column_id::anonymous_id, rows, visitors) ||
      !from_.keys(column_id::anonymous_id, keys) || !from_.codes(column_id::user_id, rows, users) ||
      !from_.keys(column_id::user_id, user_keys))
    return false;
  if (keys.size() != visitors.null_code || user_keys.size() != users.null_code) return false;
  // Marked by kind: a user's id may be another visitor's anonymous id.
  for (std::uint64_t& key : keys)
    if (const auto known = known_.find(key); known != known_.end())
      key = visitor_hash(query::column::user_id, known->second.person);
  for (const std::uint64_t key : user_keys)
    keys.push_back(visitor_hash(query::column::user_id, key));
  const auto nobody = static_cast<std::uint32_t>(keys.size());
  std::vector<std::uint32_t>& numbers = work_.visitors;
  numbers.resize(rows.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (users.codes[i] != users.null_code)
      numbers[i] = visitors.null_code + users.codes[i];
    else
      numbers[i] = visitors.codes[i] == visitors.null_code ? nobody : visitors.codes[i];
  }
  return true;
}

bool funnel_scan::read_visitors(row_range rows) {
  if (q_.by == query::identity::person) return read_persons(rows);
  const column_id c =
      q_.by == query::identity::user_id ? column_id::user_id : column_id::anonymous_id;
  row_codes codes;
  if (!from_.codes(c, rows, codes) || !from_.keys(c, work_.keys)) return false;
  work_.visitors.assign(codes.codes.begin(), codes.codes.end());
  return work_.keys.size() == codes.null_code;
}

bool funnel_scan::read_groups(row_range rows, funnel_rows& out) {
  work_.groups.clear();
  if (!q_.group_by) {
    out.groups.emplace_back();
    return true;
  }
  row_codes codes;
  texts values;
  const column_id c = column_of(*q_.group_by);
  if (!from_.codes(c, rows, codes) || !from_.values(c, values)) return false;
  if (values.size() != codes.null_code) return false;
  for (std::size_t i = 0; i < values.size(); ++i) out.groups.emplace_back(std::string(values[i]));
  out.groups.emplace_back();
  work_.groups = std::move(codes.codes);
  return true;
}

// Opens all steps to these visitors; none to nobody, behind them.
void funnel_scan::open_steps(visitor_part of) {
  constexpr std::uint16_t all = 0xFFFF;
  const std::vector<std::uint64_t>& keys = work_.keys;
  work_.open.assign(keys.size() + 1, all);
  work_.open.back() = 0;
  for (std::size_t i = 0; of.parts > 1 && i < keys.size(); ++i)
    work_.open[i] = (keys[i] >> 32) % of.parts == of.number ? all : std::uint16_t{0};
}

bool funnel_scan::read(const selection& rows, visitor_part of, funnel_rows& out) {
  const row_range range{rows.begin, rows.end};
  funnel_work& w = work_;
  out = {};
  if (!read_fits(rows) || !read_visitors(range)) return false;
  open_steps(of);
  w.found.resize(range.size());
  // Without a window a visitor begins with the first event that can be the first step: a later one
  // that can be nothing else changes nothing.
  const std::size_t n = q_.window
                            ? find_rows(w.fits, w.visitors, w.open.data(), w.found.data())
                            : find_telling_rows(w.fits, w.visitors, w.open.data(), w.found.data());
  if (n == 0) return true;

  std::vector<std::uint32_t> found(w.found.begin(),
                                   w.found.begin() + static_cast<std::ptrdiff_t>(n));
  for (std::uint32_t& row : found) row += static_cast<std::uint32_t>(range.begin);
  integer_column times;
  if (!from_.integers(column_id::timestamp, range, times) || !read_groups(range, out)) return false;
  times.pick(found, w.times);
  out.events.resize(n);
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t i = found[k] - range.begin;
    out.events[k] = {w.times[k], w.keys[w.visitors[i]], w.groups.empty() ? 0U : w.groups[i],
                     w.fits[i]};
  }
  if (ties_ == tie_order::unknown) return true;
  return out.arrivals.open(from_.chunk({static_cast<std::uint8_t>(column_id::arrival), codes_part}),
                           from_.head().events, std::move(found));
}

std::vector<chunk_place> identifications_need(const reader& from) {
  std::vector<chunk_place> out = from.codes_need(column_id::timestamp);
  append(out, from.codes_need(column_id::arrival));
  for (const column_id c : {column_id::anonymous_id, column_id::user_id}) {
    append(out, from.codes_need(c));
    append(out, from.values_need(c));
  }
  return out;
}

bool read_identifications(const reader& from, const chosen_rows& rows, identities& out) {
  std::vector<std::int64_t> times;
  std::vector<std::int64_t> arrivals;
  row_codes visitors;
  row_codes users;
  std::vector<std::uint64_t> visitor_hashes;
  std::vector<std::uint64_t> user_hashes;
  if (!from.integers(column_id::timestamp, times) || !from.integers(column_id::arrival, arrivals) ||
      !from.codes(column_id::anonymous_id, visitors) ||
      !from.keys(column_id::anonymous_id, visitor_hashes) ||
      !from.codes(column_id::user_id, users) || !from.keys(column_id::user_id, user_hashes))
    return false;
  if (visitor_hashes.size() != visitors.null_code || user_hashes.size() != users.null_code)
    return false;
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const std::uint32_t row = rows[n];
    if (users.codes[row] == users.null_code) continue;
    if (visitors.codes[row] == visitors.null_code) continue;
    const identification now{user_hashes[users.codes[row]], times[row], arrivals[row]};
    const auto [known, added] = out.try_emplace(visitor_hashes[visitors.codes[row]], now);
    if (!added && comes_before(known->second, now)) known->second = now;
  }
  return true;
}

}  // namespace millimetric::segment
