#pragma once
// The funnel of one visitor: how far their events, in order, go through the steps.
//
// Without a window each step is the earliest event that fits behind the step before. With one, a
// later first step replaces an earlier one wherever both reach the same step, since it leaves more
// of the window: so the furthest step is found in one pass. One event serves one step of a run.

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

  // The memory that one visitor needs, in words: five for three steps without a window, 15 with.
  [[nodiscard]] std::size_t words() const noexcept;
};

// A view of one visitor's memory, which is all zero before the first event.
class funnel_run {
 public:
  funnel_run(const funnel_shape& shape, std::int64_t* memory) noexcept
      : shape_(shape), memory_(memory) {}

  // The next event, not earlier than the one before; `fits` has a bit per step that it could be,
  // `tag` is kept for the first step of the run that got furthest.
  void add(millis at, std::uint32_t fits, std::int64_t tag) noexcept;

  [[nodiscard]] std::size_t reached() const noexcept;
  // Times of the steps of the run that first got as far as reached().
  [[nodiscard]] millis time_of(std::size_t step) const noexcept;
  [[nodiscard]] std::int64_t tag() const noexcept;

 private:
  void add_in_window(millis at, std::uint32_t fits, std::int64_t tag) noexcept;
  // The run that stands at a step: its tag, then the times of its steps.
  [[nodiscard]] std::int64_t* standing(std::size_t step) const noexcept;

  const funnel_shape& shape_;
  // How far, and a bit per step where a run stands; then the tag and times of the best run; with a
  // window, the standing runs.
  std::int64_t* memory_;
};

}  // namespace millimetric::query
