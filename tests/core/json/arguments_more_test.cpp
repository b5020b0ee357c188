#include "../catch.h"
#include "json/arguments.h"

using namespace millimetric;
using json::argument;
using json::arguments;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;
using texts = std::vector<std::string>;

// The error details of a tool call with these arguments, once `read` has read them.
template <class Read>
std::string details_of(std::string_view text, Read read) {
  json::parser_pool pool;
  json::parser_lease parser = pool.lease();
  const auto document = parser.parse(text);
  json::object members;
  REQUIRE((document && json::as_object(*document, members)));
  arguments in(&members, pool);
  read(in);
  return in.errors().details();
}

std::string unknown(std::string_view text, const texts& known, const texts& ignored = {}) {
  return details_of(text, [&](arguments& in) { in.refuse_unknown(known, ignored); });
}

}  // namespace

TEST_CASE("an object is taken as itself or as JSON in a text, and keeps its JSON") {
  const auto compact = [](std::string_view text) {
    std::string out;
    const std::string details = details_of(text, [&](arguments& in) {
      const auto o = in.object("o");
      out = o ? o->text : "nothing";
    });
    return out + " " + details;
  };
  const std::string fine = R"( {"fieldErrors":{}})";
  CHECK(compact(R"({"o":{ "a" : [1, 2.0] }})") == R"({"a":[1,2]})" + fine);
  CHECK(compact(R"({"o":" {\"a\": 1}"})") == R"({"a":1})" + fine);
  CHECK(compact(R"({"o":{}})") == "{}" + fine);
  const auto refused = [](std::string_view got) {
    return R"(nothing {"fieldErrors":{"o":["must be a JSON object; got )" + std::string(got) +
           R"("]}})";
  };
  CHECK(compact(R"({"o":[1]})") == refused("a list"));
  CHECK(compact(R"({"o":5})") == refused("5"));
  CHECK(compact(R"({"o":"{\"a\""})") == refused(R"(\"{\\\"a\\\"\")"));
  CHECK(compact(R"({"o":"[1]"})") == refused(R"(\"[1]\")"));
}

TEST_CASE("unknown arguments are refused with the nearest known name") {
  const texts known{"limit", "from", "to"};
  CHECK(unknown(R"({"limit":1,"from":2})", known) == R"({"fieldErrors":{}})");
  CHECK(unknown(R"({"limt":1})", known) ==
        R"({"fieldErrors":{"limt":["unknown argument; did you mean \"limit\"? Allowed: )"
        R"(\"limit\", \"from\", \"to\""]}})");
  CHECK(unknown(R"({"colour":1})", known) ==
        R"({"fieldErrors":{"colour":["unknown argument; allowed: \"limit\", \"from\", \"to\""]}})");
  CHECK(unknown(R"({"colour":1})", {}) ==
        R"({"fieldErrors":{"colour":["unknown argument; this call takes none"]}})");
  CHECK(unknown(R"({"colour":1})", known, {"colour"}) == R"({"fieldErrors":{}})");
  CHECK(unknown(R"({"colour":null})", known, {"colour"}) == R"({"fieldErrors":{}})");
  CHECK(unknown(R"({"limit":null,"from":null})", known) == R"({"fieldErrors":{}})");
  CHECK(unknown(R"({"limt":null})", known) == unknown(R"({"limt":1})", known));
}

TEST_CASE("what other products call an argument is refused with ours, where it is known") {
  const texts known{"from", "to", "group_by", "limit", "project_slug", "project_ids"};
  const auto meant = [&](const std::string& name) {
    const std::string details = unknown("{\"" + name + "\":1}", known);
    const std::string_view before = "did you mean ";
    const std::size_t at = details.find(before);
    if (at == std::string::npos) return std::string();
    const std::size_t begin = at + before.size();
    return details.substr(begin, details.find('?', at) - begin);
  };
  CHECK(meant("start_date") == R"(\"from\")");
  CHECK(meant("since") == R"(\"from\")");
  CHECK(meant("Until") == R"(\"to\")");
  CHECK(meant("by") == R"(\"group_by\")");
  CHECK(meant("page_size") == R"(\"limit\")");
  CHECK(meant("slug") == R"(\"project_slug\")");
  CHECK(meant("project_slugs") == R"(\"project_slug\" for one, or for several \"project_ids\")");
  CHECK(meant("granularity") == "");  // no interval is known here
  CHECK(meant("events") == "");
  CHECK(meant("tz") == "");
}

TEST_CASE("members that an object lacks are refused like arguments") {
  const auto members = [](std::string_view text) {
    return details_of(text, [](arguments& in) {
      in.refuse_unknown_members("o", texts{"user_agent", "ip"});
    });
  };
  CHECK(members(R"({"o":{"ip":1,"user_agent":2}})") == R"({"fieldErrors":{}})");
  CHECK(members(R"({"o":null})") == R"({"fieldErrors":{}})");
  CHECK(members("{}") == R"({"fieldErrors":{}})");
  CHECK(members(R"({"o":{"useragent":1}})") ==
        R"({"fieldErrors":{"o.useragent":["unknown argument; did you mean \"user_agent\"? )"
        R"(Allowed: \"user_agent\", \"ip\""]}})");
}

TEST_CASE("of very many arguments, items and members only some are looked at") {
  std::string many;
  for (int i = 0; i < 50'000; ++i) many += "\"k" + std::to_string(i) + "\":[],";
  const std::string fields = unknown("{" + many + "\"a\":1}", {"a"});
  CHECK(fields.find("\"k19\":[\"unknown argument; allowed") != std::string::npos);
  CHECK(fields.find("\"k20\":[\"unknown argument, as are 49980 in all\"]") != std::string::npos);
  CHECK(fields.find("\"k21\"") == std::string::npos);

  std::string list = "0";
  for (int i = 1; i < 50'000; ++i) list += ",0";
  const auto texts_of = [](arguments& in) {
    static_cast<void>(in.texts("l", 100, 10, arguments::commas::separate));
  };
  CHECK(details_of("{\"l\":[" + list + "]}", texts_of) ==
        R"({"fieldErrors":{"l":["must have 1 to 100 values; got 2000 or more"]}})");
  const auto members_of = [](arguments& in) {
    const auto o = in.object("o");
    CHECK((o && o->names.size() == 2000));
  };
  details_of("{\"o\":{" + many + "\"a\":1}}", members_of);
}

TEST_CASE("a number whose digits are not all there is no text") {
  const auto text_of = [](arguments& in) { static_cast<void>(in.text("id", 100)); };
  for (const std::string_view number : {"18446744073709551615", "-7", "1.5"})
    CHECK(details_of("{\"id\":" + std::string(number) + "}", text_of) == R"({"fieldErrors":{}})");
  for (const std::string_view number : {"18446744073709551616", "1e300"})
    CHECK(details_of("{\"id\":" + std::string(number) + "}", text_of)
              .starts_with(R"({"fieldErrors":{"id":["must be a string; got )"));
}

TEST_CASE("every wrong field is named at once, in the order found") {
  const std::string details = details_of(R"({"a":0,"b":"","c":"x"})", [](arguments& in) {
    static_cast<void>(in.text("b", 3));
    static_cast<void>(in.integer("a", 1, 2));
    in.errors().add("b", "and another");
    static_cast<void>(in.duration("c"));
    CHECK(in.errors().has("a"));
    CHECK_FALSE(in.errors().has("d"));
  });
  CHECK(
      details ==
      R"({"fieldErrors":{"b":["must have 1 to 3 characters; got 0","and another"],)"
      R"("a":["must be a whole number from 1 to 2; got 0"],"c":["must be a whole number and a )"
      R"(unit of s, m, h, d or w, such as \"30m\" or \"7d\", of at most 3660 days; got \"x\""]}})");
}

TEST_CASE("long names and values are cut where they are echoed") {
  const std::string longest(500, 'x');
  const std::string details =
      details_of("{\"n\":\"" + longest + "\",\"" + longest + "\":1}", [](arguments& in) {
        static_cast<void>(in.integer("n", 1, 2));
        in.refuse_unknown(texts{"n"});
      });
  CHECK(details.size() < 400);
  CHECK(details.find(std::string(60, 'x') + "...") != std::string::npos);
  CHECK(details.find(std::string(61, 'x')) == std::string::npos);
}

TEST_CASE("of a repeated member the last one counts") {
  static_cast<void>(
      details_of(R"({"n":1,"n":2})", [](arguments& in) { CHECK(in.integer("n", 1, 2) == 2); }));
  static_cast<void>(
      details_of(R"({"n":1,"n":null})", [](arguments& in) { CHECK(in.given_as_null("n")); }));
}

TEST_CASE("query parameters are read as the same arguments") {
  json::parser_pool pool;
  arguments in(pairs{{"limit", "5"},
                     {"event", "a"},
                     {"event", "b"},
                     {"event", "c"},
                     {"steps", "[\"x\",{\"event\":\"y\"}]"},
                     {"metric", "Uniques"},
                     {"empty", ""}},
               pool);
  CHECK(in.integer("limit", 1, 10) == 5);
  CHECK(in.texts("event", 5, 5, arguments::commas::are_text) == texts{"a", "b", "c"});
  CHECK(in.choice("metric", texts{"uniques"}) == "uniques");
  const auto steps = in.items("steps", arguments::commas::separate);
  REQUIRE(steps);
  REQUIRE(steps->size() == 2);
  CHECK(steps->at(0).text == "x");
  CHECK(steps->at(1).is == argument::kind::object);
  CHECK(steps->at(1).names == texts{"event"});
  CHECK(steps->at(1).items.at(0).text == "y");
  CHECK(in.is_empty_text("empty"));
  CHECK(in.errors().empty());
}

TEST_CASE("a deeply nested argument is read in linear space") {
  std::string deep = R"({"o":)";
  for (int i = 0; i < 500; ++i) deep += R"({"k":)";
  deep += "1" + std::string(500, '}') + "}";
  const std::string details = details_of(deep, [&](arguments& in) {
    const auto o = in.object("o");
    REQUIRE(o);
    CHECK(o->text.size() == deep.size() - 6);
    std::size_t copied = 0;
    for (const argument* a = &*o; !a->items.empty(); a = &a->items.front())
      copied += a->items.front().text.size();
    CHECK(copied < 10);
  });
  CHECK(details == R"({"fieldErrors":{}})");
}
