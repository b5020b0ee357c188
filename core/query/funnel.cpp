#include "query/funnel.h"

#include <algorithm>

namespace millimetric::query {

void windowed_run::look(millis at, std::uint32_t fits) noexcept {
  // From the last step to the first, so that one event is not used for two steps of a run.
  for (std::size_t step = shape_.steps; step-- > 0;) {
    if ((fits >> step & 1U) == 0) continue;
    const std::int64_t start = step == 0 ? at + 1 : latest_start(step - 1);
    if (start == 0 || at - (start - 1) > *shape_.window) continue;
    latest_start(step) = std::max(latest_start(step), start);
    if (step < reached()) continue;
    memory_[0] = static_cast<std::int64_t>(step + 1);
    memory_[1] = at;
  }
}

bool windowed_run::fits_next(millis at, std::uint32_t fits) const noexcept {
  if (taken() == reached() || (fits >> taken() & 1U) == 0) return false;
  return taken() > 0 || memory_[1] - at <= *shape_.window;
}

void windowed_run::take(millis at) noexcept {
  ++memory_[2];
  memory_[3] = at;
}

}  // namespace millimetric::query
