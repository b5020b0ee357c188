#include "query/hyperloglog.h"

#include <cmath>
#include <string>

#include "../catch.h"
#include "base/archive.h"
#include "base/hash.h"

using namespace millimetric;
using query::hyperloglog;

namespace {

constexpr double standard_error = 1.04 / 128.0;  // 1.04 / sqrt(2^14)

std::uint64_t hash_of(std::size_t run, std::size_t n) {
  return hash64(std::to_string(run) + ":" + std::to_string(n));
}

}  // namespace

TEST_CASE("an empty sketch estimates nothing, and few values exactly") {
  hyperloglog h;
  CHECK(h.estimate() == 0);
  for (std::size_t n = 1; n <= 5; ++n) {
    h.insert(hash_of(0, n));
    h.insert(hash_of(0, n));
    CHECK(h.estimate() == n);
  }
}

TEST_CASE("estimates stay within three standard errors at every size") {
  for (const std::size_t size : {100U, 1'000U, 10'000U, 16'384U, 40'000U, 100'000U, 400'000U}) {
    INFO(size);
    hyperloglog h;
    for (std::size_t n = 0; n < size; ++n) h.insert(hash_of(size, n));
    const double error = std::abs(static_cast<double>(h.estimate()) - static_cast<double>(size)) /
                         static_cast<double>(size);
    CHECK(error < 3 * standard_error);
  }
}

TEST_CASE("the error over many sketches is the promised standard error, without bias") {
  constexpr int sketches = 60;
  constexpr std::size_t size = 20'000;
  double squares = 0;
  double sum = 0;
  for (int run = 0; run < sketches; ++run) {
    hyperloglog h;
    for (std::size_t n = 0; n < size; ++n) h.insert(hash_of(1000 + run, n));
    const double error = static_cast<double>(h.estimate()) / static_cast<double>(size) - 1.0;
    squares += error * error;
    sum += error;
  }
  CHECK(std::sqrt(squares / sketches) < 0.009);  // contract: at most 0.9 %
  CHECK(std::abs(sum / sketches) < 4 * standard_error / std::sqrt(sketches));
}

TEST_CASE("merging sketches is the sketch of the union, in any order") {
  hyperloglog parts[3];
  hyperloglog whole;
  for (std::size_t n = 0; n < 60'000; ++n) {
    whole.insert(hash_of(7, n));
    parts[n % 3].insert(hash_of(7, n));
    if (n % 5 == 0) parts[(n + 1) % 3].insert(hash_of(7, n));  // seen twice
  }
  hyperloglog forwards = parts[0];
  forwards.merge(parts[1]);
  forwards.merge(parts[2]);
  hyperloglog backwards = parts[2];
  backwards.merge(parts[1]);
  backwards.merge(parts[0]);
  backwards.merge(backwards);
  CHECK(to_record(forwards) == to_record(whole));
  CHECK(to_record(backwards) == to_record(whole));
  CHECK(forwards.estimate() == whole.estimate());
}

TEST_CASE("extreme hashes fit their registers") {
  hyperloglog h;
  h.insert(0);
  h.insert(UINT64_MAX);
  h.insert(UINT64_MAX << 50);  // the last register, and no bit beyond
  CHECK(h.estimate() >= 2);
  CHECK(h.estimate() < 100);
}

TEST_CASE("a sketch from a record of another length is safe to use") {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{5}, hyperloglog::size + 10}) {
    auto h = from_record<hyperloglog>(to_record(std::string(bytes, '\xFF')));
    REQUIRE(h);
    h->insert(hash_of(1, 1));
    CHECK(h->estimate() > 0);
  }
}
