#pragma once
// What the funnels of visitors are made of.
//
// A visitor's run takes for each step the earliest event that fits behind the step before; one
// event serves one step. With a window the run is the earliest of those that get furthest.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "query/question.h"

namespace millimetric::query {

inline constexpr std::size_t max_funnel_steps = 10;

// An event that may be a step of somebody's funnel.
struct funnel_event {
  millis at = 0;
  std::uint64_t visitor = 0;  // a 64-bit hash
  std::uint32_t group = 0;    // a number that whoever has the event gives the groups
  std::uint32_t fits = 0;     // a bit per step
  template <class A>
  void fields(A& a) {
    a(at, visitor, group, fits);
  }
};

// What all visitors of a funnel have in common.
struct funnel_shape {
  std::size_t steps = 0;  // at most max_funnel_steps
  std::optional<millis> window;
};

// A view of one visitor's run within a window. The events are gone through twice, each time in
// order: first for how far the visitor gets, then for the run. No run from an earlier start than
// the first one that is within a window of the furthest step can get there, and that one does, as
// it reaches each step no later than those behind it.
class windowed_run {
 public:
  // The memory of one visitor, all zero at first, in words.
  [[nodiscard]] static constexpr std::size_t words(std::size_t steps) noexcept { return 4 + steps; }

  windowed_run(const funnel_shape& shape, std::int64_t* memory) noexcept
      : shape_(shape), memory_(memory) {}

  // The next event of the first round; `fits` has a bit per step that it could be.
  void look(millis at, std::uint32_t fits) noexcept;
  // How many steps the run has in all.
  [[nodiscard]] std::size_t reached() const noexcept {
    return static_cast<std::size_t>(memory_[0]);
  }

  // Whether the next event of the second round is the run's next step. Then it is to be taken.
  [[nodiscard]] bool fits_next(millis at, std::uint32_t fits) const noexcept;
  void take(millis at) noexcept;
  [[nodiscard]] std::size_t taken() const noexcept { return static_cast<std::size_t>(memory_[2]); }
  // The time of the step taken last.
  [[nodiscard]] millis last() const noexcept { return memory_[3]; }

 private:
  // Of the runs that have the step: when the latest one began, and 1 more, since 0 is for none.
  [[nodiscard]] std::int64_t& latest_start(std::size_t step) const noexcept {
    return memory_[4 + step];
  }

  const funnel_shape& shape_;
  // Steps reached, when the furthest was reached first, steps taken, when the last one was; then
  // the latest starts.
  std::int64_t* memory_;
};

}  // namespace millimetric::query
