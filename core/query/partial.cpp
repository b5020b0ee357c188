#include "query/partial.h"

#include <algorithm>

#include "base/bytes.h"

namespace millimetric::query {
namespace {

std::string index_key(millis bucket, const group_key& key) {
  std::string out;
  byte_writer w(out);
  w.i64(bucket);
  for (const auto& part : key) {
    w.u8(part ? 1 : 0);
    if (part) w.text(*part);
  }
  return out;
}

}  // namespace

tl::unexpected<error> too_many_groups() {
  return fail(error_code::invalid_params, "more than " + std::to_string(max_groups) +
                                              " groups: narrow the range or add filters");
}

tl::unexpected<error> too_large() {
  return fail(error_code::invalid_params,
              "too many or long values: narrow the range or add filters");
}

result<std::size_t> group_table::place_of(millis bucket, const group_key& key) {
  const auto [found, added] = index_.try_emplace(index_key(bucket, key), groups_.size());
  if (!added) return found->second;
  if (groups_.size() == max_groups) return too_many_groups();
  key_bytes_ += found->first.size();
  if (key_bytes_ > max_key_bytes) return too_large();
  groups_.push_back({bucket, key, 0, 0, {}});
  if (groups_.size() == many_groups + 1)
    for (group& g : groups_) g.distinct.limit(exact_limit_many_groups);
  return groups_.size() - 1;
}

result<void> group_table::inserted(std::size_t values) {
  constexpr std::size_t check_every = 2 * max_groups;  // looking at it walks all groups
  unchecked_ += values;
  if (unchecked_ < check_every) return {};
  unchecked_ = 0;
  if (distinct_bytes() <= max_distinct_bytes) return {};
  return too_large();
}

[[gnu::noinline]] std::size_t group_table::distinct_bytes() const noexcept {
  std::size_t sum = 0;
  for (const group& g : groups_) sum += g.distinct.bytes();
  return sum;
}

result<void> group_table::merge(const std::vector<group>& other) {
  for (const group& g : other) {
    auto place = place_of(g.bucket, g.key);
    if (!place) return fail(place.error());
    group& mine = groups_[*place];
    mine.events += g.events;
    mine.paid += g.paid;
    mine.distinct.merge(g.distinct, exact_limit());
    if (auto room = inserted(g.distinct.held()); !room) return room;
  }
  return {};
}

bool group_table::estimates_exceed(double times) const {
  const double least = static_cast<double>(exact_limit()) * times;
  return std::all_of(groups_.begin(), groups_.end(), [&](const group& g) {
    return g.distinct.exact() || g.distinct.at_least() > exact_limit() ||
           static_cast<double>(g.distinct.count()) >= least;
  });
}

std::vector<group> group_table::take() {
  for (group& g : groups_) g.distinct.limit(exact_limit());
  index_.clear();
  key_bytes_ = 0;
  return std::exchange(groups_, {});
}

// Of values up to this length what a group takes is an estimate already.
constexpr std::size_t short_value = 64;

std::size_t bytes_of(const aggregate_partial& part) noexcept {
  std::size_t sum = part.groups.size() * bytes_of_group;
  for (const group& g : part.groups) {
    sum += g.distinct.bytes();
    for (const auto& value : g.key)
      if (value && value->size() > short_value) sum += value->size();
  }
  return sum;
}

std::size_t bytes_of(const funnel_partial& part) noexcept {
  std::size_t sum = part.groups.size() * bytes_of_group;
  for (const funnel_group& g : part.groups)
    for (const auto& durations : g.steps) sum += durations.size() * sizeof(std::int64_t);
  return sum;
}

}  // namespace millimetric::query
