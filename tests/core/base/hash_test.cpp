#include "base/hash.h"

#include <ctime>
#include <set>
#include <vector>

#include "../catch.h"
#include "../crafted.h"
#include "base/ids.h"
#include "query/distinct.h"
#include "query/funnel_table.h"
#include "segment/interner.h"

using namespace millimetric;

namespace {

constexpr std::uint64_t count = 30'000;

// Processor time of a call.
template <class Call>
double seconds(Call call) {
  const std::clock_t before = std::clock();
  call();
  return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
}

std::vector<std::uint64_t> random_numbers() {
  random_stream random("numbers");
  std::vector<std::uint64_t> out;
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(random.next() >> 7);
  return out;
}

// Of one place in any table that takes it from their lowest bits.
std::vector<std::uint64_t> alike() {
  std::vector<std::uint64_t> out;
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(i << 24 | 0x123);
  return out;
}

// What is done with each of many values takes about the same time whoever chose them; where they
// crowd a table it is hundreds of times that.
template <class Use>
void check_time(Use use) {
  const std::vector<std::uint64_t> good = random_numbers();
  const std::vector<std::uint64_t> bad = alike();
  const double usual = seconds([&] { use(good); });
  CHECK(seconds([&] { use(bad); }) < 10 * usual + 0.05);
}

}  // namespace

TEST_CASE("a text is made for its hash") {
  random_stream random("hashes");
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t hash = random.next();
    CHECK(hash64(text_of_hash(hash)) == hash);
  }
}

TEST_CASE("values that are alike have places of their own in a table") {
  for (const std::size_t places : {2UL, 1024UL, 1UL << 20U}) {
    std::set<std::size_t> taken;
    for (const std::uint64_t value : alike()) {
      taken.insert(place_in_table(value, places));
      REQUIRE(place_in_table(value, places) < places);
    }
    CHECK(taken.size() >= std::min<std::size_t>(places, count) / 4);
  }
}

TEST_CASE("values that are alike take no longer to be counted") {
  check_time([](const std::vector<std::uint64_t>& values) {
    query::distinct_counter c;
    for (const std::uint64_t v : values) c.insert(v, values.size());
    CHECK(c.count() == count);
  });
}

TEST_CASE("visitors whose ids are alike take no longer in a funnel") {
  query::funnel_question q;
  q.steps = {{"a", {}}, {"b", {}}};
  for (const std::optional<millis> window : {std::optional<millis>(), std::optional(day_ms)}) {
    q.window = window;
    check_time([&](const std::vector<std::uint64_t>& values) {
      query::funnel_table table(q);
      REQUIRE(table.group(std::nullopt));
      for (const std::uint64_t v : values) {
        const query::funnel_event e{1, v, 0, 1};
        REQUIRE(table.add({&e, 1}));
      }
      REQUIRE(table.count());
      CHECK(table.take().groups.at(0).visitors.at(0) == count);
    });
  }
}

TEST_CASE("texts whose hashes are alike take no longer to be numbered") {
  check_time([](const std::vector<std::uint64_t>& values) {
    std::vector<std::string> texts;
    for (const std::uint64_t v : values) texts.push_back(text_of_hash(v));
    segment::interner numbers;
    for (const std::string& t : texts) static_cast<void>(numbers.number_of(t));
    CHECK(numbers.size() == count);
  });
}
