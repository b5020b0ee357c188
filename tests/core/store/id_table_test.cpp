#include "store/id_table.h"

#include <algorithm>
#include <map>
#include <vector>

#include "../catch.h"
#include "base/ids.h"

using namespace millimetric;
using store::id_table;

namespace {

std::vector<std::int64_t> numbers(const id_table& t, std::uint64_t hash) {
  std::vector<std::int64_t> out;
  t.find(hash, [&](std::int64_t n) { out.push_back(n); });
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("an empty table of ids holds none") {
  id_table t;
  CHECK(numbers(t, 0).empty());
  t.remove([](std::int64_t) { return true; });
  CHECK(numbers(t, 0).empty());
}

TEST_CASE("ids are found in all segments that hold them, and in none that went") {
  random_stream random(std::string(32, 'i'));
  id_table t;
  std::multimap<std::uint64_t, std::int64_t> expected;
  constexpr std::uint64_t hashes = 500;  // of which many meet in the table
  for (std::int64_t segment = 1; segment <= 60; ++segment) {
    for (int i = 0; i < 50; ++i) {
      const std::uint64_t hash = random.next() % hashes << (segment % 2 == 0 ? 0 : 32);
      t.add(hash, segment);
      expected.emplace(hash, segment);
    }
    if (segment % 7 != 0) continue;
    const auto gone = [&](std::int64_t n) { return n % 3 == segment % 3; };
    t.remove(gone);
    std::erase_if(expected, [&](const auto& e) { return gone(e.second); });
  }
  for (std::uint64_t i = 0; i < hashes; ++i)
    for (const std::uint64_t hash : {i, i << 32}) {
      std::vector<std::int64_t> wanted;
      const auto [from, to] = expected.equal_range(hash);
      for (auto at = from; at != to; ++at) wanted.push_back(at->second);
      std::sort(wanted.begin(), wanted.end());
      CHECK(numbers(t, hash) == wanted);
    }
  t.clear();
  CHECK(numbers(t, 1).empty());
}
