#include "query/funnel_table.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace millimetric::query {
namespace {

constexpr int part_shift = 57;  // what is left of a hash numbers the parts
constexpr std::size_t least_entries = 1024;
constexpr std::size_t first_entries_at_most = 64UL * 1024;  // a visitor may have very many events

// Visitors that so many entries have room for: seven eighths.
std::size_t visitors_in(std::size_t entries) noexcept { return entries / 8 * 7; }

}  // namespace

// The visitors' runs, with a window, are of the same size as the entries or some times that.
bool funnel_table::grow() {
  const std::size_t entries = entries_.size() * 2;
  const std::size_t of_run = shape_.window ? shape_.words() * sizeof(std::int64_t) : 0;
  if (entries * sizeof(entry) + visitors_in(entries) * of_run > max_bytes) return false;
  std::vector<entry> before = std::move(entries_);
  entries_.assign(entries, {});
  for (const entry& e : before)
    if (e.reached != 0) find(e.visitor) = e;
  return true;
}

funnel_table::entry& funnel_table::find(std::uint64_t visitor) noexcept {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = visitor & mask;
  while (entries_[at].reached != 0 && entries_[at].visitor != visitor) at = (at + 1) & mask;
  return entries_[at];
}

funnel_table::block& funnel_table::add_block(std::size_t part, millis at) {
  // Its notes are written before they are read.
  block& b = *parts_[part].emplace_back(std::unique_ptr<block>(new block));
  b.first = at;
  last_[part] = &b;
  return b;
}

bool funnel_table::add(std::span<const funnel_event> events) {
  events_ += events.size();
  if (events_ > most_events_) return false;
  constexpr millis longest = std::numeric_limits<std::uint32_t>::max();
  for (const funnel_event& e : events) {
    const std::size_t part = e.visitor >> part_shift;
    block* b = last_[part];
    if (b == nullptr || b->used == block_notes || e.at - b->first > longest)
      b = &add_block(part, e.at);
    b->notes[b->used++] = {e.visitor, static_cast<std::uint32_t>(e.at - b->first),
                           static_cast<std::uint16_t>(e.group), static_cast<std::uint16_t>(e.fits)};
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

result<std::uint32_t> funnel_table::group(const std::optional<std::string>& key) {
  const auto next = static_cast<std::uint32_t>(groups_.size());
  const auto [found, added] = numbers_.try_emplace(key, next);
  if (!added) return found->second;
  if (groups_.size() == max_groups) return too_many_groups();
  funnel_group& g = groups_.emplace_back();
  g.key = key;
  g.visitors.resize(shape_.steps);
  g.steps.resize(shape_.steps);
  return next;
}

void funnel_table::count_run(std::uint32_t number) {
  const funnel_run run(shape_, run_of(number));
  funnel_group& g = groups_[static_cast<std::size_t>(run.tag())];
  for (std::size_t k = 0; k < run.reached(); ++k) {
    ++g.visitors[k];
    if (k > 0) g.steps[k].push_back(run.time_of(k) - run.time_of(k - 1));
  }
}

void funnel_table::prepare(std::size_t notes) {
  const std::size_t wanted = std::clamp(notes / 7 * 8 + 1, least_entries, first_entries_at_most);
  entries_.assign(std::bit_ceil(wanted), {});
  visitors_ = 0;
  runs_.clear();
}

// Whether a visitor begins is as good as random, so that a branch would mostly be guessed wrong. A
// function of its own: engines compile a small function well, and soon.
[[gnu::noinline]] void funnel_table::go_through_with_room(const block& b) {
  for (std::size_t i = 0; i < b.used; ++i) {
    const note& n = b.notes[i];
    entry& of = find(n.visitor);
    const std::uint32_t reached = of.reached;
    if (reached != 0 && (n.fits >> reached & 1U) != 0) {
      advance(of, {b.first + n.since, n.visitor, n.group, n.fits});
      continue;
    }
    const std::uint32_t begins = (reached == 0 ? 1U : 0U) & n.fits & 1U;
    of.visitor = n.visitor;  // means nothing where nobody has begun
    of.last = begins != 0 ? b.first + n.since : of.last;
    of.tag = begins != 0 ? n.group : of.tag;
    of.reached = reached + begins;
    visitors_ += begins;
    groups_[n.group].visitors.front() += begins;
  }
}

bool funnel_table::go_through(const block& b) {
  if (!shape_.window && visitors_ + b.used <= visitors_in(entries_.size())) {
    go_through_with_room(b);
    return true;
  }
  for (std::size_t i = 0; i < b.used; ++i) {
    const note& n = b.notes[i];
    if (!add_one({b.first + n.since, n.visitor, n.group, n.fits})) return false;
  }
  return true;
}

bool funnel_table::count_part(const part& p) {
  std::size_t notes = 0;
  for (const auto& b : p) notes += b->used;
  prepare(notes);
  for (const auto& b : p)
    if (!go_through(*b)) return false;
  if (shape_.window)
    for (std::uint32_t v = 0; v < visitors_; ++v) count_run(v);
  return true;
}

bool funnel_table::count() {
  for (part& p : parts_) {
    if (!p.empty() && !count_part(p)) return false;
    p = part();
  }
  drop_pass();
  return true;
}

[[gnu::noinline]] void funnel_table::drop_pass() noexcept {
  for (part& p : parts_) p = part();
  last_.fill(nullptr);
  events_ = 0;
}

funnel_partial funnel_table::take() {
  funnel_partial out;
  for (const auto& [key, number] : numbers_)
    if (groups_[number].visitors.front() > 0) out.groups.push_back(std::move(groups_[number]));
  return out;
}

}  // namespace millimetric::query
