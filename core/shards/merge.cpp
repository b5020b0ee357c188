#include "shards/merge.h"

#include <algorithm>
#include <map>
#include <set>

namespace millimetric::shards {
namespace {

void take_least(std::optional<millis>& all, const std::optional<millis>& one) {
  if (one) all = std::min(all.value_or(*one), *one);
}
void take_most(std::optional<millis>& all, const std::optional<millis>& one) {
  if (one) all = std::max(all.value_or(*one), *one);
}

void merge_shape(query::event_shape& all, query::event_shape&& one) {
  all.count += one.count;
  all.first = std::min(all.first, one.first);
  all.last = std::max(all.last, one.last);
  std::map<std::string, std::set<std::string>> properties;
  for (auto* from : {&all.properties, &one.properties})
    for (query::property_shape& p : *from)
      if (properties.size() < query::most_properties || properties.contains(p.key))
        properties[p.key].insert(p.types.begin(), p.types.end());
  all.properties.clear();
  for (auto& [key, types] : properties)
    all.properties.push_back({key, {types.begin(), types.end()}});
}

void merge_group(query::funnel_group& all, const query::funnel_group& one) {
  for (std::size_t i = 0; i < all.visitors.size() && i < one.visitors.size(); ++i) {
    all.visitors[i] += one.visitors[i];
    all.steps[i].insert(all.steps[i].end(), one.steps[i].begin(), one.steps[i].end());
  }
}

// Makes one of equal values; most frequent first, then by value.
void add_up(std::vector<query::frequent_value>& values) {
  std::map<std::string, std::uint64_t> all;
  for (const query::frequent_value& v : values) all[v.value] += v.count;
  values.clear();
  for (const auto& [value, count] : all) values.push_back({value, count});
  query::sort(values);
}

}  // namespace

result<query::funnel_partial> merge(std::vector<query::funnel_partial> parts) {
  std::map<std::optional<std::string>, query::funnel_group> all;
  for (query::funnel_partial& p : parts)
    for (query::funnel_group& g : p.groups) {
      const auto [known, added] = all.try_emplace(g.key);
      if (all.size() > query::max_groups) return query::too_many_groups();
      if (added)
        known->second = std::move(g);
      else
        merge_group(known->second, g);
    }
  query::funnel_partial out;
  for (auto& [key, g] : all) out.groups.push_back(std::move(g));
  return out;
}

query::schema_partial merge(std::vector<query::schema_partial> parts) {
  std::map<std::string, query::event_shape> all;
  for (query::schema_partial& p : parts)
    for (query::event_shape& e : p.events) {
      const auto [known, added] = all.try_emplace(e.event_name, e);
      if (!added) merge_shape(known->second, std::move(e));
    }
  query::schema_partial out;
  for (auto& [name, e] : all) out.events.push_back(std::move(e));
  query::sort(out.events);
  if (out.events.size() > query::most_shapes) out.events.resize(query::most_shapes);
  return out;
}

query::values_partial merge(std::vector<query::values_partial> parts) {
  query::values_partial out;
  for (query::values_partial& p : parts)
    out.values.insert(out.values.end(), p.values.begin(), p.values.end());
  add_up(out.values);
  return out;
}

query::explanation merge(const std::vector<query::explanation>& parts) {
  query::explanation all = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const query::explanation& p = parts[i];
    all.known_events.insert(all.known_events.end(), p.known_events.begin(), p.known_events.end());
    all.events += p.events;
    all.in_range += p.in_range;
    take_least(all.first, p.first);
    take_most(all.last, p.last);
    for (std::size_t f = 0; f < all.left.size() && f < p.left.size(); ++f) all.left[f] += p.left[f];
    std::erase_if(all.unknown_events, [&](const std::string& name) {
      return std::find(p.unknown_events.begin(), p.unknown_events.end(), name) ==
             p.unknown_events.end();
    });
  }
  add_up(all.known_events);
  if (all.known_events.size() > query::most_known_events)
    all.known_events.resize(query::most_known_events);
  return all;
}

query::summary_partial merge(std::vector<query::summary_partial> parts) {
  query::summary_partial all;
  for (const query::summary_partial& p : parts) {
    all.events += p.events;
    all.events_of_month += p.events_of_month;
    take_most(all.last_event, p.last_event);
  }
  return all;
}

store::storage_answer merge(std::vector<store::storage_answer> parts) {
  store::storage_answer all;
  std::vector<query::frequent_value> columns;
  for (const store::storage_answer& p : parts) {
    all.events += p.events;
    all.small_segments += p.small_segments;
    all.large_segments += p.large_segments;
    all.damaged_segments += p.damaged_segments;
    all.merge_debt += p.merge_debt;
    all.bytes += p.bytes;
    take_least(all.first, p.first);
    take_most(all.last, p.last);
    for (const store::column_weight& c : p.columns) columns.push_back({c.column, c.bytes});
  }
  add_up(columns);
  for (query::frequent_value& c : columns) all.columns.push_back({std::move(c.value), c.count});
  return all;
}

}  // namespace millimetric::shards
