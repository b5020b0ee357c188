#pragma once
// The funnel of one visitor: how far their events, in order, go through the steps.
//
// Without a window each step is the earliest event that fits behind the step before. With one, a
// later first step replaces an earlier one wherever both reach the same step, since it leaves more
// of the window: so the furthest step is found in one pass. One event serves one step of a run.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "query/question.h"

namespace millimetric::query {

inline constexpr std::size_t max_funnel_steps = 10;

class funnel_run {
 public:
  funnel_run(std::size_t steps, std::optional<millis> window) : steps_(steps), window_(window) {}

  // The next event, not earlier than the one before; `fits` has a bit per step that it could be,
  // `tag` is kept for the first step of the run that got furthest.
  void add(millis at, std::uint32_t fits, std::size_t tag);

  [[nodiscard]] std::size_t reached() const noexcept { return reached_; }
  // Times of the steps of the run that first got as far as reached().
  [[nodiscard]] millis time_of(std::size_t step) const noexcept { return best_.times[step]; }
  [[nodiscard]] std::size_t tag() const noexcept { return best_.tag; }
  void clear() noexcept;

 private:
  struct run {
    bool alive = false;
    std::size_t tag = 0;
    std::array<millis, max_funnel_steps> times{};
  };

  std::size_t steps_;
  std::optional<millis> window_;
  std::size_t reached_ = 0;
  run best_;
  std::array<run, max_funnel_steps> at_;  // at_[k]: the run that stands at step k
};

}  // namespace millimetric::query
