#include "segment/shape_scan.h"

#include "../catch.h"

using namespace millimetric;
using namespace millimetric::segment;

TEST_CASE("so many properties of an event are listed, and no more") {
  constexpr std::size_t most = query::most_properties;
  shape_table shapes;
  shapes.count("e", most + 2, 1, 2);
  for (std::size_t i = 0; i < most + 2; ++i)
    shapes.note_properties("e", "{\"k" + std::to_string(i) + "\":1}");
  shapes.note_properties("e", R"({"k0":"text"})");
  const query::schema_partial found = shapes.take();
  REQUIRE(found.events.size() == 1);
  CHECK(found.events.front().properties.size() == most);
  CHECK(found.events.front().properties.front().types ==
        std::vector<std::string>{"number", "string"});
}

TEST_CASE("so many events are listed, the most frequent ones") {
  constexpr std::size_t most = query::most_shapes;
  shape_table shapes;
  for (std::size_t i = 0; i <= most; ++i) {
    const std::string name = "e" + std::to_string(i);
    shapes.count(name, i + 1, 1, 2);
    shapes.note_properties(name, R"({"k":1})");
  }
  const query::schema_partial found = shapes.take();
  REQUIRE(found.events.size() == most);
  CHECK(found.events.front().event_name == "e" + std::to_string(most));
  CHECK(found.events.back().event_name == "e1");
}
