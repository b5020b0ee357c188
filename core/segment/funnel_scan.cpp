#include "segment/funnel_scan.h"

#include <algorithm>

#include "segment/visitor_index.h"

namespace millimetric::segment {
namespace {

void append(std::vector<chunk_place>& to, std::vector<chunk_place> more) {
  to.insert(to.end(), more.begin(), more.end());
}

// The bits of the steps that each value of a column fits, by code.
template <class Wanted>
bool bits_by_code(const reader& from, column_id c, const query::funnel_question& q,
                  std::vector<std::uint32_t>& out, Wanted wanted) {
  texts values;
  if (!from.values(c, values)) return false;
  out.assign(values.size() + 1, 0);
  for (std::size_t k = 0; k < q.steps.size(); ++k) {
    const std::uint32_t bit = 1U << k;
    const std::optional<std::string_view> value = wanted(q.steps[k]);
    for (std::size_t code = 0; code < out.size(); ++code)
      if (!value || (code < values.size() && values[code] == *value)) out[code] |= bit;
  }
  return true;
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

bool funnel_scan::read_fits(const selection& rows, std::vector<std::uint32_t>& fits) const {
  row_codes names;
  std::vector<std::uint32_t> by_name;
  if (!from_.codes(column_id::event_name, names) ||
      !bits_by_code(from_, column_id::event_name, q_, by_name,
                    [](const auto& s) { return std::optional<std::string_view>(s.event); }))
    return false;
  fits.assign(names.codes.size(), 0);
  for (std::size_t row = rows.begin; row < rows.end; ++row)
    if (rows.takes(row)) fits[row] = by_name[names.codes[row]];
  if (!any_path(q_)) return true;
  row_codes paths;
  std::vector<std::uint32_t> by_path;
  if (!from_.codes(column_id::path, paths) ||
      !bits_by_code(from_, column_id::path, q_, by_path, [](const auto& s) {
        return s.path ? std::optional<std::string_view>(*s.path) : std::nullopt;
      }))
    return false;
  for (std::size_t row = rows.begin; row < rows.end; ++row) fits[row] &= by_path[paths.codes[row]];
  return true;
}

bool funnel_scan::read_persons(std::vector<std::uint32_t>& numbers,
                               std::vector<std::uint64_t>& hashes) const {
  row_codes visitors;
  row_codes users;
  std::vector<std::uint64_t> user_hashes;
  if (!from_.codes(column_id::anonymous_id, visitors) ||
      !from_.hashes(column_id::anonymous_id, hashes) || !from_.codes(column_id::user_id, users) ||
      !from_.hashes(column_id::user_id, user_hashes))
    return false;
  // Marked by kind: a user's id may be another visitor's anonymous id.
  for (std::uint64_t& h : hashes)
    if (const auto known = known_.find(h); known != known_.end())
      h = visitor_hash(query::column::user_id, known->second);
  const auto first_user = static_cast<std::uint32_t>(hashes.size());
  for (const std::uint64_t h : user_hashes)
    hashes.push_back(visitor_hash(query::column::user_id, h));
  numbers = std::move(visitors.codes);
  for (std::size_t row = 0; row < numbers.size(); ++row)
    if (users.codes[row] != users.null_code) numbers[row] = first_user + users.codes[row];
  return true;
}

bool funnel_scan::read_visitors(std::vector<std::uint32_t>& numbers,
                                std::vector<std::uint64_t>& hashes) const {
  if (q_.by == query::identity::person) return read_persons(numbers, hashes);
  const column_id c =
      q_.by == query::identity::user_id ? column_id::user_id : column_id::anonymous_id;
  row_codes codes;
  if (!from_.codes(c, codes) || !from_.hashes(c, hashes)) return false;
  numbers = std::move(codes.codes);
  return hashes.size() == codes.null_code;
}

bool funnel_scan::read_groups(std::vector<std::uint32_t>& numbers, funnel_rows& out) const {
  if (!q_.group_by) {
    out.groups.emplace_back();
    numbers.assign(from_.head().events, 0);
    return true;
  }
  row_codes codes;
  texts values;
  const column_id c = column_of(*q_.group_by);
  if (!from_.codes(c, codes) || !from_.values(c, values)) return false;
  if (values.size() != codes.null_code) return false;
  for (std::size_t i = 0; i < values.size(); ++i) out.groups.emplace_back(std::string(values[i]));
  out.groups.emplace_back();
  numbers = std::move(codes.codes);
  return true;
}

bool funnel_scan::read(const selection& rows, std::uint32_t pass, std::uint32_t passes,
                       funnel_rows& out) const {
  std::vector<std::int64_t> times;
  std::vector<std::int64_t> arrivals;
  std::vector<std::uint32_t> fits;
  std::vector<std::uint32_t> visitors;
  std::vector<std::uint32_t> groups;
  out = {};
  if (!from_.integers(column_id::timestamp, times) ||
      !from_.integers(column_id::arrival, arrivals) || !read_fits(rows, fits) ||
      !read_visitors(visitors, out.visitors) || !read_groups(groups, out))
    return false;
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    if (fits[row] == 0 || visitors[row] >= out.visitors.size()) continue;
    if (passes > 1 && (out.visitors[visitors[row]] >> 32) % passes != pass) continue;
    out.rows.push_back({times[row], arrivals[row], visitors[row], groups[row], fits[row]});
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
      !from.hashes(column_id::anonymous_id, visitor_hashes) ||
      !from.codes(column_id::user_id, users) || !from.hashes(column_id::user_id, user_hashes))
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
