#include "../catch.h"
#include "store/chunks.h"

using namespace millimetric;
using store::chunk_cache;

namespace {

constexpr std::size_t chunk_size = 10;

void keep(chunk_cache& c, std::int64_t key) {
  c.keep(key, std::make_shared<const std::string>(chunk_size, 'x'));
}

// The kept ones of chunks 1 to `last`.
std::vector<std::int64_t> kept(chunk_cache& c, std::int64_t last) {
  std::vector<std::int64_t> out;
  for (std::int64_t key = 1; key <= last; ++key)
    if (c.find(key) != nullptr) out.push_back(key);
  return out;
}

// A call that reads chunks `first` to `last`. Gives how many it did not find.
int read(chunk_cache& c, std::int64_t first, std::int64_t last) {
  int missing = 0;
  for (std::int64_t key = first; key <= last; ++key) {
    if (c.find(key) != nullptr) continue;
    ++missing;
    keep(c, key);
  }
  return missing;
}

}  // namespace

TEST_CASE("the chunks that were used last are kept, as far as there is room") {
  chunk_cache c;
  c.begin(3 * chunk_size);
  CHECK(read(c, 1, 3) == 3);
  c.begin(3 * chunk_size);
  CHECK(c.find(1) != nullptr);
  keep(c, 4);
  CHECK(kept(c, 4) == std::vector<std::int64_t>{1, 3, 4});
}

TEST_CASE("a call that reads more than there is room for finds some of it the next time") {
  chunk_cache c;
  c.begin(3 * chunk_size);
  CHECK(read(c, 1, 5) == 5);
  for (int again = 0; again < 3; ++again) {
    c.begin(3 * chunk_size);
    CHECK(read(c, 1, 5) == 2);
  }
  // And gives way to the next one.
  c.begin(3 * chunk_size);
  CHECK(read(c, 6, 8) == 3);
  CHECK(kept(c, 8) == std::vector<std::int64_t>{6, 7, 8});
}

TEST_CASE("a call that needs the room for something else gives up what it has used as well") {
  chunk_cache c;
  c.begin(3 * chunk_size);
  read(c, 1, 3);
  c.shrink(2 * chunk_size);
  CHECK(kept(c, 3) == std::vector<std::int64_t>{2, 3});
  keep(c, 4);  // there is no room until the next call
  CHECK(kept(c, 4) == std::vector<std::int64_t>{2, 3});
  c.shrink(3 * chunk_size);
  keep(c, 4);
  CHECK(c.find(4) == nullptr);
  c.begin(3 * chunk_size);
  keep(c, 4);
  CHECK(c.find(4) != nullptr);
}

TEST_CASE("with less room what was used longest ago goes at once, and without any all") {
  chunk_cache c;
  c.begin(3 * chunk_size);
  read(c, 1, 3);
  c.begin(2 * chunk_size + 1);
  CHECK(kept(c, 3) == std::vector<std::int64_t>{2, 3});
  c.begin(0);
  CHECK(kept(c, 3).empty());
  keep(c, 4);
  CHECK(c.find(4) == nullptr);
}
