#include "query/funnel_table.h"

#include <algorithm>
#include <map>
#include <vector>

#include "../../sql_store/funnel_definition.h"
#include "../catch.h"
#include "base/ids.h"

using namespace millimetric;
using query::funnel_event;
using query::funnel_partial;
using query::funnel_question;
using query::funnel_table;

namespace {

funnel_question three_steps(std::optional<millis> window) {
  funnel_question q;
  q.steps = {{"a", {}}, {"b", {}}, {"c", {}}};
  q.window = window;
  return q;
}

struct outcome {
  std::vector<std::uint64_t> visitors;
  std::vector<std::vector<std::int64_t>> steps;
  bool operator==(const outcome&) const = default;
};
using outcomes = std::map<std::optional<std::string>, outcome>;

outcomes sorted(funnel_partial p) {
  outcomes out;
  for (query::funnel_group& g : p.groups) {
    for (auto& durations : g.steps) std::sort(durations.begin(), durations.end());
    out[g.key] = {g.visitors, g.steps};
  }
  return out;
}

// Each visitor by themselves.
outcomes one_by_one(const std::vector<funnel_event>& events, const std::vector<std::string>& groups,
                    const query::funnel_shape& shape) {
  std::map<std::uint64_t, std::vector<funnel_event>> by_visitor;
  for (const funnel_event& e : events) by_visitor[e.visitor].push_back(e);
  outcomes out;
  for (const auto& [visitor, own] : by_visitor) {
    const std::vector<std::size_t> run = query::run_by_definition(own, shape);
    if (run.empty()) continue;
    outcome& o = out[groups[own[run.front()].group]];
    o.visitors.resize(shape.steps);
    o.steps.resize(shape.steps);
    for (std::size_t k = 0; k < run.size(); ++k) {
      ++o.visitors[k];
      if (k > 0) o.steps[k].push_back(own[run[k]].at - own[run[k - 1]].at);
    }
  }
  for (auto& [group, o] : out)
    for (auto& durations : o.steps) std::sort(durations.begin(), durations.end());
  return out;
}

// Of some hundred visitors, over months: longer than a note's 32 bits of milliseconds.
std::vector<funnel_event> random_funnel(random_stream& random, std::size_t groups) {
  std::vector<funnel_event> out;
  millis at = 1'700'000'000'000;
  for (std::size_t i = 0; i < 5000; ++i) {
    at += static_cast<millis>(random.next() % 100 == 0 ? 60 * day_ms : random.next() % 5000);
    const std::uint64_t visitor = (random.next() % 300 + 1) * 0x9E3779B97F4A7C15;
    out.push_back({at, visitor, static_cast<std::uint32_t>(random.next() % groups),
                   static_cast<std::uint32_t>(random.next() % 8)});
  }
  return out;
}

}  // namespace

TEST_CASE("visitors together come as far as each of them alone") {
  random_stream random(std::string(32, 's'));
  const std::vector<std::string> groups{"x", "y", "z"};
  for (const std::optional<millis> window :
       {std::optional<millis>(), std::optional<millis>(1000), std::optional<millis>(day_ms)}) {
    const std::vector<funnel_event> events = random_funnel(random, groups.size());
    funnel_table table(three_steps(window));
    for (std::uint32_t g = 0; g < groups.size(); ++g) REQUIRE(table.group(groups[g]) == g);
    // In two passes, as where there is too little memory for one.
    for (const bool odd : {false, true}) {
      std::vector<funnel_event> some;
      std::copy_if(events.begin(), events.end(), std::back_inserter(some),
                   [&](const funnel_event& e) { return (e.visitor >> 32 & 1U) == (odd ? 1 : 0); });
      REQUIRE(table.add(some));
      REQUIRE(table.count());
    }
    CHECK(sorted(table.take()) == one_by_one(events, groups, {3, window}));
  }
}

TEST_CASE("more visitors of one part than it has room for at first are all counted") {
  constexpr std::uint64_t count = 70'000;
  std::vector<funnel_event> events;
  for (std::uint64_t i = 0; i < 2 * count; ++i) {
    const std::uint64_t visitor = i % count * 0x9E3779B97F4A7C15 >> 7;  // the first of 128 parts
    const bool again = i >= count;
    if (!again || i % 3 == 0)
      events.push_back({static_cast<millis>(i), visitor, 0, again ? 2U : 1U});
  }
  funnel_table table(three_steps({}));
  REQUIRE(table.group({}).has_value());
  REQUIRE(table.add(events));
  REQUIRE(table.count());
  const query::funnel_partial counted = table.take();
  REQUIRE(counted.groups.size() == 1);
  CHECK(counted.groups.front().visitors ==
        std::vector<std::uint64_t>{count, events.size() - count, 0});
}

TEST_CASE("with a window a funnel takes as many events as it says, and one more is too many") {
  funnel_table table(three_steps(day_ms));
  REQUIRE(table.group({}).has_value());
  constexpr std::size_t at_once = 1UL << 16;
  const std::vector<funnel_event> same(at_once, {0, 7, 0, 1});
  std::size_t added = 0;
  for (; added + at_once <= funnel_table::max_events; added += at_once) REQUIRE(table.add(same));
  REQUIRE(table.add(std::span(same).first(funnel_table::max_events - added)));
  CHECK_FALSE(table.add(std::span(same).first(1)));
}

TEST_CASE("without a window a funnel takes any number of events, gone through in between") {
  random_stream random(std::string(32, 'w'));
  const std::vector<std::string> groups{"x", "y", "z"};
  const std::vector<funnel_event> events = random_funnel(random, groups.size());
  constexpr std::size_t at_once = 10;
  // With just the room for all visitors, and 10 events more: they may fill seven eighths.
  funnel_table table(three_steps({}), (300 + at_once) * 8 / 7 + 1);
  for (std::uint32_t g = 0; g < groups.size(); ++g) REQUIRE(table.group(groups[g]) == g);
  for (std::size_t i = 0; i < events.size(); i += at_once)
    REQUIRE(table.add(std::span(events).subspan(i, at_once)));
  REQUIRE(table.count());
  CHECK(sorted(table.take()) == one_by_one(events, groups, {3, {}}));
}

TEST_CASE("a pass of too many visitors leaves nothing in what is counted") {
  constexpr std::size_t most = 100;
  funnel_table table(three_steps({}), most);
  REQUIRE(table.group({}).has_value());
  const auto begin = [&](std::uint64_t visitor) {
    const funnel_event e{0, visitor * 0x9E3779B97F4A7C15, 0, 1};
    return table.add(std::span(&e, 1));
  };
  std::uint64_t visitor = 0;
  while (begin(visitor + 1)) ++visitor;
  CHECK(visitor == most);
  table.drop_pass();
  REQUIRE(begin(1));
  REQUIRE(table.count());
  CHECK(table.take().groups.front().visitors == std::vector<std::uint64_t>{1, 0, 0});
}

TEST_CASE("who has begun is kept with times up to the last there are") {
  constexpr millis last = query::end_of_time - 1;
  funnel_table table(three_steps({}), 4);
  REQUIRE(table.group({}).has_value());
  constexpr std::uint64_t visitor = ~std::uint64_t{0};
  const std::vector<funnel_event> first{{last - 5, visitor, 0, 1},
                                        {last - 4, visitor, 0, 1},
                                        {last - 4, visitor, 0, 1},
                                        {last - 3, visitor, 0, 2}};
  REQUIRE(table.add(first));
  const funnel_event third{last, visitor, 0, 4};
  REQUIRE(table.add(std::span(&third, 1)));
  REQUIRE(table.count());
  const query::funnel_partial counted = table.take();
  CHECK(counted.groups.front().visitors == std::vector<std::uint64_t>{1, 1, 1});
  CHECK(counted.groups.front().steps[1] == std::vector<std::int64_t>{2});
  CHECK(counted.groups.front().steps[2] == std::vector<std::int64_t>{3});
}

TEST_CASE("a funnel of more groups than there may be is refused with what to do") {
  funnel_table table(three_steps({}));
  for (std::size_t i = 0; i < query::max_groups; ++i)
    REQUIRE(table.group(std::to_string(i)).has_value());
  CHECK(table.group("7") == 7U);
  const auto refused = table.group("one more");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == error_code::invalid_params);
  CHECK(refused.error().message.find("narrow the range") != std::string::npos);
}

TEST_CASE("groups of a funnel with long values are fewer") {
  const funnel_question q = three_steps(std::nullopt);
  funnel_table t(q);
  const std::string text(1000, 'g');
  std::size_t made = 0;
  while (t.group(text + std::to_string(made))) ++made;
  CHECK(made > query::max_key_bytes / 2200);
  CHECK(made < query::max_key_bytes / 2000);
}
