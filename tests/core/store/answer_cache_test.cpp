#include "store/answer_cache.h"

#include "../catch.h"
#include "native/native_host.h"
#include "store/service.h"

using namespace millimetric;
using namespace millimetric::store;

namespace {

// An answer about [from, to) where the events next to `from` are at 10 and 20 and those next to
// `to` at 30 and 40.
constexpr range_neighbours valid{{10, 20}, {30, 40}};

std::string found(const answer_cache& c, const std::string& question, query::time_range range) {
  const std::string* answer = c.find(question, range);
  return answer == nullptr ? "nothing" : *answer;
}

}  // namespace

TEST_CASE("a kept answer holds for every range between the same events, and for no other") {
  answer_cache c;
  c.keep("q", valid, "answer", c.version());
  for (const millis from : {11, 15, 20})
    for (const millis to : {31, 35, 40}) CHECK(found(c, "q", {from, to}) == "answer");
  CHECK(found(c, "q", {10, 35}) == "nothing");
  CHECK(found(c, "q", {21, 35}) == "nothing");
  CHECK(found(c, "q", {15, 30}) == "nothing");
  CHECK(found(c, "q", {15, 41}) == "nothing");
  CHECK(found(c, "other", {15, 35}) == "nothing");
}

TEST_CASE("where there is no event on a side the edge may lie anywhere") {
  answer_cache c;
  c.keep("q", {{std::nullopt, 20}, {30, std::nullopt}}, "answer", c.version());
  CHECK(found(c, "q", {INT64_MIN, INT64_MAX}) == "answer");
  CHECK(found(c, "q", {21, INT64_MAX}) == "nothing");
  CHECK(found(c, "q", {0, 30}) == "nothing");
}

TEST_CASE("a write forgets every answer, also those that are on their way") {
  answer_cache c;
  const auto before = c.version();
  c.keep("q", valid, "answer", before);
  c.forget_all();
  CHECK(found(c, "q", {15, 35}) == "nothing");
  c.keep("q", valid, "too late", before);
  CHECK(found(c, "q", {15, 35}) == "nothing");
  c.keep("q", valid, "in time", c.version());
  CHECK(found(c, "q", {15, 35}) == "in time");
}

TEST_CASE("what is kept is bounded in number and in bytes, questions included") {
  answer_cache c;
  const auto kept = [&](const std::string& question) {
    return c.find(question, {15, 35}) != nullptr;
  };
  const std::string large(answer_cache::max_entry_bytes - 1, 'x');
  c.keep("q", valid, large, c.version());
  CHECK(kept("q"));
  c.keep("qq", valid, large, c.version());
  CHECK_FALSE(kept("qq"));
  c.keep(large + "qq", valid, "", c.version());
  CHECK_FALSE(kept(large + "qq"));
  for (std::size_t i = 0; i < 1000; ++i) c.keep(std::to_string(i), valid, "a", c.version());
  std::size_t held = 0;
  for (std::size_t i = 0; i < 1000; ++i) held += kept(std::to_string(i)) ? 1 : 0;
  CHECK(held > 0);
  CHECK(held <= answer_cache::max_answers);
}

TEST_CASE("a question that was answered is not asked of SQLite again until something is written") {
  // On the rows' store, whose every answer takes SQL.
  native::native_host host({.store = native::store_kind::sql});
  host.now = 1000;
  int asked = 0;
  host.fails = [&](std::string_view, const host::effect&) {
    ++asked;
    return false;
  };
  const auto count = [&](millis to) {
    query::aggregate_question q;
    q.in.range = {0, to};
    const auto a = host.ask<query::aggregate_partial>("prj", operation::aggregate, q);
    REQUIRE(a);
    return a->groups.empty() ? 0 : a->groups[0].events;
  };
  const auto append = [&](millis at) {
    append_records request;
    request.events.emplace_back().timestamp = at;
    REQUIRE(host.ask<append_answer>("prj", operation::append, std::move(request)));
  };
  append(10);
  CHECK(count(20) == 1);
  asked = 0;
  CHECK(count(20) == 1);
  CHECK(count(30) == 1);
  CHECK(count(11) == 1);
  CHECK(asked == 0);
  CHECK(count(10) == 0);
  CHECK(asked > 0);
  append(15);
  CHECK(count(30) == 2);
  CHECK(count(15) == 1);
}
