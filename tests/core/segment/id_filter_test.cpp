#include "segment/id_filter.h"

#include <algorithm>

#include "../catch.h"
#include "base/hash.h"

using namespace millimetric;
using namespace millimetric::segment;

namespace {

std::vector<std::uint64_t> hashes(int first, int count) {
  std::vector<std::uint64_t> out;
  for (int i = first; i < first + count; ++i) out.push_back(hash64(std::to_string(i)));
  return out;
}

id_filter filter_of(const std::vector<std::uint64_t>& ids) {
  auto f = id_filter::decode(id_filter::encode(ids));
  REQUIRE(f);
  return std::move(*f);
}

template <class Filter>
std::ptrdiff_t held(const Filter& f, const std::vector<std::uint64_t>& ids) {
  return std::count_if(ids.begin(), ids.end(), [&](std::uint64_t h) { return f.may_hold(h); });
}

}  // namespace

TEST_CASE("a filter may hold all its ids and next to none of the others") {
  for (const int count : {0, 1, 7, 8, 9, 1000, 65'536}) {
    const id_filter f = filter_of(hashes(0, count));
    CHECK(f.ids() == static_cast<std::size_t>(count));
    CHECK(held(f, hashes(0, count)) == count);
    CHECK(held(f, hashes(1'000'000, 100'000)) <= 3);
  }
}

TEST_CASE("a set of prints may hold what any of its filters holds, and few other ids") {
  print_set set;
  CHECK(set.bytes() == 0);
  CHECK(held(set, hashes(0, 100)) == 100);
  const id_filter none = filter_of({});
  const id_filter one = filter_of(hashes(0, 30'000));
  const id_filter other = filter_of(hashes(20'000, 30'000));
  for (const id_filter* f : {&none, &one, &other, &one}) set.add(*f);
  CHECK(set.bytes() == 2UL * 1024 * 1024);
  CHECK(held(set, hashes(0, 50'000)) == 50'000);
  CHECK(set.count() <= 50'000);
  CHECK(set.count() > 49'800);  // some have the same print
  const auto wrong = held(set, hashes(1'000'000, 100'000));
  CHECK(wrong > 200);
  CHECK(wrong < 400);  // 50,000 of 16.8 million prints: 298 of 100,000
  set.clear();
  CHECK(set.count() == 0);
  CHECK(set.bytes() == 0);
  CHECK(held(set, hashes(0, 100)) == 100);
  set.add(other);
  CHECK(held(set, hashes(20'000, 30'000)) == 30'000);
}
