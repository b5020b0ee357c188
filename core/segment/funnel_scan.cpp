#include "segment/funnel_scan.h"

#include <algorithm>
#include <span>

#include "segment/visitor_index.h"

namespace millimetric::segment {
namespace {

constexpr std::uint16_t first_step = 1;

// The bits of the steps that each value of a column fits, by code.
template <class Wanted>
bool bits_by_code(const reader& from, column_id c, std::uint32_t null_code,
                  const query::funnel_question& q, std::vector<std::uint16_t>& out, Wanted wanted) {
  out.assign(null_code + std::size_t{1}, 0);
  for (std::size_t k = 0; k < q.steps.size(); ++k) {
    const auto bit = static_cast<std::uint16_t>(1U << k);
    const std::optional<std::string_view> value = wanted(q.steps[k]);
    if (!value) {
      for (std::uint16_t& bits : out) bits |= bit;
      continue;
    }
    bool bad = false;
    const auto code = from.code_of(c, *value, bad);
    if (bad || (code && *code >= out.size())) return false;
    if (code) out[*code] |= bit;
  }
  return true;
}

// The loops over rows are functions of their own: engines compile a small function well, and soon.
[[gnu::noinline]] void look_up(std::span<const std::uint16_t> codes, const std::uint16_t* bits,
                               std::uint16_t* out) noexcept {
  for (std::size_t i = 0; i < codes.size(); ++i) out[i] = bits[codes[i]];
}

[[gnu::noinline]] void look_up_too(std::span<const std::uint16_t> codes, const std::uint16_t* bits,
                                   std::uint16_t* out) noexcept {
  for (std::size_t i = 0; i < codes.size(); ++i) out[i] &= bits[codes[i]];
}

// The rows that can be a step of a wanted visitor; gives how many. `wanted` has a mark per visitor.
[[gnu::noinline]] std::size_t find_rows(std::span<const std::uint16_t> fits,
                                        std::span<const std::uint32_t> visitors,
                                        const std::uint8_t* wanted, std::uint32_t* out) noexcept {
  std::size_t n = 0;
  for (std::uint32_t i = 0; i < fits.size(); ++i) {
    out[n] = i;
    n += fits[i] != 0 && wanted[visitors[i]] != 0 ? 1 : 0;
  }
  return n;
}

// Likewise, but without what can only be the first step of one who has begun before. The marks tell
// who has begun then.
[[gnu::noinline]] std::size_t find_telling_rows(std::span<const std::uint16_t> fits,
                                                std::span<const std::uint32_t> visitors,
                                                std::uint8_t* wanted, std::uint32_t* out) noexcept {
  constexpr unsigned begun = 2;
  std::size_t n = 0;
  for (std::uint32_t i = 0; i < fits.size(); ++i) {
    const unsigned fit = fits[i];
    const unsigned mark = wanted[visitors[i]];
    const unsigned repeats = (fit == first_step ? 1U : 0U) & mark >> 1;
    const unsigned takes = (fit != 0 ? 1U : 0U) & (mark & 1U) & (repeats ^ 1U);
    out[n] = i;
    n += takes;
    wanted[visitors[i]] = static_cast<std::uint8_t>(mark | (fit & first_step) * begun);
  }
  return n;
}

// Marks of the visitors whose hash leaves `pass` when divided by `passes`; nobody, behind them, has
// none.
std::vector<std::uint8_t> marks_of(std::span<const std::uint64_t> visitors, std::uint32_t pass,
                                   std::uint32_t passes) {
  std::vector<std::uint8_t> out(visitors.size() + 1, 1);
  out.back() = 0;
  for (std::size_t i = 0; passes > 1 && i < visitors.size(); ++i)
    out[i] = (visitors[i] >> 32) % passes == pass ? 1 : 0;
  return out;
}

bool any_path(const query::funnel_question& q) {
  return std::any_of(q.steps.begin(), q.steps.end(),
                     [](const query::funnel_step& s) { return s.path.has_value(); });
}

}  // namespace

std::vector<chunk_place> funnel_scan::need() const {
  std::vector<chunk_place> out = from_.codes_need(column_id::timestamp);
  append(out, from_.codes_need(column_id::arrival));
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

bool funnel_scan::read_fits(const selection& rows, std::vector<std::uint16_t>& fits) const {
  const row_range range{rows.begin, rows.end};
  row_codes names;
  std::vector<std::uint16_t> bits;
  if (!from_.codes(column_id::event_name, range, names) ||
      !bits_by_code(from_, column_id::event_name, names.null_code, q_, bits,
                    [](const auto& s) { return std::optional<std::string_view>(s.event); }))
    return false;
  fits.resize(range.size());
  look_up(names.codes, bits.data(), fits.data());
  for (std::size_t i = 0; i < rows.keep.size(); ++i)
    fits[i] = static_cast<std::uint16_t>(rows.keep[i] != 0 ? fits[i] : 0);
  if (!any_path(q_)) return true;
  row_codes paths;
  if (!from_.stored_codes(column_id::path, range, paths) ||
      !bits_by_code(from_, column_id::path, paths.null_code, q_, bits, [](const auto& s) {
        return s.path ? std::optional<std::string_view>(*s.path) : std::nullopt;
      }))
    return false;
  bits = paths.by_stored_code(std::move(bits));
  look_up_too(paths.codes, bits.data(), fits.data());
  return true;
}

bool funnel_scan::read_persons(row_range rows, std::vector<std::uint32_t>& numbers,
                               std::vector<std::uint64_t>& hashes) const {
  row_codes visitors;
  row_codes users;
  std::vector<std::uint64_t> user_hashes;
  if (!from_.codes(column_id::anonymous_id, rows, visitors) ||
      !from_.keys(column_id::anonymous_id, hashes) ||
      !from_.codes(column_id::user_id, rows, users) || !from_.keys(column_id::user_id, user_hashes))
    return false;
  if (hashes.size() != visitors.null_code || user_hashes.size() != users.null_code) return false;
  // Marked by kind: a user's id may be another visitor's anonymous id.
  for (std::uint64_t& h : hashes)
    if (const auto known = known_.find(h); known != known_.end())
      h = visitor_hash(query::column::user_id, known->second);
  for (const std::uint64_t h : user_hashes)
    hashes.push_back(visitor_hash(query::column::user_id, h));
  const auto nobody = static_cast<std::uint32_t>(hashes.size());
  numbers.resize(rows.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (users.codes[i] != users.null_code)
      numbers[i] = visitors.null_code + users.codes[i];
    else
      numbers[i] = visitors.codes[i] == visitors.null_code ? nobody : visitors.codes[i];
  }
  return true;
}

bool funnel_scan::read_visitors(row_range rows, std::vector<std::uint32_t>& numbers,
                                std::vector<std::uint64_t>& hashes) const {
  if (q_.by == query::identity::person) return read_persons(rows, numbers, hashes);
  const column_id c =
      q_.by == query::identity::user_id ? column_id::user_id : column_id::anonymous_id;
  row_codes codes;
  if (!from_.codes(c, rows, codes) || !from_.keys(c, hashes)) return false;
  numbers.assign(codes.codes.begin(), codes.codes.end());
  return hashes.size() == codes.null_code;
}

bool funnel_scan::read_groups(row_range rows, std::vector<std::uint16_t>& numbers,
                              funnel_rows& out) const {
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
  numbers = std::move(codes.codes);
  return true;
}

bool funnel_scan::read(const selection& rows, std::uint32_t pass, std::uint32_t passes,
                       funnel_rows& out) const {
  const row_range range{rows.begin, rows.end};
  std::vector<std::uint16_t> fits;
  std::vector<std::uint32_t> visitors;
  std::vector<std::uint64_t> hashes;
  std::vector<std::uint16_t> groups;
  out = {};
  if (!read_fits(rows, fits) || !read_visitors(range, visitors, hashes)) return false;
  std::vector<std::uint32_t> found(range.size());
  std::vector<std::uint8_t> wanted = marks_of(hashes, pass, passes);
  // Without a window a visitor begins with the first event that can be the first step: a later one
  // that can be nothing else changes nothing.
  found.resize(q_.window ? find_rows(fits, visitors, wanted.data(), found.data())
                         : find_telling_rows(fits, visitors, wanted.data(), found.data()));
  if (found.empty()) return true;

  std::vector<std::int64_t> times;
  std::vector<std::int64_t> arrivals;
  if (!from_.integers(column_id::timestamp, range, times) ||
      !from_.integers(column_id::arrival, range, arrivals) || !read_groups(range, groups, out))
    return false;
  out.events.resize(found.size());
  out.arrivals.resize(found.size());
  for (std::size_t k = 0; k < found.size(); ++k) {
    const std::uint32_t i = found[k];
    out.events[k] = {times[i], hashes[visitors[i]], groups.empty() ? 0U : groups[i], fits[i]};
    out.arrivals[k] = arrivals[i];
  }
  return true;
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

bool read_identifications(const reader& from, const selection& rows,
                          std::vector<identification>& out) {
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
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    if (!rows.takes(row) || users.codes[row] == users.null_code) continue;
    if (visitors.codes[row] == visitors.null_code) continue;
    out.push_back({visitor_hashes[visitors.codes[row]], user_hashes[users.codes[row]], times[row],
                   arrivals[row]});
  }
  return true;
}

}  // namespace millimetric::segment
