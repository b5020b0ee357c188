#include "segment/pooled_filters.h"

#include <algorithm>
#include <deque>

#include "../catch.h"
#include "id_hashes.h"

using namespace millimetric;
using namespace millimetric::segment;

namespace {

// Filters of so many ids each, from the first id on.
struct filters {
  explicit filters(const std::vector<int>& counts) {
    int first = 0;
    for (const int count : counts) {
      auto f = id_filter::decode(id_filter::encode(hashes(first, count)));
      REQUIRE(f);
      all.push_back(std::move(*f));
      first += count;
    }
    for (const id_filter& f : all) given.push_back(&f);
  }
  std::deque<id_filter> all;
  std::vector<const id_filter*> given;
};

}  // namespace

TEST_CASE("a pool of filters finds each one's ids in it, and next to none of the others") {
  for (const std::vector<int>& counts : {std::vector<int>{},
                                         {0},
                                         {1},
                                         {0, 9, 0, 1},
                                         {1000, 30'000},
                                         {65'536, 7, 65'536},
                                         std::vector<int>(pooled_filters::most, 40'000)}) {
    const filters f(counts);
    const pooled_filters pool(f.given);
    int first = 0;
    for (std::size_t n = 0; n < counts.size(); ++n) {
      const auto found = pool.find(hashes(first, counts[n]));
      first += counts[n];
      std::vector<std::uint8_t> seen(static_cast<std::size_t>(counts[n]));
      for (const pooled_filters::match& m : found)
        if (m.filter == n) seen[m.index] = 1;
      CHECK(std::count(seen.begin(), seen.end(), 1) == counts[n]);
      CHECK(found.size() - seen.size() <= 5);
    }
    CHECK(pool.find(hashes(10'000'000, 100'000)).size() <= 8);
    CHECK(pool.size() <= static_cast<std::size_t>(first) * 3 + 600'000);
  }
}

TEST_CASE(
    "an id that two filters of a pool hold is found in both, where it stands in the question") {
  const filters twice({3});
  const pooled_filters pool(std::vector{twice.given[0], twice.given[0]});
  auto asked = hashes(100, 200);
  asked[150] = hashes(1, 1)[0];
  const auto found = pool.find(asked);
  REQUIRE(found.size() == 2);
  CHECK(found[0].index == 150);
  CHECK(found[1].index == 150);
  CHECK(found[0].filter + found[1].filter == 1);
}

// The lowest 24 bits of a hash are the print, and the upper ones of those choose where it stands.
TEST_CASE("prints that begin alike are looked through to their end, and no further") {
  constexpr std::uint64_t bucket = std::uint64_t{1} << 55;
  for (const std::uint64_t count : {1U, 4U, 15U, 16U, 17U, 100U}) {
    std::vector<std::uint64_t> ids;  // with next to the same print, in buckets of their own
    for (std::uint64_t i = 0; i < count; ++i) ids.push_back(i * bucket + 0xFFFF80 + i % 128);
    auto f = id_filter::decode(id_filter::encode(ids));
    REQUIRE(f);
    const pooled_filters pool(std::vector<const id_filter*>{&*f});
    for (const std::uint64_t id : ids) CHECK(pool.find(std::vector{id}).size() == 1);
    CHECK(pool.find(std::vector<std::uint64_t>{0xFFFF80 + count, 0xFFFF7F, 0, 0x80}).empty());
  }
}

TEST_CASE("the set of a pool's prints may hold what its filters do") {
  const filters f({5000, 70, 20'000});
  const pooled_filters pool(f.given);
  print_set set;
  set.make_room(50'000);
  pool.add_to(set);
  CHECK(set.find(hashes(0, 25'070)).size() == 25'070);
  CHECK(set.find(hashes(1'000'000, 100'000)).size() < 100'000 / 16);
}
