#include "query/funnel_table.h"

#include <algorithm>
#include <array>

namespace millimetric::query {
namespace {

constexpr std::size_t first_slots = 4096;
constexpr std::size_t fast_slots = 256UL * 1024;  // fewer become four times as many
// Visitors whose places in memory are asked for together.
constexpr std::size_t together = 64;

std::size_t next_slots(std::size_t slots) noexcept {
  return slots == 0 ? first_slots : slots < fast_slots ? slots * 4 : slots * 2;
}

// Visitors that so many slots have room for: seven eighths.
std::size_t visitors_in(std::size_t slots) noexcept { return slots / 8 * 7; }

// Of a hash, what its place in the table does not say already.
std::uint32_t part_of(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

std::size_t funnel_table::bytes_with(std::size_t slots) const noexcept {
  const std::size_t of_visitor =
      sizeof(std::uint64_t) + (shape_.window ? shape_.words() * sizeof(std::int64_t)
                                             : 1 + sizeof(millis) + sizeof(std::uint32_t));
  return slots * sizeof(slot) + visitors_in(slots) * of_visitor;
}

void funnel_table::grow() {
  slots_.assign(next_slots(slots_.size()), {});
  hashes_.reserve(visitors_in(slots_.size()));
  if (!shape_.window) {
    reached_.reserve(hashes_.capacity());
    last_.reserve(hashes_.capacity());
    tags_.reserve(hashes_.capacity());
  }
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t v = 0; v < hashes_.size(); ++v) {
    std::size_t at = hashes_[v] & mask;
    while (slots_[at].number != 0) at = (at + 1) & mask;
    slots_[at] = {part_of(hashes_[v]), v + 1};
  }
}

void funnel_table::add_visitor(std::uint64_t hash) {
  hashes_.push_back(hash);
  if (!shape_.window) {
    reached_.push_back(0);
    last_.push_back(0);
    tags_.push_back(0);
  } else if (runs_.size() * block_visitors < hashes_.size()) {
    runs_.emplace_back(block_visitors * shape_.words());
  }
}

bool funnel_table::number(std::span<const std::uint64_t> hashes, std::span<std::uint32_t> numbers) {
  // As if all of them were new, as long as that is affordable; then one by one.
  while (hashes_.size() + hashes.size() > visitors_in(slots_.size()) &&
         bytes_with(next_slots(slots_.size())) <= max_bytes)
    grow();
  for (std::size_t at = 0; at < hashes.size(); at += together) {
    const std::size_t n = std::min(together, hashes.size() - at);
    touch(hashes.subspan(at, n));
    for (std::size_t i = at; i < at + n; ++i)
      if (!number_one(hashes[i], numbers[i])) return false;
  }
  return true;
}

void funnel_table::touch(std::span<const std::uint64_t> hashes) noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::array<std::uint32_t, together> numbers{};
  for (std::size_t i = 0; i < hashes.size(); ++i) numbers[i] = slots_[hashes[i] & mask].number;
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < hashes.size(); ++i)
    if (numbers[i] != 0) all += hashes_[numbers[i] - 1];
  touched_ = all;
}

bool funnel_table::number_one(std::uint64_t hash, std::uint32_t& number) {
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t part = part_of(hash);
  std::size_t at = hash & mask;
  for (; slots_[at].number != 0; at = (at + 1) & mask)
    if (slots_[at].hash == part && hashes_[slots_[at].number - 1] == hash) break;
  if (slots_[at].number == 0) {
    if (hashes_.size() == visitors_in(slots_.size())) return false;
    add_visitor(hash);
    slots_[at] = {part, static_cast<std::uint32_t>(hashes_.size())};
  }
  number = slots_[at].number - 1;
  return true;
}

void funnel_table::advance(std::uint32_t visitor, millis at, std::uint32_t group) {
  const std::size_t step = reached_[visitor]++;
  if (step == 0) tags_[visitor] = group;
  funnel_group& g = groups_[tags_[visitor]];
  ++g.visitors[step];
  if (step > 0) g.steps[step].push_back(at - last_[visitor]);
  last_[visitor] = at;
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
  if (shape_.window) {
    for (std::uint32_t v = 0; v < hashes_.size(); ++v) {
      const funnel_run run(shape_, run_of(v));
      if (run.reached() == 0) continue;
      funnel_group& g = groups_[static_cast<std::size_t>(run.tag())];
      for (std::size_t k = 0; k < run.reached(); ++k) {
        ++g.visitors[k];
        if (k > 0) g.steps[k].push_back(run.time_of(k) - run.time_of(k - 1));
      }
    }
  }
  slots_.clear();
  hashes_.clear();
  reached_.clear();
  last_.clear();
  tags_.clear();
  runs_.clear();
}

funnel_partial funnel_table::take() {
  funnel_partial out;
  for (const auto& [key, number] : numbers_)
    if (groups_[number].visitors.front() > 0) out.groups.push_back(std::move(groups_[number]));
  return out;
}

}  // namespace millimetric::query
