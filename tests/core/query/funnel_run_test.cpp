#include "query/funnel.h"

#include <algorithm>
#include <vector>

#include "../catch.h"
#include "base/ids.h"

using namespace millimetric;
using query::funnel_shape;

namespace {

// A run with memory of its own.
class funnel_run {
 public:
  funnel_run(std::size_t steps, std::optional<millis> window)
      : shape_{steps, window}, memory_(shape_.words()) {}
  void add(millis at, std::uint32_t fits, std::size_t tag) {
    run_.add(at, fits, static_cast<std::int64_t>(tag));
  }
  void clear() { std::fill(memory_.begin(), memory_.end(), 0); }
  [[nodiscard]] std::size_t reached() const { return run_.reached(); }
  [[nodiscard]] millis time_of(std::size_t step) const { return run_.time_of(step); }
  [[nodiscard]] std::size_t tag() const { return static_cast<std::size_t>(run_.tag()); }

 private:
  funnel_shape shape_;
  std::vector<std::int64_t> memory_;
  query::funnel_run run_{shape_, memory_.data()};
};

struct hit {
  millis at = 0;
  std::uint32_t fits = 0;
};

bool fits(const hit& h, std::size_t step) { return (h.fits >> step & 1U) != 0; }

// The definition, tried out: whether steps `step`, `step` + 1, ... up to `steps` can follow behind
// event `from` before `until`. Gives how many steps in all are reached.
std::size_t furthest(const std::vector<hit>& events, std::size_t from, std::size_t step,
                     std::size_t steps, millis until) {
  std::size_t best = step;
  if (step == steps) return best;
  for (std::size_t i = from; i < events.size(); ++i) {
    if (!fits(events[i], step) || events[i].at > until) continue;
    best = std::max(best, furthest(events, i + 1, step + 1, steps, until));
  }
  return best;
}

std::size_t reached_by_definition(const std::vector<hit>& events, std::size_t steps,
                                  std::optional<millis> window) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!fits(events[i], 0)) continue;
    const millis until = window ? events[i].at + *window : INT64_MAX;
    best = std::max(best, furthest(events, i + 1, 1, steps, until));
  }
  return best;
}

std::vector<hit> random_events(random_stream& random, std::size_t steps, bool overlapping) {
  std::vector<hit> events(random.next() % 14);
  millis t = 0;
  for (hit& h : events) {
    t += static_cast<millis>(random.next() % 4);  // equal times among them
    h.at = t;
    h.fits = 1U << random.next() % steps;
    if (overlapping) h.fits |= 1U << random.next() % steps;
    if (random.next() % 5 == 0) h.fits = 0;
  }
  return events;
}

void check(const std::vector<hit>& events, std::size_t steps, std::optional<millis> window) {
  funnel_run run(steps, window);
  for (std::size_t i = 0; i < events.size(); ++i) run.add(events[i].at, events[i].fits, i);
  const std::size_t expected = reached_by_definition(events, steps, window);
  std::string shown =
      std::to_string(steps) + " steps, window " + (window ? std::to_string(*window) : "none") + ":";
  for (const hit& h : events) shown += " " + std::to_string(h.at) + "/" + std::to_string(h.fits);
  if (run.reached() != expected) FAIL(shown << " reached " << run.reached() << " not " << expected);
  if (expected == 0) return;
  // The run that it reports is one that happened.
  if (run.time_of(0) != events[run.tag()].at || !fits(events[run.tag()], 0)) FAIL(shown);
  for (std::size_t k = 1; k < expected; ++k)
    if (run.time_of(k) < run.time_of(k - 1)) FAIL(shown);
  if (window && run.time_of(expected - 1) - run.time_of(0) > *window) FAIL(shown);
}

}  // namespace

TEST_CASE("a funnel's run gets as far as the definition allows, on random sequences") {
  random_stream random("funnels");
  for (int round = 0; round < 30'000; ++round) {
    const std::size_t steps = 1 + random.next() % 5;
    const auto events = random_events(random, steps, round % 2 == 0);
    check(events, steps, std::nullopt);
    check(events, steps, static_cast<millis>(random.next() % 12));
  }
  SUCCEED("as defined");
}

TEST_CASE("one event serves one step of a run, also where it fits several") {
  funnel_run same(2, std::nullopt);
  same.add(1, 0b11, 0);
  CHECK(same.reached() == 1);
  same.add(1, 0b11, 1);
  CHECK(same.reached() == 2);
}

TEST_CASE("a window is inclusive of its length") {
  funnel_run run(2, 10);
  run.add(0, 0b01, 0);
  run.add(11, 0b10, 1);
  CHECK(run.reached() == 1);
  run.add(20, 0b01, 2);
  run.add(30, 0b10, 3);
  CHECK(run.reached() == 2);
  CHECK(run.time_of(0) == 20);
  CHECK(run.time_of(1) == 30);
  CHECK(run.tag() == 2);
}

TEST_CASE("with a window a later start replaces an earlier one that would expire") {
  funnel_run run(3, 10);
  run.add(0, 0b001, 0);
  run.add(8, 0b001, 1);
  run.add(9, 0b010, 2);
  run.add(15, 0b100, 3);
  CHECK(run.reached() == 3);
  CHECK(run.tag() == 1);
}

TEST_CASE("without a window the first run counts, from its first start") {
  funnel_run run(2, std::nullopt);
  run.add(1, 0b01, 0);
  run.add(5, 0b01, 1);
  run.add(9, 0b10, 2);
  run.add(10, 0b10, 3);
  CHECK(run.time_of(0) == 1);
  CHECK(run.time_of(1) == 9);
  CHECK(run.tag() == 0);
}

TEST_CASE("a cleared run starts anew") {
  funnel_run run(2, std::nullopt);
  run.add(1, 0b01, 0);
  run.clear();
  run.add(2, 0b10, 0);
  CHECK(run.reached() == 0);
  run.add(3, 0b01, 0);
  CHECK(run.reached() == 1);
}
