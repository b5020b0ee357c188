#include "shards/merge.h"

#include "../catch.h"

using namespace millimetric;
using namespace millimetric::query;

TEST_CASE("funnels merge by their group, groups that only one side has included") {
  const auto all = shards::merge(std::vector<funnel_partial>{
      {{{"x", {3, 1}, {{}, {50}}}, {std::nullopt, {1, 0}, {{}, {}}}}},
      {{{"x", {2, 2}, {{}, {10, 20}}}, {"y", {1, 1}, {{}, {5}}}}},
  });
  REQUIRE(all);
  REQUIRE(all->groups.size() == 3);
  CHECK(all->groups[0].key == std::nullopt);
  CHECK(all->groups[1].visitors == std::vector<std::uint64_t>{5, 3});
  CHECK(all->groups[1].steps[1] == std::vector<std::int64_t>{50, 10, 20});
  CHECK(all->groups[2].key == "y");
}

TEST_CASE("funnels of too many groups together do not merge") {
  std::vector<funnel_partial> parts(2);
  for (std::size_t n = 0; n < max_groups; ++n)
    parts[n % 2].groups.push_back({"path-" + std::to_string(n), {1}, {{}}});
  const auto most = shards::merge(parts);
  REQUIRE(most);
  CHECK(most->groups.size() == max_groups);
  parts[1].groups.push_back({"path-0", {1}, {{}}});  // one that there is already
  CHECK(shards::merge(parts));
  parts[1].groups.push_back({"one more", {1}, {{}}});
  const auto more = shards::merge(parts);
  REQUIRE_FALSE(more);
  CHECK(more.error().code == error_code::invalid_params);
}

TEST_CASE("a schema of several shards is no larger than one of a single store may be") {
  std::vector<schema_partial> parts(2);
  for (std::size_t n = 0; n < 2 * most_shapes; ++n)
    parts[n % 2].events.push_back({"event-" + std::to_string(n), n == 0 ? 7U : 1U, 0, 0, {}});
  for (std::size_t part = 0; part < parts.size(); ++part) {
    event_shape& shared = parts[part].events.emplace_back();
    shared.event_name = "shared";
    shared.count = 5;
    for (std::size_t n = 0; n < most_properties; ++n)
      shared.properties.push_back({std::to_string(part * most_properties / 2 + n), {"string"}});
  }
  const schema_partial all = shards::merge(std::move(parts));
  REQUIRE(all.events.size() == most_shapes);
  CHECK(all.events[0].event_name == "shared");
  CHECK(all.events[0].count == 10);
  CHECK(all.events[0].properties.size() == most_properties);
  CHECK(all.events[1].event_name == "event-0");
}
