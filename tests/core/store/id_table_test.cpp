#include "store/id_table.h"

#include <algorithm>
#include <map>
#include <vector>

#include "../catch.h"
#include "base/ids.h"

using namespace millimetric;
using store::id_table;

namespace {

std::vector<std::uint32_t> numbers(const id_table& t, std::uint64_t hash) {
  std::vector<std::uint32_t> out;
  t.find(hash, [&](std::uint32_t n) { out.push_back(n); });
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("an empty table of ids holds none") {
  id_table t;
  CHECK(numbers(t, 0).empty());
  t.clear();
  CHECK(numbers(t, 0).empty());
}

TEST_CASE("ids are found with all their numbers, whether room was made for them or not") {
  random_stream random(std::string(32, 'i'));
  const std::size_t room = GENERATE(0, 1, 5000);
  id_table t;
  t.reserve(room);
  std::multimap<std::uint64_t, std::uint32_t> expected;
  constexpr std::uint64_t hashes = 500;  // of which many meet in the table
  for (std::uint32_t number = 0; number < 60; ++number) {
    for (int i = 0; i < 50; ++i) {
      const std::uint64_t hash = random.next() % hashes;
      t.add(hash, number);
      expected.emplace(hash, number);
    }
  }
  for (std::uint64_t hash = 0; hash < hashes; ++hash) {
    std::vector<std::uint32_t> wanted;
    const auto [from, to] = expected.equal_range(hash);
    for (auto at = from; at != to; ++at) wanted.push_back(at->second);
    std::sort(wanted.begin(), wanted.end());
    CHECK(numbers(t, hash) == wanted);
  }
  CHECK(numbers(t, hashes).empty());
  t.clear();
  CHECK(numbers(t, 1).empty());
}
