// The effects of the store's operations fail, each of the first ones and ever fewer of the later:
// one alone, or with all that follow it and an eviction behind them. What failed is whole or not at
// all, and repeated it does what it should have done.

#include "faults.h"
#include "history.h"
#include "native/forgetting.h"

using namespace millimetric;
using namespace millimetric::store;
using native::native_host;

namespace {

const std::string project = "prj";
constexpr millis week = 7 * day_ms;

// A store with segments of every form and a merge half done, and the same events as plain rows.
struct twins {
  random_world random{"faults"};
  native_host host{{.upkeep = native::upkeep_runs::when_told, .limits = tiny_limits()}};
  native_host rows{{.store = native::store_kind::sql}};
  bool failed = false;

  twins() {
    host.now = rows.now = random_world::last;
    for (int i = 0; i < 7; ++i) both<append_answer>(operation::append, batch(9));
    for (int i = 0; i < 40; ++i) maintain();
    for (int i = 0; i < 4; ++i) both<append_answer>(operation::append, batch(3));
    for (int i = 0; i < 2; ++i) maintain();
    host.restart();
  }

  append_records batch(std::size_t events) { return batch_of(random, events); }
  template <class Answer, class Request>
  void both(operation op, const Request& q) {
    REQUIRE(rows.ask<Answer>(project, op, q));
    REQUIRE(host.ask<Answer>(project, op, q));
  }
  // Asked for until there is no more.
  template <class Answer, class Request>
  result<Answer> done(operation op, const Request& q) {
    if constexpr (std::is_same_v<Request, forget_request>)
      return native::forget(host, project, q);
    else
      return host.ask<Answer>(project, op, q);
  }
  result<maintain_answer> maintain() {
    return host.ask<maintain_answer>(project, operation::maintain, maintain_request{});
  }

  // From the n-th effect on, or in it alone, the host fails.
  void fail_at(int n, bool once) {
    failed = false;
    host.fails = [this, n, once](std::string_view, const host::effect&) mutable {
      const bool now = once ? --n == 0 : --n <= 0;
      failed = failed || now;
      return now;
    };
  }
  void recover(bool evicted) {
    host.fails = nullptr;
    if (evicted) host.restart();
  }
  std::string everything(native_host& of) { return store::everything(of, project); }
  void check_same() {
    REQUIRE(everything(host) == everything(rows));
    query::aggregate_question q;
    q.in.range = {0, query::end_of_time};
    q.group_by = {query::column::event_name, query::column::source};
    const auto got = host.ask<query::aggregate_partial>(project, operation::aggregate, q);
    const auto right = rows.ask<query::aggregate_partial>(project, operation::aggregate, q);
    REQUIRE(got);
    REQUIRE(right);
    REQUIRE(text_of(*got, q.of) == text_of(*right, q.of));
    for (int steps = 0; steps < 400; ++steps) {
      const auto more = maintain();
      REQUIRE(more);
      if (!more->more) break;
    }
    REQUIRE(everything(host) == everything(rows));
  }
};

// Runs an operation with a failure at its first effect, its second, and so on, until none is left
// to fail; each time on a store of its own. `whole`: a failure leaves either all of it or nothing.
template <class Answer, class Make>
void fail_everywhere(operation op, Make make, bool whole) {
  // A failure that passes is met by the same instance, one that stays by a new one.
  for (const bool once : {true, false}) {
    const bool evicted = !once;
    int n = 1;
    for (;; n += n < 8 ? 1 : 6) {
      twins p;
      const auto request = make(p);
      const std::string before = p.everything(p.rows);
      p.host.restart();
      p.fail_at(n, once);
      const auto got = p.done<Answer>(op, request);
      p.recover(evicted);
      INFO("effect " << n << ", once: " << once << ", evicted: " << evicted);
      REQUIRE(p.rows.template ask<Answer>(project, op, request));
      if (!got) {
        REQUIRE(p.failed);
        const std::string now = p.everything(p.host);
        if (whole) REQUIRE((now == before || now == p.everything(p.rows)));
        REQUIRE(p.done<Answer>(op, request));
      }
      p.check_same();
      if (!p.failed) break;
    }
    CHECK(n > 2);
  }
}

}  // namespace

TEST_CASE("an append that fails at any effect stores nothing, and repeated all") {
  fail_everywhere<append_answer>(
      operation::append, [](twins& p) { return p.batch(5); }, true);
}

TEST_CASE("forgetting that fails at any effect is finished by the next") {
  fail_everywhere<forget_answer>(
      operation::forget,
      [](twins&) {
        return forget_request{std::nullopt, "visitor-3"};
      },
      false);
  fail_everywhere<forget_answer>(
      operation::forget,
      [](twins&) {
        return forget_request{"user-1", std::nullopt};
      },
      false);
}

TEST_CASE("retention that fails at any effect is finished by the next") {
  fail_everywhere<expire_answer>(
      operation::expire,
      [](twins&) {
        return expire_request{random_world::last - 3 * week, 100'000};
      },
      false);
}

TEST_CASE("a question that fails at any effect gives an error, never a part of the answer") {
  for (int n = 1;; ++n) {
    twins p;
    query::aggregate_question q;
    q.in.range = {0, query::end_of_time};
    q.in.filters = {{query::column::path, {"/", "/pricing"}}};
    q.group_by = {query::column::source};
    const auto right = p.rows.ask<query::aggregate_partial>(project, operation::aggregate, q);
    REQUIRE(right);
    p.fail_at(n, true);
    const auto got = p.host.ask<query::aggregate_partial>(project, operation::aggregate, q);
    p.recover(false);
    // Only to keep an answer is worth no failure.
    if (got) REQUIRE(text_of(*got, q.of) == text_of(*right, q.of));
    const auto again = p.host.ask<query::aggregate_partial>(project, operation::aggregate, q);
    REQUIRE(again);
    REQUIRE(text_of(*again, q.of) == text_of(*right, q.of));
    if (!p.failed) break;
  }
}

TEST_CASE("upkeep that fails at any effect changes no answer, and goes on") {
  for (const bool evicted : {true, false}) {
    for (int n = 1; n < 60; n += n < 10 ? 1 : 7) {
      twins p;
      for (int i = 0; i < 6; ++i) p.both<append_answer>(operation::append, p.batch(4));
      p.fail_at(n, true);
      for (int steps = 0; steps < 60 && !p.failed; ++steps) static_cast<void>(p.maintain());
      p.recover(evicted);
      INFO("effect " << n << ", evicted: " << evicted);
      p.check_same();
      if (!p.failed) break;
    }
  }
}
