// The n-th allocation of a store's operation fails, for ever larger n: the instance is lost there.
// What was under way is whole or not at all, repeated it does what it should have done, and no
// event that was acknowledged is lost.

#include "faults.h"
#include "history.h"
#include "native/forgetting.h"

using namespace millimetric;
using namespace millimetric::store;
using native::native_host;

namespace {

const std::string project = "prj";

struct world {
  native::leaks_allowed leaks;
  random_world random{"memory"};
  native_host host{{.upkeep = native::upkeep_runs::when_told, .limits = tiny_limits()}};
  native_host rows{{.store = native::store_kind::sql}};

  world() {
    host.now = rows.now = random_world::last;
    for (int i = 0; i < 6; ++i) {
      const append_records events = batch(9);
      REQUIRE(append(host, events));
      REQUIRE(append(rows, events));
    }
  }
  append_records batch(std::size_t events) { return batch_of(random, events); }
  static bool append(native_host& to, const append_records& events) {
    return to.ask<append_answer>(project, operation::append, events).has_value();
  }
  static std::string everything(native_host& of) { return store::everything(of, project); }
  bool maintain() {
    return host.ask<maintain_answer>(project, operation::maintain, maintain_request{}).has_value();
  }

  // Runs something with a failure at its first allocation, its second, and so on, ever fewer of the
  // later ones, until it comes to its end; gives how many times it did not.
  template <class Run>
  int fail_everywhere(Run run) {
    int failures = 0;
    for (std::uint64_t n = 1;; n += 1 + n / 5) {
      INFO("allocation " << n);
      host.allocations.fail_at(n);
      const bool ended = run();
      const bool failed = host.allocations.failed();
      host.allocations.fail_at(0);
      REQUIRE(everything(host) == everything(rows));
      REQUIRE(ended == !failed);
      if (ended) return failures;
      ++failures;
    }
  }
};

}  // namespace

TEST_CASE("an append without memory for it stores all or nothing, and repeated all") {
  if (!native::allocations_can_fail()) return;
  world w;
  const int failures = w.fail_everywhere([&] {
    const append_records events = w.batch(5);
    const std::string before = world::everything(w.rows);
    const bool stored = world::append(w.host, events);
    const bool failed = w.host.allocations.failed();
    REQUIRE(world::append(w.rows, events));
    if (!stored) {
      w.host.allocations.fail_at(0);
      const std::string now = world::everything(w.host);
      REQUIRE((now == before || now == world::everything(w.rows)));
      REQUIRE(world::append(w.host, events));
    }
    return !failed;
  });
  CHECK(failures > 20);
}

TEST_CASE("upkeep without memory for it changes no answer, and goes on") {
  if (!native::allocations_can_fail()) return;
  world w;
  int failures = 0;
  for (int round = 0; round < 6; ++round) {
    failures += w.fail_everywhere([&] { return w.maintain(); });
    const append_records events = w.batch(9);
    REQUIRE(world::append(w.host, events));
    REQUIRE(world::append(w.rows, events));
  }
  CHECK(failures > 60);
}

TEST_CASE("forgetting and retention without memory for them are finished by the next") {
  if (!native::allocations_can_fail()) return;
  world w;
  const forget_request somebody{std::nullopt, "visitor-3"};
  const expire_request old{random_world::last - 21 * day_ms, 100'000};
  const std::string before = world::everything(w.rows);
  REQUIRE(w.rows.ask<forget_answer>(project, operation::forget, somebody));
  REQUIRE(w.rows.ask<expire_answer>(project, operation::expire, old));
  REQUIRE(world::everything(w.rows) != before);
  int failures = 0;
  for (std::uint64_t n = 1;; n += 1 + n / 5, ++failures) {
    w.host.allocations.fail_at(n);
    const bool forgot = native::forget(w.host, project, somebody).has_value();
    if (!w.host.allocations.failed()) REQUIRE(forgot);
    const bool expired = !w.host.allocations.failed() &&
                         w.host.ask<expire_answer>(project, operation::expire, old).has_value();
    const bool failed = w.host.allocations.failed();
    w.host.allocations.fail_at(0);
    static_cast<void>(world::everything(w.host));
    REQUIRE((forgot && expired) == !failed);
    if (!failed) break;
  }
  CHECK(failures > 20);
  CHECK(world::everything(w.host) == world::everything(w.rows));
}

TEST_CASE("a question without memory for it gives an error, never a part of the answer") {
  if (!native::allocations_can_fail()) return;
  world w;
  query::aggregate_question q;
  q.in.range = {0, query::end_of_time};
  q.in.filters = {{query::column::path, {"/", "/pricing"}}};
  q.group_by = {query::column::source};
  const auto right = w.rows.ask<query::aggregate_partial>(project, operation::aggregate, q);
  REQUIRE(right);
  const int failures = w.fail_everywhere([&] {
    const auto got = w.host.ask<query::aggregate_partial>(project, operation::aggregate, q);
    if (got) REQUIRE(text_of(*got, q.of) == text_of(*right, q.of));
    return got.has_value();
  });
  CHECK(failures > 20);
}
