#include "store/merge_levels.h"

#include <algorithm>

namespace millimetric::store {
namespace {

// What small segments hold in memory until they are merged. That many events of a usual size take
// less than half of it.
constexpr std::size_t most_unmerged_bytes = 8UL * 1024 * 1024;

// The level of a segment, or none for one that is full.
std::optional<std::size_t> level_of(const segment_entry& s, const segment::limits& l) {
  if (s.found != segment::damage::none || s.head.raw_bytes >= l.raw_bytes / 2 ||
      s.head.events >= l.sealed_events)
    return std::nullopt;
  const auto end = std::upper_bound(l.level_ends.begin(), l.level_ends.end(), s.head.events);
  return static_cast<std::size_t>(end - l.level_ends.begin());
}

}  // namespace

bool level::is_full(const segment::limits& l) const {
  return segments.size() >= most_merged ||
         (segments.size() > 1 && (events >= l.events || bytes >= most_unmerged_bytes));
}

levels levels_of(const catalog& segments, const std::set<std::int64_t>& left_out,
                 const segment::limits& limits) {
  levels out;
  for (const segment_ref& s : segments.all()) {
    const auto l = level_of(*s, limits);
    if (!l || left_out.contains(s->id)) continue;
    out[*l].segments.push_back(s);
    out[*l].events += s->head.events;
    out[*l].bytes += s->row ? s->row->body.size() : 0;
  }
  return out;
}

std::vector<segment_ref> inputs_of(level& l, const segment::limits& limits) {
  std::sort(l.segments.begin(), l.segments.end(), [](const auto& a, const auto& b) {
    return a->head.first != b->head.first ? a->head.first < b->head.first : a->id < b->id;
  });
  std::vector<segment_ref> out;
  std::uint64_t events = 0;
  std::uint64_t raw = 0;
  for (const segment_ref& s : l.segments) {
    events += s->head.events;
    raw += s->head.raw_bytes;
    if (events > limits.events || raw > limits.raw_bytes) break;
    out.push_back(s);
    if (out.size() == most_merged) break;
  }
  return out;
}

}  // namespace millimetric::store
