#include "query/funnel_table.h"

#include <algorithm>

namespace millimetric::query {
namespace {

constexpr std::size_t first_entries = 4096;
constexpr std::size_t fast_entries = 512UL * 1024;  // fewer become four times as many
// Events whose visitors' places in memory are asked for together.
constexpr std::size_t together = 64;

std::size_t next_entries(std::size_t entries) noexcept {
  return entries == 0 ? first_entries : entries < fast_entries ? entries * 4 : entries * 2;
}

// Visitors that so many entries have room for: seven eighths.
std::size_t visitors_in(std::size_t entries) noexcept { return entries / 8 * 7; }

}  // namespace

std::size_t funnel_table::bytes_with(std::size_t entries) const noexcept {
  const std::size_t of_run = shape_.window ? shape_.words() * sizeof(std::int64_t) : 0;
  return entries * sizeof(entry) + visitors_in(entries) * of_run;
}

bool funnel_table::grow() {
  const std::size_t entries = next_entries(entries_.size());
  if (bytes_with(entries) > max_bytes) return false;
  std::vector<entry> before = std::move(entries_);
  entries_.assign(entries, {});
  for (const entry& e : before)
    if (e.reached != 0) find(e.visitor) = e;
  return true;
}

void funnel_table::touch(std::span<const funnel_event> events) noexcept {
  const std::size_t mask = entries_.size() - 1;
  std::uint64_t all = 0;
  for (const funnel_event& e : events) all += entries_[e.visitor & mask].reached;
  touched_ = all;
}

funnel_table::entry& funnel_table::find(std::uint64_t visitor) noexcept {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = visitor & mask;
  while (entries_[at].reached != 0 && entries_[at].visitor != visitor) at = (at + 1) & mask;
  return entries_[at];
}

bool funnel_table::add(std::span<const funnel_event> events) {
  if (entries_.empty() && !grow()) return false;
  while (!events.empty()) {
    const auto some = events.first(std::min(together, events.size()));
    touch(some);
    for (const funnel_event& e : some)
      if (!add_one(e)) return false;
    events = events.subspan(some.size());
  }
  return true;
}

bool funnel_table::add_one(const funnel_event& e) {
  entry& of = find(e.visitor);
  if (of.reached == 0) return (e.fits & 1U) == 0 || begin(of, e);
  if (shape_.window)
    funnel_run(shape_, run_of(of.tag)).add(e.at, e.fits, e.group);
  else if ((e.fits >> of.reached & 1U) != 0)
    advance(of, e);
  return true;
}

bool funnel_table::begin(entry& of, const funnel_event& e) {
  if (visitors_ == visitors_in(entries_.size())) return grow() && begin(find(e.visitor), e);
  const auto number = static_cast<std::uint32_t>(visitors_++);
  of = {e.visitor, e.at, number, 1};
  if (shape_.window) {
    if (number % block_runs == 0) runs_.emplace_back(block_runs * shape_.words());
    funnel_run(shape_, run_of(number)).add(e.at, e.fits, e.group);
  } else {
    of.tag = e.group;
    ++groups_[e.group].visitors.front();
  }
  return true;
}

// A step is reached for good: without a window the earliest event that fits is the one.
void funnel_table::advance(entry& of, const funnel_event& e) {
  const std::size_t step = of.reached++;
  funnel_group& g = groups_[of.tag];
  ++g.visitors[step];
  g.steps[step].push_back(e.at - of.last);
  of.last = e.at;
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

void funnel_table::count_run(std::uint32_t number) {
  const funnel_run run(shape_, run_of(number));
  funnel_group& g = groups_[static_cast<std::size_t>(run.tag())];
  for (std::size_t k = 0; k < run.reached(); ++k) {
    ++g.visitors[k];
    if (k > 0) g.steps[k].push_back(run.time_of(k) - run.time_of(k - 1));
  }
}

void funnel_table::count() {
  if (shape_.window)
    for (std::uint32_t v = 0; v < visitors_; ++v) count_run(v);
  entries_.clear();
  visitors_ = 0;
  runs_.clear();
}

funnel_partial funnel_table::take() {
  funnel_partial out;
  for (const auto& [key, number] : numbers_)
    if (groups_[number].visitors.front() > 0) out.groups.push_back(std::move(groups_[number]));
  return out;
}

}  // namespace millimetric::query
