#include "query/funnel.h"

namespace millimetric::query {

void funnel_run::add(millis at, std::uint32_t fits, std::size_t tag) {
  // From the last step to the first, so that one event is not used for two steps of a run.
  for (std::size_t k = steps_; k-- > 0;) {
    if ((fits >> k & 1U) == 0) continue;
    run next;
    if (k == 0) {
      next.tag = tag;
    } else {
      const run& before = at_[k - 1];
      if (!before.alive || (window_ && at - before.times[0] > *window_)) continue;
      next = before;
    }
    next.alive = true;
    next.times[k] = at;
    const run& standing = at_[k];
    const bool better = !standing.alive || (window_ && next.times[0] > standing.times[0]);
    if (better) at_[k] = next;
    if (k + 1 > reached_) {
      reached_ = k + 1;
      best_ = next;
    }
  }
}

void funnel_run::clear() noexcept {
  reached_ = 0;
  for (run& r : at_) r.alive = false;
}

}  // namespace millimetric::query
