#include "query/distinct.h"

#include <algorithm>
#include <numeric>

#include "../catch.h"
#include "base/archive.h"
#include "base/hash.h"
#include "base/ids.h"

using namespace millimetric;
using query::distinct_counter;

namespace {

constexpr std::size_t limit = 1'000;

std::vector<std::uint64_t> hashes(std::size_t n) {
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(hash64(std::to_string(i)));
  return out;
}

void shuffle(std::vector<std::uint64_t>& v, random_stream& random) {
  for (std::size_t i = v.size(); i > 1; --i) std::swap(v[i - 1], v[random.next() % i]);
}

distinct_counter counted(const std::vector<std::uint64_t>& values) {
  distinct_counter out;
  for (const std::uint64_t h : values) out.insert(h, limit);
  out.limit(limit);
  return out;
}

}  // namespace

TEST_CASE("a counter is exact to its limit, and an estimate one beyond") {
  CHECK(distinct_counter().count() == 0);
  CHECK(distinct_counter().exact());
  for (const std::size_t n : {1U, 63U, 64U, 65U, 999U, 1'000U}) {
    INFO(n);
    const distinct_counter c = counted(hashes(n));
    CHECK(c.exact());
    CHECK(c.count() == n);
    CHECK(c.held() == n);
  }
  const distinct_counter c = counted(hashes(1'001));
  CHECK_FALSE(c.exact());
  CHECK(c.held() == 0);
  CHECK(c.bytes() == query::hyperloglog::size);  // nothing is left of the values
  CHECK(c.count() > 960);
  CHECK(c.count() < 1'040);
}

TEST_CASE("repeated values count once, however they come") {
  std::vector<std::uint64_t> values;
  for (int round = 0; round < 20; ++round)
    for (const std::uint64_t h : hashes(1'000)) values.push_back(h);
  random_stream random("repeats");
  shuffle(values, random);
  const distinct_counter c = counted(values);
  CHECK(c.exact());
  CHECK(c.count() == 1'000);
}

TEST_CASE("what a counter holds depends on neither order nor partition") {
  random_stream random("partitions");
  for (const std::size_t n : {10U, 999U, 1'000U, 1'001U, 1'500U, 5'000U}) {
    const std::string expected = to_record(counted(hashes(n)));
    for (int round = 0; round < 10; ++round) {
      std::vector<std::uint64_t> values = hashes(n);
      for (std::size_t i = 0; i < n / 3; ++i) values.push_back(values[i]);
      shuffle(values, random);
      std::vector<distinct_counter> parts(1 + random.next() % 6);
      for (const std::uint64_t h : values) parts[random.next() % parts.size()].insert(h, limit);
      for (distinct_counter& p : parts)
        if (random.next() % 2 == 0) p.limit(limit);
      while (parts.size() > 1) {
        const std::size_t into = random.next() % (parts.size() - 1);
        parts[into].merge(parts.back(), limit);
        parts.pop_back();
      }
      parts[0].limit(limit);
      INFO(n << " in round " << round);
      CHECK((to_record(parts[0]) == expected));
    }
  }
}

TEST_CASE("a counter survives its record, exact or not") {
  for (const std::size_t n : {0U, 5U, 1'000U, 2'000U}) {
    distinct_counter c;
    for (const std::uint64_t h : hashes(n)) c.insert(h, limit);
    const auto back = from_record<distinct_counter>(to_record(c));
    REQUIRE(back);
    CHECK(back->count() == c.count());
    CHECK(back->exact() == c.exact());
  }
}

TEST_CASE("a record with unsorted and repeated hashes is still counted right") {
  std::string record;
  byte_writer w(record);
  w.u32(4);
  for (const std::uint64_t h : {9, 1, 9, 5}) w.u64(h);
  for (int flag = 0; flag < 3; ++flag) w.u8(0);  // no sketch, not finished, not estimated
  const auto c = from_record<distinct_counter>(record);
  REQUIRE(c);
  CHECK(c->count() == 3);
}

TEST_CASE("a sketch absorbs later exact parts, and an exact one a later sketch") {
  const distinct_counter large = counted(hashes(3'000));
  distinct_counter small = counted(hashes(10));
  distinct_counter either = large;
  either.merge(small, limit);
  small.merge(large, limit);
  CHECK(either.count() == large.count());
  CHECK(small.count() == large.count());
  CHECK_FALSE(small.exact());
}

TEST_CASE("a finished counter is its number and whether it is exact, and no more") {
  for (const std::size_t n : {0U, 1'000U, 2'000U}) {
    const distinct_counter before = counted(hashes(n));
    distinct_counter c = before;
    c.finish();
    CHECK(c.count() == before.count());
    CHECK(c.exact() == before.exact());
    CHECK(c.held() == 0);
    const std::string record = to_record(c);
    CHECK(record.size() < 32);
    const auto back = from_record<distinct_counter>(record);
    REQUIRE(back);
    CHECK(back->count() == before.count());
    CHECK(back->exact() == before.exact());
  }
}
