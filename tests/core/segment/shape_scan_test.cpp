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

TEST_CASE("of very many names the rare ones are dropped") {
  shape_table shapes;
  for (std::size_t i = 0; i < 2 * shape_table::most_names; ++i) {
    shapes.count("rare " + std::to_string(i), 1, 1, 2);
    shapes.count("usual " + std::to_string(i % 100), 1, 1, 2);
    CHECK(shapes.names() <= shape_table::most_names);
  }
  shapes.note_properties("usual 1", R"({"k":1})");
  shapes.note_properties("rare 1", R"({"k":1})");
  const query::schema_partial found = shapes.take();
  REQUIRE(found.events.size() >= 100);
  CHECK(found.events.size() <= query::most_shapes);
  for (std::size_t i = 0; i < 100; ++i) {
    const query::event_shape& e = found.events[i];
    CHECK(e.event_name.starts_with("usual "));
    CHECK(e.count >= 2 * shape_table::most_names / 100 - 1);
    CHECK(e.properties.size() == (e.event_name == "usual 1" ? 1 : 0));
  }
}

TEST_CASE("properties of all names are listed as far as there is room for them") {
  shape_table shapes;
  std::size_t sent = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    const std::string name = "e" + std::to_string(i);
    shapes.count(name, 1, 1, 2);
    for (std::size_t k = 0; k < query::most_properties; ++k) {
      const std::string key = std::to_string(k) + std::string(400, 'k');
      shapes.note_properties(name, "{\"" + key + "\":1}");
      sent += key.size();
    }
  }
  REQUIRE(sent > 2 * shape_table::most_property_bytes);
  std::size_t listed = 0;
  for (const query::event_shape& e : shapes.take().events)
    for (const query::property_shape& p : e.properties) listed += p.key.size();
  CHECK(listed < shape_table::most_property_bytes);
  CHECK(listed > shape_table::most_property_bytes / 2);
}
