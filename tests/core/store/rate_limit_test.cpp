#include "store/rate_limit.h"

#include "../catch.h"
#include "native/native_host.h"

using namespace millimetric;
using namespace millimetric::store;

namespace {

constexpr millis start = 1'795'176'000'000;

// Tokens that can be taken at once.
int drain(token_bucket& b, millis now) {
  int taken = 0;
  while (b.take(now) == 0) ++taken;
  return taken;
}

}  // namespace

TEST_CASE("a bucket starts with its burst and fills at its rate, exactly") {
  token_bucket b(track_limits);
  CHECK(drain(b, start) == 200);
  CHECK(b.take(start) == 20);  // 50 a second: one each 20 ms
  CHECK(b.take(start + 19) == 1);
  CHECK(b.take(start + 20) == 0);
  CHECK(b.take(start + 20) == 20);
  CHECK(drain(b, start + 20 + 1000) == 50);
  CHECK(drain(b, start + 20 + 1000 + 60'000) == 200);
}

TEST_CASE("batches have a bucket of 5 a second and 20 at once") {
  token_bucket b(batch_limits);
  CHECK(drain(b, start) == 20);
  CHECK(b.take(start) == 200);
  CHECK(drain(b, start + 1000) == 5);
}

TEST_CASE("no token is lost or won over uneven steps of the clock") {
  token_bucket b({7, 10});
  CHECK(drain(b, start) == 10);
  int taken = 0;
  millis t = start;
  for (int i = 0; i < 10'000; ++i) {
    t += i % 13;
    taken += drain(b, t);
  }
  CHECK(taken == (t - start) * 7 / 1000);
}

TEST_CASE("the wait that a bucket names is the shortest that helps") {
  token_bucket b({3, 1});
  CHECK(b.take(start) == 0);
  millis t = start;
  for (int i = 0; i < 100; ++i) {
    const millis wait = b.take(t);
    REQUIRE(wait > 0);
    token_bucket early = b;
    CHECK(early.take(t + wait - 1) > 0);
    t += wait;
    CHECK(b.take(t) == 0);
  }
}

TEST_CASE("a clock that steps back gives no tokens, and one that leaps ahead one burst") {
  token_bucket b({50, 200});
  CHECK(drain(b, start) == 200);
  CHECK(b.take(start - hour_ms) > 0);
  CHECK(drain(b, INT64_MAX / 2) == 200);
}

TEST_CASE("appends draw from the bucket that they name, and nothing is stored when it is empty") {
  native::native_host host;
  host.now = start;
  const auto append = [&](bucket from) {
    append_records request;
    request.draws_from = from;
    request.events.emplace_back();
    const auto a = host.ask<append_answer>("prj", operation::append, std::move(request));
    REQUIRE(a);
    return a->retry_after > 0 ? -a->retry_after : static_cast<millis>(a->stored);
  };
  for (int i = 0; i < 20; ++i) CHECK(append(bucket::batch) == 1);
  CHECK(append(bucket::batch) == -200);
  for (int i = 0; i < 200; ++i) CHECK(append(bucket::track) == 1);
  CHECK(append(bucket::track) == -20);
  CHECK(append(bucket::none) == 1);
  host.now += 200;
  CHECK(append(bucket::batch) == 1);
  CHECK(append(bucket::batch) == -200);
  CHECK(append(bucket::track) == 1);
  CHECK(host.ask<storage_answer>("prj", operation::storage, storage_request{})->events == 223);
}
