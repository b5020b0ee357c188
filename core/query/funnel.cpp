#include "query/funnel.h"

#include <algorithm>
#include <array>

namespace millimetric::query {
namespace {

constexpr int alive_shift = 8;  // behind how far the best run got
constexpr std::int64_t reached_mask = 0xFF;

}  // namespace

std::size_t funnel_shape::words() const noexcept {
  const std::size_t best = 1 + 1 + steps;
  return window ? best + steps * (steps + 1) / 2 + steps : best;
}

std::size_t funnel_run::reached() const noexcept {
  return static_cast<std::size_t>(memory_[0] & reached_mask);
}

std::int64_t funnel_run::tag() const noexcept { return memory_[1]; }

millis funnel_run::time_of(std::size_t step) const noexcept { return memory_[2 + step]; }

std::int64_t* funnel_run::standing(std::size_t step) const noexcept {
  // Before it: a tag for each earlier step, and 1 + 2 + ... + step times.
  return memory_ + 2 + shape_.steps + step + step * (step + 1) / 2;
}

void funnel_run::add(millis at, std::uint32_t fits, std::int64_t tag) noexcept {
  if (shape_.window) {
    add_in_window(at, fits, tag);
    return;
  }
  const std::size_t next = reached();
  if (next == shape_.steps || (fits >> next & 1U) == 0) return;
  if (next == 0) memory_[1] = tag;
  memory_[2 + next] = at;
  ++memory_[0];
}

void funnel_run::add_in_window(millis at, std::uint32_t fits, std::int64_t tag) noexcept {
  // From the last step to the first, so that one event is not used for two steps of a run.
  for (std::size_t k = shape_.steps; k-- > 0;) {
    if ((fits >> k & 1U) == 0) continue;
    std::array<std::int64_t, 1 + max_funnel_steps> next{};
    const auto alive = [&](std::size_t step) {
      return (memory_[0] >> (alive_shift + static_cast<int>(step)) & 1) != 0;
    };
    if (k == 0) {
      next[0] = tag;
    } else {
      const std::int64_t* before = standing(k - 1);
      if (!alive(k - 1) || at - before[1] > *shape_.window) continue;
      std::copy_n(before, k + 1, next.begin());
    }
    next[1 + k] = at;
    std::int64_t* mine = standing(k);
    if (!alive(k) || next[1] > mine[1]) std::copy_n(next.begin(), k + 2, mine);
    memory_[0] |= std::int64_t{1} << (alive_shift + static_cast<int>(k));
    if (k + 1 > reached()) {
      std::copy_n(next.begin(), k + 2, memory_ + 1);
      memory_[0] = (memory_[0] & ~reached_mask) | static_cast<std::int64_t>(k + 1);
    }
  }
}

}  // namespace millimetric::query
