#include "query/partial.h"

#include "../catch.h"
#include "base/archive.h"
#include "base/hash.h"

using namespace millimetric;
using namespace millimetric::query;

namespace {

group_key key(std::string a) { return {std::move(a)}; }

group& at(group_table& t, millis bucket, const group_key& k) {
  const auto place = t.place_of(bucket, k);
  REQUIRE(place);
  return t[*place];
}

result<void> insert(group_table& t, group& g, std::uint64_t value) {
  g.distinct.insert(value, t.exact_limit());
  return t.inserted(1);
}

void insert(group_table& t, const group_key& k, std::size_t values) {
  group& g = at(t, 0, k);
  bool good = true;
  for (std::size_t v = 0; v < values; ++v)
    good = insert(t, g, hash64(std::to_string(v))).has_value() && good;
  CHECK(good);
}

}  // namespace

TEST_CASE("groups are told apart by bucket, by every column and by null") {
  group_table t;
  const group_key keys[] = {{},
                            {std::nullopt},
                            {""},
                            {"a"},
                            {"a", "b"},
                            {"ab", ""},
                            {"", "ab"},
                            {std::nullopt, "ab"},
                            {"a", std::nullopt},
                            {std::nullopt, std::nullopt}};
  for (const group_key& k : keys)
    for (const millis bucket : {0, 1}) ++at(t, bucket, k).events;
  for (const group_key& k : keys) ++at(t, 1, k).events;
  const auto groups = t.take();
  CHECK(groups.size() == 2 * std::size(keys));
  for (const group& g : groups) CHECK(g.events == (g.bucket == 0 ? 1 : 2));
}

TEST_CASE("a table is full at its limit and says how to ask for less") {
  group_table t;
  for (std::size_t i = 0; i < max_groups; ++i) ++at(t, 0, key(std::to_string(i))).events;
  CHECK(t.place_of(0, key("0")));  // an old one is still found
  const auto refused = t.place_of(0, key("one too many"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == error_code::invalid_params);
  CHECK(refused.error().message == "more than 50000 groups: narrow the range or add filters");
  CHECK(t.take().size() == max_groups);
}

TEST_CASE("up to 100 groups are exact to 10,000 values each, more groups to 1,000") {
  group_table few;
  insert(few, key("at the limit"), 10'000);
  insert(few, key("beyond"), 10'001);
  for (int i = 0; i < 98; ++i) insert(few, key(std::to_string(i)), 1);
  CHECK(few.exact_limit() == 10'000);
  auto groups = few.take();
  REQUIRE(groups.size() == 100);
  CHECK(groups[0].distinct.exact());
  CHECK(groups[0].distinct.count() == 10'000);
  CHECK_FALSE(groups[1].distinct.exact());

  group_table many;
  insert(many, key("at the limit"), 1'000);
  insert(many, key("beyond"), 1'001);
  for (int i = 0; i < 99; ++i) insert(many, key(std::to_string(i)), 1);
  CHECK(many.exact_limit() == 1'000);
  insert(many, key("beyond as well"), 1'001);
  groups = many.take();
  CHECK(groups[0].distinct.exact());
  CHECK_FALSE(groups[1].distinct.exact());
  CHECK_FALSE(groups.back().distinct.exact());
}

TEST_CASE("a group that was counted beyond the limit is over it whatever its estimate says") {
  constexpr double far = 2;
  group_table t;
  insert(t, key("at the limit"), 10'000);
  CHECK(t.estimates_exceed(far));
  insert(t, key("counted"), 10'001);
  CHECK(t.estimates_exceed(far));
  // Of a sketch alone nobody knows how many there were.
  group& merged = at(t, 0, key("merged"));
  distinct_counter sketch;
  for (std::uint64_t i = 0; i < 11'000; ++i) sketch.insert(hash64(std::to_string(i)), 1'000);
  merged.distinct.merge(sketch, t.exact_limit());
  CHECK_FALSE(t.estimates_exceed(far));
  CHECK(t.estimates_exceed(1.01));
}

TEST_CASE("too many values held over too many groups is refused before memory is") {
  group_table t;
  std::uint64_t value = 0;
  std::optional<error> refused;
  for (std::size_t g = 0; g < 10'000 && !refused; ++g) {
    group& one = at(t, 0, key(std::to_string(g)));
    for (int i = 0; i < 900 && !refused; ++i) {
      const auto ok = insert(t, one, value += 0x9E3779B97F4A7C15ULL);
      if (!ok) refused = ok.error();
    }
  }
  REQUIRE(refused);
  CHECK(refused->code == error_code::invalid_params);
  CHECK(refused->message == "too many or long values: narrow the range or add filters");
  CHECK(t.bytes() < max_distinct_bytes * 9 / 8 + max_groups * bytes_of_group);
}

TEST_CASE("groups of long values are refused before memory is") {
  constexpr std::size_t length = 2000;
  group_table t;
  std::size_t groups = 0;
  std::optional<error> refused;
  for (; groups < max_groups && !refused; ++groups) {
    const auto place = t.place_of(0, key(std::to_string(groups) + std::string(length, 'p')));
    if (!place) refused = place.error();
  }
  REQUIRE(refused);
  CHECK(refused->code == error_code::invalid_params);
  CHECK(groups * length > max_key_bytes * 9 / 10);
  CHECK(groups * length < max_key_bytes * 11 / 10);
  CHECK(t.bytes() > 2 * max_key_bytes * 9 / 10);
  const aggregate_partial part{t.take()};
  CHECK(bytes_of(part) > max_key_bytes * 9 / 10);
}

TEST_CASE("estimates count as the memory that they take") {
  group_table t;
  std::uint64_t value = 0;
  std::optional<error> refused;
  std::size_t estimates = 0;
  for (; estimates < max_groups && !refused; ++estimates) {
    group& one = at(t, 0, key(std::to_string(estimates)));
    for (std::size_t i = 0; i <= exact_limit_many_groups && !refused; ++i) {
      const auto ok = insert(t, one, value += 0x9E3779B97F4A7C15ULL);
      if (!ok) refused = ok.error();
    }
  }
  REQUIRE(refused);
  CHECK(estimates * hyperloglog::size > max_distinct_bytes);
  CHECK(t.bytes() < max_distinct_bytes * 9 / 8 + max_groups * bytes_of_group);
}

TEST_CASE("tables merge to what one table of everything would be") {
  group_table whole;
  group_table parts[2];
  for (std::size_t i = 0; i < 3'000; ++i) {
    const group_key k = key(std::to_string(i % 7));
    for (group_table* t : {&whole, &parts[i % 2]}) {
      group& g = at(*t, static_cast<millis>(i % 3), k);
      g.events += i;
      g.paid += i % 2;
      REQUIRE(insert(*t, g, hash64(std::to_string(i % 1'000))));
    }
  }
  group_table merged;
  for (group_table& p : parts) REQUIRE(merged.merge(p.take()));
  const auto expected = whole.take();
  const auto got = merged.take();
  REQUIRE(got.size() == expected.size());
  for (const group& g : got) {
    const auto same = std::find_if(expected.begin(), expected.end(), [&](const group& e) {
      return e.bucket == g.bucket && e.key == g.key;
    });
    REQUIRE(same != expected.end());
    CHECK((to_record(*same) == to_record(g)));
  }
}
