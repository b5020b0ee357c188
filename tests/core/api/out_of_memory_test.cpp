// The n-th allocation of the gateway in a request fails, for ever larger n: its instance is lost
// there, with the request. The next one answers in full, and nothing acknowledged is lost.

#include "../catch.h"
#include "native/world.h"

using namespace millimetric;
using namespace millimetric::native;

namespace {

struct small_world : leaks_allowed, world {
  // Makes a request with a failure at its first allocation, its second, and so on, ever fewer of
  // the later ones, until it comes to its end; gives how many times it did not.
  template <class Request>
  int fail_everywhere(Request request) {
    // What is made once for all requests would stay half made: here an instance shares it.
    static_cast<void>(request(0));
    int failures = 0;
    for (std::uint64_t n = 1;; n += 1 + n / 10) {
      INFO("allocation " << n);
      host.now += 1000;  // single events come in at a limited rate
      host.gateway_allocations.fail_at(n);
      const host::http_response r = request(n);
      const bool failed = host.gateway_allocations.failed();
      host.gateway_allocations.fail_at(0);
      REQUIRE(r.status / 100 == (failed ? 5 : 2));
      if (!failed) return failures;
      ++failures;
    }
  }
};

std::string event_numbered(std::uint64_t n) {
  return R"({"event":"e","anonymous_id":"v","event_id":"e-)" + std::to_string(n) +
         R"(","context":{"ip":"203.0.113.9"}})";
}

std::string rows_of(int events) { return R"([{"value":)" + std::to_string(events) + "}]"; }

}  // namespace

TEST_CASE("an event without memory for it in the gateway is stored once when it is sent again") {
  if (!allocations_can_fail()) return;
  small_world w;
  int sent = 0;
  const auto track = [&](auto send) {
    return w.fail_everywhere([&](std::uint64_t n) {
      const host::http_response r = send(n);
      w.host.gateway_allocations.fail_at(0);
      w.host.now += 1000;
      REQUIRE(send(n).status / 100 == 2);
      w.host.now += 1000;
      REQUIRE(w.rows(w.rk_a, "get_stats") == rows_of(++sent));
      return r;
    });
  };
  CHECK(track([&](std::uint64_t n) {
          return w.host.post("/v1/track", w.sk_a, event_numbered(n));
        }) > 20);
  CHECK(track([&](std::uint64_t n) {
          return w.call_tool(w.sk_a, "track_event", event_numbered(1'000'000 + n));
        }) > 20);
}

TEST_CASE("a question without memory for it in the gateway is answered when it is asked again") {
  if (!allocations_can_fail()) return;
  small_world w;
  for (const std::string_view key : {w.sk_a, w.sk_b})
    REQUIRE(w.call_tool(key, "track_event", event_numbered(1)).status == 200);
  w.host.now += 1000;
  const std::string right = w.rows(w.rk_a, "top_sources");
  CHECK(w.fail_everywhere([&](std::uint64_t) {
    const host::http_response r = w.call_tool(w.rk_a, "top_sources");
    w.host.gateway_allocations.fail_at(0);
    REQUIRE(w.rows(w.rk_a, "top_sources") == right);
    return r;
  }) > 20);
  CHECK(w.fail_everywhere([&](std::uint64_t) { return w.call_tool(w.ak, "compare_projects"); }) >
        20);
}
