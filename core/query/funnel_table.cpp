#include "query/funnel_table.h"

namespace millimetric::query {
namespace {

constexpr std::size_t first_slots = 1024;

}  // namespace

void funnel_table::grow() {
  std::vector<slot> larger(slots_.empty() ? first_slots : slots_.size() * 2);
  for (const slot& s : slots_) {
    if (s.number == 0) continue;
    std::size_t at = s.hash & (larger.size() - 1);
    while (larger[at].number != 0) at = (at + 1) & (larger.size() - 1);
    larger[at] = s;
  }
  slots_ = std::move(larger);
}

std::uint32_t funnel_table::visitor(std::uint64_t hash) {
  if ((visitors_ + std::size_t{1}) * 4 > slots_.size() * 3) grow();
  std::size_t at = hash & (slots_.size() - 1);
  while (slots_[at].number != 0) {
    if (slots_[at].hash == hash) return slots_[at].number - 1;
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = {hash, ++visitors_};
  memory_.resize(memory_.size() + shape_.words());
  return visitors_ - 1;
}

std::uint32_t funnel_table::group(const std::optional<std::string>& key) {
  const auto [found, added] = numbers_.try_emplace(key, static_cast<std::uint32_t>(groups_.size()));
  if (added) {
    funnel_group& g = groups_.emplace_back();
    g.key = key;
    g.visitors.resize(shape_.steps);
    g.steps.resize(shape_.steps);
  }
  return found->second;
}

void funnel_table::count() {
  for (std::uint32_t v = 0; v < visitors_; ++v) {
    const funnel_run run(shape_, memory_.data() + v * shape_.words());
    if (run.reached() == 0) continue;
    funnel_group& g = groups_[static_cast<std::size_t>(run.tag())];
    for (std::size_t k = 0; k < run.reached(); ++k) {
      ++g.visitors[k];
      if (k > 0) g.steps[k].push_back(run.time_of(k) - run.time_of(k - 1));
    }
  }
  clear();
}

void funnel_table::clear() {
  visitors_ = 0;
  slots_.clear();
  memory_.clear();
}

funnel_partial funnel_table::take() {
  funnel_partial out;
  for (const auto& [key, number] : numbers_)
    if (groups_[number].visitors.front() > 0) out.groups.push_back(std::move(groups_[number]));
  return out;
}

}  // namespace millimetric::query
