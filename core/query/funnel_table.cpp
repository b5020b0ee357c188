#include "query/funnel_table.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "base/hash.h"
#include "base/row_loop.h"

namespace millimetric::query {
namespace {

constexpr std::size_t least_entries = 1024;
constexpr std::size_t first_entries_at_most = 64UL * 1024;  // a visitor may have very many events

// Visitors that so many entries have room for: seven eighths.
std::size_t visitors_in(std::size_t entries) noexcept { return entries / 8 * 7; }

void add(funnel_group& to, funnel_group& more) {
  for (std::size_t k = 0; k < to.visitors.size(); ++k) {
    to.visitors[k] += std::exchange(more.visitors[k], 0);
    to.steps[k].insert(to.steps[k].end(), more.steps[k].begin(), more.steps[k].end());
    more.steps[k].clear();
  }
}

}  // namespace

error too_many_visitors() {
  return {error_code::invalid_params,
          "too many visitors at once for one funnel: narrow the range or add filters"};
}

// The visitors' runs, with a window, are of the same size as the entries or some times that.
bool funnel_table::grow() {
  const std::size_t entries = entries_.size() * 2;
  const std::size_t of_run = shape_.window ? words() * sizeof(std::int64_t) : 0;
  if (entries * sizeof(entry) + visitors_in(entries) * of_run > max_bytes) return false;
  const std::vector<entry> before = std::move(entries_);
  entries_.assign(entries, {});
  for (const entry& e : before)
    if (e.reached != 0) find(e.visitor) = e;
  return true;
}

funnel_table::entry& funnel_table::find(std::uint64_t visitor) noexcept {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = place_in_table(lower_bits(visitor), entries_.size());
  // Whether it ends at nobody's entry or at the visitor's is as good as random: the product, which
  // is zero for both and cannot wrap, makes that one branch of two.
  const auto ends = [visitor](const entry& e) {
    return e.reached * lower_bits(e.visitor ^ visitor) == 0;
  };
  while (!ends(entries_[at])) at = (at + 1) & mask;
  return entries_[at];
}

funnel_table::stretch& funnel_table::add_stretch(std::size_t part, millis at) {
  auto& [blocks, stretches, begun] = parts_[part];
  stretch s{nullptr, 0, 0, at};
  if (const stretch* last = last_[part]; last != nullptr && last->used < last->room) {
    s.notes = last->notes + last->used;
    s.room = last->room - last->used;
  } else {
    // Its notes are written before they are read.
    s.notes = blocks.emplace_back(std::unique_ptr<block>(new block))->data();
    s.room = block_notes;
  }
  return *(last_[part] = &stretches.emplace_back(s));
}

bool funnel_table::add(std::span<const funnel_event> events) {
  if (events_ + begun_ + events.size() > most_events_ && !make_room(events.size())) return false;
  events_ += events.size();
  constexpr millis longest = std::numeric_limits<std::uint32_t>::max();
  for (const funnel_event& e : events) {
    const std::size_t part = e.visitor >> part_shift;
    stretch* s = last_[part];
    if (s == nullptr || s->used == s->room || e.at - s->first > longest)
      s = &add_stretch(part, e.at);
    s->notes[s->used++] = {e.visitor, static_cast<std::uint32_t>(e.at - s->first),
                           static_cast<std::uint16_t>(e.group), static_cast<std::uint16_t>(e.fits)};
  }
  return true;
}

bool funnel_table::look(const stretch& s) {
  for (std::size_t i = 0; i < s.used; ++i) {
    const note& n = s.notes[i];
    entry* of = &find(n.visitor);
    if (of->reached == 0) {
      if ((n.fits & 1U) == 0) continue;
      if (visitors_ == visitors_in(entries_.size())) {
        if (!grow()) return false;
        of = &find(n.visitor);
      }
      if (visitors_ % block_runs == 0) runs_.emplace_back(block_runs * words());
      *of = {lower_bits(n.visitor), 1, visitors_++, 0};
    }
    run_of(*of).look(s.first + n.since, n.fits);
  }
  return true;
}

void funnel_table::take_steps(const stretch& s) {
  for (std::size_t i = 0; i < s.used; ++i) {
    const note& n = s.notes[i];
    const millis at = s.first + n.since;
    entry& of = find(n.visitor);
    if (of.reached == 0) continue;
    windowed_run run = run_of(of);
    if (!run.fits_next(at, n.fits)) continue;
    const std::size_t step = run.taken();
    if (step == 0) of.group = n.group;
    funnel_group& g = groups_[of.group];
    ++g.visitors[step];
    if (step > 0) g.steps[step].push_back(at - run.last());
    run.take(at);
  }
}

// A step is reached for good: without a window the earliest event that fits is the one.
void funnel_table::advance(entry& of, millis at) {
  const std::size_t step = of.reached++;
  funnel_group& g = groups_[of.group];
  ++g.visitors[step];
  g.steps[step].push_back(at - static_cast<millis>(of.last));
  of.last = static_cast<std::uint64_t>(at);
}

result<std::uint32_t> funnel_table::group(const std::optional<std::string>& key) {
  const auto next = static_cast<std::uint32_t>(groups_.size());
  const auto [found, added] = numbers_.try_emplace(key, next);
  if (!added) return found->second;
  if (groups_.size() == max_groups) return too_many_groups();
  key_bytes_ += key ? key->size() : 0;
  if (key_bytes_ > max_key_bytes / 2) return too_large();  // a value is there three times
  counted_.push_back({key, std::vector<std::uint64_t>(shape_.steps),
                      std::vector<std::vector<std::int64_t>>(shape_.steps)});
  groups_.push_back(counted_.back());
  return next;
}

bool funnel_table::prepare(const begun_visitors& known, std::size_t notes) {
  // Of the events about every second is a visitor's first.
  const std::size_t wanted =
      std::clamp((known.count + notes) / 7 * 8 + 1, least_entries, first_entries_at_most);
  entries_.assign(std::bit_ceil(wanted), {});
  runs_.clear();
  while (known.count > visitors_in(entries_.size()))
    if (!grow()) return false;
  visitors_ = known.count;
  for (std::size_t i = 0; i < known.count; ++i) find(known[i].visitor) = known[i];
  return true;
}

// Whether a visitor begins is as good as random, so that a branch would mostly be guessed wrong.
MM_ROW_LOOP void funnel_table::go_through_with_room(const stretch& s) {
  std::size_t begun = 0;
  const millis first = s.first;
  const bool grouped = groups_.size() > 1;
  for (const note& n : std::span(s.notes, s.used)) {
    entry& of = find(n.visitor);
    const unsigned reached = of.reached;
    if (((n.fits & ~1U) >> reached & 1U) != 0) {
      advance(of, first + n.since);
      continue;
    }
    const unsigned begins = (reached == 0 ? 1U : 0U) & n.fits & 1U;
    const auto at = static_cast<std::uint64_t>(first + n.since);
    // The visitor means nothing where nobody has begun.
    of.visitor = lower_bits(n.visitor);
    of.reached = reached + begins;
    of.last = begins != 0 ? at : of.last;
    of.group = begins != 0 ? n.group : of.group;
    begun += begins;
    if (grouped) groups_[n.group].visitors.front() += begins;
  }
  if (!grouped) groups_.front().visitors.front() += begun;
  visitors_ += begun;
}

bool funnel_table::go_through(const part& p) {
  for (const stretch& s : p.stretches) {
    while (visitors_ + s.used > visitors_in(entries_.size()))
      if (!grow()) return false;
    go_through_with_room(s);
  }
  return true;
}

bool funnel_table::go_through_in_window(const part& p) {
  for (const stretch& s : p.stretches)
    if (!look(s)) return false;
  for (const stretch& s : p.stretches) take_steps(s);
  return true;
}

bool funnel_table::count_part(std::size_t number) {
  const part& p = parts_[number];
  std::size_t notes = 0;
  for (const stretch& s : p.stretches) notes += s.used;
  if (!prepare(p.begun, notes)) return false;
  return shape_.window ? go_through_in_window(p) : go_through(p);
}

void funnel_table::begun_visitors::add(const entry& e) {
  if (count % block_notes == 0) blocks.push_back(std::unique_ptr<block>(new block));
  (*blocks.back())[count++ % block_notes] = e;
}

void funnel_table::keep_begun(part& p) const {
  p = part();
  for (const entry& e : entries_)
    if (e.reached != 0) p.begun.add(e);
}

bool funnel_table::make_room(std::size_t events) {
  if (shape_.window || events_ == 0) return false;
  begun_ = 0;
  for (std::size_t i = 0; i < parts; ++i) {
    if (!parts_[i].stretches.empty()) {
      if (!count_part(i)) return false;
      keep_begun(parts_[i]);
    }
    begun_ += parts_[i].begun.count;
  }
  last_.fill(nullptr);
  events_ = 0;
  // With little room it would soon be used up again.
  return begun_ + events <= most_events_ - most_events_ / 8;
}

bool funnel_table::count() {
  for (std::size_t i = 0; i < parts; ++i) {
    if (!parts_[i].stretches.empty() && !count_part(i)) return false;
    parts_[i] = part();
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) query::add(counted_[i], groups_[i]);
  drop_pass();
  return true;
}

[[gnu::noinline]] void funnel_table::drop_pass() noexcept {
  for (part& p : parts_) p = part();
  last_.fill(nullptr);
  events_ = 0;
  begun_ = 0;
  for (funnel_group& g : groups_) {
    std::fill(g.visitors.begin(), g.visitors.end(), 0);
    for (auto& durations : g.steps) durations.clear();
  }
}

funnel_partial funnel_table::take() {
  funnel_partial out;
  for (const auto& [key, number] : numbers_)
    if (counted_[number].visitors.front() > 0) out.groups.push_back(std::move(counted_[number]));
  return out;
}

}  // namespace millimetric::query
