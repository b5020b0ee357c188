#include "event/plain.h"

#include <string>

#include "../catch.h"

using namespace millimetric;
using event::plain_event;

namespace {

// A document and what is read from it.
struct reading {
  explicit reading(std::string_view json) : parser(pool.lease()) {
    const auto document = parser.parse(json);
    json::object sent;
    REQUIRE((document && json::as_object(*document, sent)));
    event = event::read_plain(sent);
  }
  json::parser_pool pool;
  json::parser_lease parser;
  std::optional<plain_event> event;
};

struct field {
  std::string_view name;
  plain_event::text plain_event::*member;
};

constexpr field fields[] = {
    {.name = "event", .member = &plain_event::event},
    {.name = "event_id", .member = &plain_event::event_id},
    {.name = "timestamp", .member = &plain_event::timestamp},
    {.name = "anonymous_id", .member = &plain_event::anonymous_id},
    {.name = "user_id", .member = &plain_event::user_id},
    {.name = "session_id", .member = &plain_event::session_id},
    {.name = "url", .member = &plain_event::url},
    {.name = "path", .member = &plain_event::path},
    {.name = "referrer", .member = &plain_event::referrer},
};

std::string with(std::string_view name, std::string_view value) {
  return "{\"" + std::string(name) + "\":" + std::string(value) + "}";
}

}  // namespace

TEST_CASE("every text of a plain event is found under its name, and no other") {
  for (const field& f : fields) {
    INFO(f.name);
    const reading r(with(f.name, "\"v\""));
    REQUIRE(r.event);
    for (const field& other : fields)
      CHECK((*r.event.*other.member).has_value() == (other.member == f.member));
    CHECK((*r.event.*f.member) == "v");
    CHECK_FALSE(r.event->properties);
    CHECK_FALSE(r.event->context);
  }
}

TEST_CASE("a plain event's texts are texts, and its objects objects") {
  for (const field& f : fields) {
    INFO(f.name);
    for (const std::string_view value : {"1", "1.5", "true", "[]", "{}"})
      CHECK_FALSE(reading(with(f.name, value)).event);
  }
  for (const std::string_view name : {"properties", "context"}) {
    INFO(name);
    CHECK(reading(with(name, "{}")).event);
    for (const std::string_view value : {"1", "\"{}\"", "true", "[]"})
      CHECK_FALSE(reading(with(name, value)).event);
  }
}

TEST_CASE("null is not sent, and of several values the last one counts") {
  for (const field& f : fields) {
    INFO(f.name);
    const reading nothing(with(f.name, "null"));
    REQUIRE(nothing.event);
    CHECK_FALSE((*nothing.event.*f.member).has_value());
    const std::string name(f.name);
    const reading twice("{\"" + name + "\":\"a\",\"" + name + "\":\"b\"}");
    REQUIRE(twice.event);
    CHECK((*twice.event.*f.member) == "b");
    const reading no_more("{\"" + name + "\":\"a\",\"" + name + "\":null}");
    REQUIRE(no_more.event);
    CHECK_FALSE((*no_more.event.*f.member).has_value());
  }
  CHECK_FALSE(reading(R"({"properties":null,"context":null})").event->properties);
}

TEST_CASE("what an event is not sent with may be anything") {
  const reading r(R"({"evant":1,"urls":[],"event_ids":{},"sessions_id":true,"propertie":1,"":2})");
  REQUIRE(r.event);
  CHECK_FALSE(r.event->event);
}
