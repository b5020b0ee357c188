#include "json/arguments.h"

#include "../catch.h"

using namespace millimetric;
using json::argument;
using json::arguments;

namespace {

// Arguments of a tool call, with the document that they were read from.
struct given {
  explicit given(std::string_view text) : parser(pool.lease()) {
    const auto document = parser.parse(text);
    REQUIRE(document);
    REQUIRE(json::as_object(*document, members));
    in.emplace(&members, pool);
  }
  arguments* operator->() { return &*in; }

  json::parser_pool pool;
  json::parser_lease parser;
  json::object members;
  std::optional<arguments> in;
};

using texts = std::vector<std::string>;
const texts colours{"red", "green"};

std::string message(given& g, std::string_view name) {
  const std::string details = g->errors().details();
  json::parser_lease parser = g.pool.lease();
  const auto document = parser.parse(details);
  REQUIRE(document);
  std::string_view first;
  const auto at = document->at_pointer("/fieldErrors/" + std::string(name) + "/0");
  return at.get(first) ? "no message" : std::string(first);
}

}  // namespace

TEST_CASE("absent and null arguments are not given, and never an error") {
  given g(R"({"a":null})");
  CHECK_FALSE(g->has("a"));
  CHECK_FALSE(g->text("a", 5));
  CHECK_FALSE(g->choice("a", colours));
  CHECK_FALSE(g->integer("a", 1, 5));
  CHECK_FALSE(g->time("missing"));
  CHECK_FALSE(g->duration("missing"));
  CHECK_FALSE(g->texts("missing", 5, 5, arguments::commas::separate));
  CHECK_FALSE(g->object("missing"));
  CHECK(g->errors().empty());
}

TEST_CASE("whole numbers are taken in every spelling that clients use") {
  for (const std::string_view json : {"7", "7.0", "\"7\"", "\" 7 \"", "\"7.0\"", "0.7e1"}) {
    INFO(json);
    given g("{\"n\":" + std::string(json) + "}");
    CHECK(g->integer("n", 1, 10) == 7);
    CHECK(g->errors().empty());
  }
}

TEST_CASE("other numbers are refused, never clamped, with what is allowed and what was got") {
  struct sample {
    std::string_view json, got;
  };
  const sample samples[] = {
      {.json = "0", .got = "0"},
      {.json = "11", .got = "11"},
      {.json = "-7", .got = "-7"},
      {.json = "7.5", .got = "7.5"},
      {.json = "1e300", .got = "1e+300"},
      {.json = "18446744073709551615", .got = "18446744073709551615"},
      {.json = "\"7.5\"", .got = "\"7.5\""},
      {.json = "\"lots\"", .got = "\"lots\""},
      {.json = "\"\"", .got = "\"\""},
      {.json = "true", .got = "true"},
      {.json = "[7]", .got = "a list"},
      {.json = "{}", .got = "an object"},
  };
  for (const sample& s : samples) {
    INFO(s.json);
    given g("{\"n\":" + std::string(s.json) + "}");
    CHECK_FALSE(g->integer("n", 1, 10));
    CHECK(message(g, "n") == "must be a whole number from 1 to 10; got " + std::string(s.got));
  }
}

TEST_CASE("texts have a least and a largest length, in code points") {
  given g(
      R"({"a":"ab","b":"\u00e9\u00e9\u00e9","c":"abcd","d":"","e":5,"f":true,"g":["x"],"h":{}})");
  CHECK(g->text("a", 3) == "ab");
  CHECK(g->text("b", 3) == "\xC3\xA9\xC3\xA9\xC3\xA9");
  CHECK(g->text("e", 3) == "5");
  CHECK(g->errors().empty());
  CHECK_FALSE(g->text("c", 3));
  CHECK(message(g, "c") == "must have 1 to 3 characters; got 4");
  CHECK_FALSE(g->text("d", 3));
  CHECK(message(g, "d") == "must have 1 to 3 characters; got 0");
  CHECK(g->is_empty_text("d"));
  CHECK_FALSE(g->is_empty_text("a"));
  CHECK_FALSE(g->is_empty_text("missing"));
  CHECK_FALSE(g->text("f", 3));
  CHECK(message(g, "f") == "must be a string; got true");
  CHECK_FALSE(g->text("g", 3));
  CHECK(message(g, "g") == "must be a string; got a list");
  CHECK_FALSE(g->text("h", 3));
  CHECK(message(g, "h") == "must be a string; got an object");
}

TEST_CASE("a choice ignores case and surrounding spaces") {
  given g(R"({"a":"red","b":" GREEN ","c":"blue","d":5,"e":["red"]})");
  CHECK(g->choice("a", colours) == "red");
  CHECK(g->choice("b", colours) == "green");
  CHECK(g->errors().empty());
  CHECK_FALSE(g->choice("c", colours));
  CHECK(message(g, "c") == R"(must be one of "red" or "green"; got "blue")");
  CHECK_FALSE(g->choice("d", colours));
  CHECK(message(g, "d") == R"(must be one of "red" or "green"; got 5)");
  CHECK_FALSE(g->choice("e", colours));
  CHECK(message(g, "e") == R"(must be one of "red" or "green"; got a list)");
}

TEST_CASE("times and durations are texts of their forms") {
  given g(R"({"t":"2026-11-20","old":"1969-12-31","older":"1969-12-31","u":"soon",)"
          R"("v":1795176000000,"d":"7d","e":"7 days","f":7})");
  CHECK(g->time("t") == parse_iso8601("2026-11-20"));
  CHECK(g->time("old") == -day_ms);
  CHECK(g->duration("d") == 7 * day_ms);
  CHECK(g->errors().empty());
  const std::string time =
      R"(must be an ISO 8601 date or time such as "2026-01-31" or "2026-01-31T12:00:00Z"; got )";
  CHECK_FALSE(g->time("u"));
  CHECK(message(g, "u") == time + "\"soon\"");
  CHECK_FALSE(g->time("v"));
  CHECK(message(g, "v") == time + "1795176000000");
  CHECK_FALSE(g->time("older", arguments::times::since_1970));
  CHECK(message(g, "older") == R"(must not be before 1970; got "1969-12-31")");
  const std::string duration =
      R"(must be a whole number and a unit of s, m, h, d or w, such as "30m" or "7d", of at most )"
      "3660 days; got ";
  CHECK_FALSE(g->duration("e"));
  CHECK(message(g, "e") == duration + "\"7 days\"");
  CHECK_FALSE(g->duration("f"));
  CHECK(message(g, "f") == duration + "7");
}

TEST_CASE("lists are taken as arrays, JSON texts, single values and comma lists") {
  struct sample {
    std::string_view json;
    texts with_commas, as_text;
  };
  const sample samples[] = {
      {.json = R"(["a","b"])", .with_commas = {"a", "b"}, .as_text = {"a", "b"}},
      {.json = R"("[\"a\",\"b\"]")", .with_commas = {"a", "b"}, .as_text = {"a", "b"}},
      {.json = R"(" [\"a\"]")", .with_commas = {"a"}, .as_text = {"a"}},
      {.json = R"("a")", .with_commas = {"a"}, .as_text = {"a"}},
      {.json = R"("a, b,,c")", .with_commas = {"a", "b", "c"}, .as_text = {"a, b,,c"}},
      {.json = R"(["a,b"," c "])", .with_commas = {"a", "b", "c"}, .as_text = {"a,b", " c "}},
      {.json = "5", .with_commas = {"5"}, .as_text = {"5"}},
      {.json = "[5,\"x\",1.5]", .with_commas = {"5", "x", "1.5"}, .as_text = {"5", "x", "1.5"}},
      {.json = R"("[not a list")", .with_commas = {"[not a list"}, .as_text = {"[not a list"}},
      {.json = R"([""])", .with_commas = {""}, .as_text = {""}},
      {.json = R"("")", .with_commas = {""}, .as_text = {""}},
      {.json = R"(["","a"])", .with_commas = {"", "a"}, .as_text = {"", "a"}},
  };
  for (const sample& s : samples) {
    INFO(s.json);
    given g("{\"l\":" + std::string(s.json) + "}");
    CHECK(g->texts("l", 3, 20, arguments::commas::separate) == s.with_commas);
    CHECK(g->texts("l", 3, 20, arguments::commas::are_text) == s.as_text);
    CHECK(g->errors().empty());
  }
}

TEST_CASE("lists of the wrong size or with other items are refused") {
  struct sample {
    std::string_view json, message;
  };
  const sample samples[] = {
      {.json = "[]", .message = "must have 1 to 3 values; got 0"},
      {.json = R"(" , ")", .message = R"(must not have a blank value; got " , ")"},
      {.json = R"(" ")", .message = R"(must not have a blank value; got " ")"},
      {.json = R"(["a"," "])", .message = R"(must not have a blank value; got " ")"},
      {.json = R"("a,b,c,d")", .message = "must have 1 to 3 values; got 4"},
      {.json = R"(["a,b","c,d"])", .message = "must have 1 to 3 values; got 4"},
      {.json = R"(["a",true])", .message = "must be a string or a list of strings; got true"},
      {.json = R"(["a",null])", .message = "must be a string or a list of strings; got null"},
      {.json = R"([["a"]])", .message = "must be a string or a list of strings; got a list"},
      {.json = R"({"a":1})", .message = "must be a string or a list of strings; got an object"},
      {.json = "false", .message = "must be a string or a list of strings; got false"},
      {.json = R"(["abcdef"])", .message = "must have 1 to 5 characters; got 6"},
      {.json = R"("a,b,cdefgh")", .message = "must have 1 to 5 characters; got 6"},
  };
  for (const sample& s : samples) {
    INFO(s.json);
    given g("{\"l\":" + std::string(s.json) + "}");
    CHECK_FALSE(g->texts("l", 3, 5, arguments::commas::separate));
    CHECK(message(g, "l") == s.message);
  }
}
