#include "segment/id_filter.h"

#include <algorithm>

#include "../catch.h"
#include "id_hashes.h"

using namespace millimetric;
using namespace millimetric::segment;

namespace {

id_filter filter_of(const std::vector<std::uint64_t>& ids) {
  auto f = id_filter::decode(id_filter::encode(ids));
  REQUIRE(f);
  return std::move(*f);
}

template <class Filter>
std::size_t held(const Filter& f, const std::vector<std::uint64_t>& ids) {
  return f.find(ids).size();
}

}  // namespace

TEST_CASE("a filter may hold all its ids and next to none of the others") {
  for (const int count : {0, 1, 7, 8, 9, 1000, 65'536}) {
    const id_filter f = filter_of(hashes(0, count));
    CHECK(f.ids() == static_cast<std::size_t>(count));
    CHECK(held(f, hashes(0, count)) == f.ids());
    CHECK(held(f, hashes(1'000'000, 100'000)) <= 3);
  }
}

TEST_CASE("a filter says which ids it may hold") {
  const id_filter f = filter_of(hashes(0, 1000));
  std::vector<std::uint64_t> asked;
  std::vector<std::size_t> in_it;
  for (int i = 0; i < 1000; ++i) {
    if (i % 3 == 0) in_it.push_back(asked.size());
    asked.push_back(hashes(i % 3 == 0 ? i : 5000 + i, 1)[0]);
  }
  CHECK(f.find(asked) == in_it);
  CHECK(f.find({}).empty());
  CHECK(filter_of({}).find(asked).empty());
}

// The top half of a hash chooses the bucket, the lower 24 bits are the print.
TEST_CASE("a bucket of any size is looked through to its end, and no further") {
  for (const std::uint64_t count : {1U, 3U, 4U, 5U, 15U, 16U, 17U, 33U, 255U}) {
    std::vector<std::uint64_t> ids;  // in the first bucket, and eight in the last
    for (std::uint64_t i = 0; i < count; ++i) ids.push_back(i * 0x10101 + 1);
    for (std::uint64_t i = 0; i < 8; ++i) ids.push_back(~i);
    const id_filter f = filter_of(ids);
    CHECK(held(f, ids) == ids.size());
    CHECK(held(f, {count * 0x10101 + 1}) == 0);
    CHECK(held(f, {0xFFFFFF, 0}) == 0);  // a print of the next bucket, and what is behind the last
  }
}

TEST_CASE("a set of prints may hold what was added, and few other ids") {
  print_set set;
  CHECK(set.bytes() == 0);
  CHECK(set.is_crowded());
  CHECK(held(set, hashes(0, 100)) == 0);
  const id_filter none = filter_of({});
  const id_filter one = filter_of(hashes(0, 30'000));
  const id_filter other = filter_of(hashes(20'000, 30'000));
  for (const std::size_t room : {50'000UL, 100'000UL, 1'500'000UL, 5'000'000UL}) {
    set.make_room(room);
    CHECK(set.count() == 0);
    CHECK(set.is_largest() == (room > 1'000'000));
    for (const id_filter* f : {&none, &one, &other, &one}) set.add(*f);
    for (const std::uint64_t h : hashes(60'000, 1000)) set.add(h);
    CHECK_FALSE(set.is_crowded());
    CHECK(held(set, hashes(0, 50'000)) == 50'000);
    CHECK(held(set, hashes(60'000, 1000)) == 1000);
    CHECK(set.count() <= 51'000);
    CHECK(set.count() > 48'000);  // some have the same bit
    CHECK(set.bytes() <= std::min<std::size_t>(room * 4, 4UL * 1024 * 1024));
    CHECK(held(set, hashes(1'000'000, 100'000)) < 100'000 / 16);
  }
  set.clear();
  CHECK(set.count() == 0);
  CHECK(set.bytes() == 0);
  CHECK(held(set, hashes(0, 100)) == 0);
}

// A large set has a place for each print in either half of all hashes; of a filter's ids in the
// bucket that has the middle of all hashes both may be.
TEST_CASE(
    "a large set tells the halves of all hashes apart, and of a filter no more than it knows") {
  constexpr std::uint64_t upper = std::uint64_t{1} << 63;
  print_set set;
  set.make_room(4'000'000);
  set.add(7);
  set.add(upper + 8);
  CHECK(set.find(std::vector<std::uint64_t>{7, upper + 7, 8, upper + 8}) ==
        std::vector<std::size_t>{0, 3});
  // Ids from all over: of three buckets the second has the middle.
  std::vector<std::uint64_t> ids;
  for (std::uint64_t i = 0; i < 16; ++i) ids.push_back(i << 60 | (100 + i));
  set.make_room(4'000'000);
  set.add(filter_of(ids));
  CHECK(held(set, ids) == ids.size());
  CHECK(set.find(std::vector{ids.front() ^ upper, ids.back() ^ upper}).empty());
  CHECK(held(set, {ids[7] ^ upper, ids[8] ^ upper}) == 2);
  for (const std::uint32_t buckets : {1U, 2U, 3U, 8192U})
    for (std::uint32_t b = 0; b < buckets; ++b) {
      const bool below = 2 * b <= buckets;
      const bool above = 2 * (b + 1) > buckets;
      REQUIRE((halves_of(b, b, buckets) & 1) == (below ? 1 : 0));
      REQUIRE((halves_of(b, b, buckets) & 2) == (above ? 2 : 0));
    }
  CHECK(halves_of(0, 1, 2) == 3);
}

TEST_CASE("a set of prints is crowded once an eighth of it is set") {
  print_set set;
  set.make_room(1000);
  CHECK(set.bytes() * 8 == 16'384);
  for (std::uint64_t h = 0; h < 16'384 / 8 - 1; ++h) set.add(h);
  CHECK_FALSE(set.is_crowded());
  set.add(0);
  CHECK_FALSE(set.is_crowded());
  set.add(16'000);
  CHECK(set.is_crowded());
}
