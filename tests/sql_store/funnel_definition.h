#pragma once
// The run of one visitor as the contract has it, tried out from every start.

#include <cstddef>
#include <span>
#include <vector>

#include "query/funnel.h"

namespace millimetric::query {

[[nodiscard]] inline bool may_be(const funnel_event& e, std::size_t step) {
  return (e.fits >> step & 1U) != 0;
}

// The places of the events that are the run's steps: of all runs that get furthest the one that
// began first, with the earliest event for each step.
[[nodiscard]] inline std::vector<std::size_t> run_by_definition(
    std::span<const funnel_event> events, const funnel_shape& shape) {
  std::vector<std::size_t> best;
  for (std::size_t start = 0; start < events.size(); ++start) {
    if (!may_be(events[start], 0)) continue;
    std::vector<std::size_t> run{start};
    for (std::size_t i = start + 1; i < events.size() && run.size() < shape.steps; ++i) {
      const bool in_time = !shape.window || events[i].at - events[start].at <= *shape.window;
      if (in_time && may_be(events[i], run.size())) run.push_back(i);
    }
    if (run.size() > best.size()) best = std::move(run);
  }
  return best;
}

}  // namespace millimetric::query
