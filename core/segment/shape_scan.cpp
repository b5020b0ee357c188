#include "segment/shape_scan.h"

#include <algorithm>

#include "segment/pair_numbers.h"

namespace millimetric::segment {

namespace {

constexpr std::size_t bytes_of_property = 160;  // beside its key

}  // namespace

void shape_table::drop_rare_names() {
  for (std::uint64_t rare = 1; shapes_.size() > most_names / 2; rare *= 2)
    std::erase_if(shapes_, [&](const auto& s) { return s.second.count <= rare; });
  with_properties_ = 0;
  property_bytes_ = 0;
  for (const auto& [name, s] : shapes_) {
    with_properties_ += s.properties.empty() ? 0 : 1;
    for (const auto& [key, types] : s.properties) property_bytes_ += key.size() + bytes_of_property;
  }
}

void shape_table::count(std::string_view event_name, std::uint64_t events, millis first,
                        millis last) {
  if (shapes_.size() >= most_names && !shapes_.contains(event_name)) drop_rare_names();
  shape& s = shapes_[std::string(event_name)];
  s.first = s.count == 0 ? first : std::min(s.first, first);
  s.last = s.count == 0 ? last : std::max(s.last, last);
  s.count += events;
}

void shape_table::note_properties(std::string_view event_name, std::string_view properties) {
  const auto found = shapes_.find(event_name);
  if (properties == "{}" || found == shapes_.end()) return;
  json::parser_lease parser = parsers_.lease();
  const auto document = parser.parse(properties);
  json::object object;
  if (!document || !json::as_object(*document, object)) return;
  shape& s = found->second;
  if (s.properties.empty() && with_properties_ == query::most_shapes) return;
  with_properties_ += s.properties.empty() ? 1 : 0;
  for (const auto field : object) {
    auto at = s.properties.find(field.key);
    if (at == s.properties.end()) {
      if (s.properties.size() == query::most_properties || property_bytes_ > most_property_bytes)
        continue;
      property_bytes_ += field.key.size() + bytes_of_property;
      at = s.properties.try_emplace(std::string(field.key)).first;
    }
    at->second.emplace(json::type_of(field.value));
  }
}

query::schema_partial shape_table::take() {
  query::schema_partial out;
  for (auto& [name, s] : shapes_) {
    query::event_shape& e = out.events.emplace_back();
    e.event_name = name;
    e.count = s.count;
    e.first = s.first;
    e.last = s.last;
    for (auto& [key, types] : s.properties)
      e.properties.push_back({key, {types.begin(), types.end()}});
  }
  query::sort(out.events);
  if (out.events.size() > query::most_shapes) out.events.resize(query::most_shapes);
  shapes_.clear();
  with_properties_ = property_bytes_ = 0;
  return out;
}

std::vector<chunk_place> shapes_need(const reader& from) {
  std::vector<chunk_place> out = from.codes_need(column_id::timestamp);
  for (const column_id c : {column_id::event_name, column_id::properties}) {
    append(out, from.codes_need(c));
    append(out, from.values_need(c));
  }
  return out;
}

bool add_shapes(const reader& from, const selection& rows, shape_table& to) {
  std::vector<std::int64_t> times;
  row_codes names;
  row_codes shapes;
  texts name_values;
  texts shape_values;
  if (!from.integers(column_id::timestamp, times) || !from.codes(column_id::event_name, names) ||
      !from.values(column_id::event_name, name_values) ||
      !from.codes(column_id::properties, shapes) ||
      !from.values(column_id::properties, shape_values) || name_values.size() != names.null_code ||
      shape_values.size() != shapes.null_code)
    return false;
  // Events of a name with the same properties are looked at once.
  const std::uint64_t cards = std::uint64_t{shapes.null_code} + 1;
  pair_numbers pairs((std::uint64_t{names.null_code} + 1) * cards);
  std::vector<std::uint64_t> counts(name_values.size());
  std::vector<std::pair<millis, millis>> edges(name_values.size());
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    const std::uint32_t name = names.codes[row];
    if (!rows.takes(row) || name >= counts.size()) continue;
    static_cast<void>(pairs[name * cards + shapes.codes[row]]);
    if (counts[name]++ == 0) edges[name].first = times[row];
    edges[name].second = times[row];
  }
  for (std::size_t n = 0; n < counts.size(); ++n)
    if (counts[n] > 0) to.count(name_values[n], counts[n], edges[n].first, edges[n].second);
  for (const std::uint64_t pair : pairs.pairs()) {
    const auto shape = static_cast<std::size_t>(pair % cards);
    if (shape < shape_values.size())
      to.note_properties(name_values[static_cast<std::size_t>(pair / cards)], shape_values[shape]);
  }
  return true;
}

}  // namespace millimetric::segment
