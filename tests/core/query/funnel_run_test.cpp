#include <algorithm>
#include <string>
#include <vector>

#include "../../sql_store/funnel_definition.h"
#include "../catch.h"
#include "base/ids.h"

using namespace millimetric;
using query::funnel_event;
using query::funnel_shape;
using query::windowed_run;

namespace {

// The events' times and steps; `fits` has a bit per step.
struct hit {
  millis at = 0;
  std::uint32_t fits = 0;
};

std::vector<funnel_event> events_of(const std::vector<hit>& hits) {
  std::vector<funnel_event> out;
  for (const hit& h : hits) out.push_back({h.at, 7, 0, h.fits});
  return out;
}

// The places of the events that the two rounds take.
std::vector<std::size_t> take(const std::vector<funnel_event>& events, const funnel_shape& shape) {
  std::vector<std::int64_t> memory(windowed_run::words(shape.steps));
  windowed_run run(shape, memory.data());
  for (const funnel_event& e : events) run.look(e.at, e.fits);
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!run.fits_next(events[i].at, events[i].fits)) continue;
    run.take(events[i].at);
    CHECK(run.last() == events[i].at);
    out.push_back(i);
  }
  CHECK(run.taken() == run.reached());
  return out;
}

std::vector<std::size_t> take(const std::vector<hit>& hits, std::size_t steps, millis window) {
  return take(events_of(hits), {steps, window});
}

// Whether steps `step`, `step` + 1, ... can follow behind event `from` before `until`, whichever
// events are taken. Gives how many steps in all are reached.
std::size_t furthest(const std::vector<funnel_event>& events, std::size_t from, std::size_t step,
                     std::size_t steps, millis until) {
  std::size_t best = step;
  if (step == steps) return best;
  for (std::size_t i = from; i < events.size(); ++i) {
    if (!query::may_be(events[i], step) || events[i].at > until) continue;
    best = std::max(best, furthest(events, i + 1, step + 1, steps, until));
  }
  return best;
}

std::size_t furthest(const std::vector<funnel_event>& events, const funnel_shape& shape) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!query::may_be(events[i], 0)) continue;
    best = std::max(best, furthest(events, i + 1, 1, shape.steps, events[i].at + *shape.window));
  }
  return best;
}

std::vector<funnel_event> random_events(random_stream& random, std::size_t steps,
                                        bool overlapping) {
  std::vector<hit> events(random.next() % 14);
  millis t = 0;
  for (hit& h : events) {
    t += static_cast<millis>(random.next() % 4);  // equal times among them
    h.at = t;
    h.fits = 1U << random.next() % steps;
    if (overlapping) h.fits |= 1U << random.next() % steps;
    if (random.next() % 5 == 0) h.fits = 0;
  }
  return events_of(events);
}

using places = std::vector<std::size_t>;

}  // namespace

TEST_CASE("a run within a window is the one of the definition, on random sequences") {
  random_stream random("funnels");
  for (int round = 0; round < 30'000; ++round) {
    const std::size_t steps = 1 + random.next() % 5;
    const auto events = random_events(random, steps, round % 2 == 0);
    const funnel_shape shape{steps, static_cast<millis>(random.next() % 12)};
    const places taken = take(events, shape);
    if (taken == query::run_by_definition(events, shape) && taken.size() == furthest(events, shape))
      continue;
    std::string shown = std::to_string(steps) + " steps, window " + std::to_string(*shape.window);
    for (const auto& e : events) shown += " " + std::to_string(e.at) + "/" + std::to_string(e.fits);
    FAIL(shown);
  }
  SUCCEED("as defined");
}

TEST_CASE("a window as long as the range is none") {
  random_stream random("ranges");
  for (int round = 0; round < 5'000; ++round) {
    const std::size_t steps = 1 + random.next() % 5;
    const auto events = random_events(random, steps, round % 2 == 0);
    const millis range = events.empty() ? 0 : events.back().at - events.front().at;
    CHECK(take(events, {steps, range}) == query::run_by_definition(events, {steps, std::nullopt}));
  }
}

TEST_CASE("one event serves one step of a run, also where it fits several") {
  CHECK(take({{1, 0b11}}, 2, 10) == places{0});
  CHECK(take({{1, 0b11}, {1, 0b11}}, 2, 10) == places{0, 1});
}

TEST_CASE("a window is inclusive of its length") {
  CHECK(take({{0, 0b01}, {11, 0b10}}, 2, 10) == places{0});
  CHECK(take({{0, 0b01}, {11, 0b10}, {20, 0b01}, {30, 0b10}}, 2, 10) == places{2, 3});
}

TEST_CASE("a later start counts where an earlier one would expire") {
  CHECK(take({{0, 0b001}, {8, 0b001}, {9, 0b010}, {15, 0b100}}, 3, 10) == places{1, 2, 3});
}

TEST_CASE("the first of the starts that get furthest counts") {
  CHECK(take({{0, 0b01}, {600, 0b01}, {1200, 0b10}, {1300, 0b10}}, 2, 1800) == places{0, 2});
  CHECK(take({{0, 0b01}, {600, 0b01}, {1200, 0b10}}, 2, 600) == places{1, 2});
}
