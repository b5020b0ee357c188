#include "json/reader.h"

#include "../catch.h"

using namespace millimetric;

namespace {

struct parsing {
  json::parser_pool pool;
  json::half_pairs how = json::half_pairs::refused;
  // The document, compact, or the error's message.
  std::string of(std::string_view text) {
    json::parser_lease parser = pool.lease();
    const auto document = parser.parse(text, how);
    return document ? json::to_text(*document) : "error: " + document.error().message;
  }
};

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + '1' + std::string(levels, ']');
}

}  // namespace

TEST_CASE("a document is read and written back compactly, numbers as JavaScript writes them") {
  parsing p;
  CHECK(p.of(" { \"a\" : [ 1 , 2.0 , 2.50 , 1e2 , -0.0 , true , false , null ] , \"\" : { } } ") ==
        R"({"a":[1,2,2.5,100,-0.0,true,false,null],"":{}})");
  CHECK(p.of("[9007199254740991.0,-9007199254740991.0,9007199254740992.0]") ==
        "[9007199254740991,-9007199254740991,9.007199254740992e+15]");
  CHECK(p.of("18446744073709551615") == "18446744073709551615");
  CHECK(p.of("-9223372036854775808") == "-9223372036854775808");
  // Hidden characters, here U+202E and DEL, are kept as they were sent, and measured so.
  CHECK(p.of(R"("\u00e9\ud83d\ude00\n\u202e\u007f")") ==
        "\"\xC3\xA9\xF0\x9F\x98\x80\\n\xE2\x80\xAE\x7F\"");
}

TEST_CASE("what is not JSON is refused in the same words on every machine") {
  parsing p;
  for (const std::string_view text :
       {"{", "[1,]", "{\"a\"}", "{'a':1}", "nul", "01", "1 2", "\"a", "\"\n\"", "\"\xFF\"",
        "\"\xED\xA0\x80\"", R"("\ud800")", "NaN", "{\"a\":1}x", "1e400", "99999999999999999999999x",
        "\xEF"}) {
    INFO(text);
    CHECK(p.of(text) ==
          "error: The body is not valid JSON; check its quotes, commas, brackets and escapes, that "
          "it is UTF-8, and that no number is beyond 1.7e308.");
  }
  for (const std::string_view text : {"", " ", "\r\n"})
    CHECK(p.of(text) == "error: The body is empty; send one JSON document.");
}

TEST_CASE("what takes most room of all documents is read, large or small") {
  parsing p;
  for (const std::string_view item :
       {"7", "[7]", "[[7],[7]]", "\"\"", "[]", "{\"\":7}", "{\"\":[7,7]}", "[1.5,true,null]"}) {
    std::string text = "[" + std::string(item);
    for (const std::size_t bytes : {1'000UL, 65'536UL, 200'000UL}) {
      INFO(item << ", " << bytes << " bytes");
      while (text.size() < bytes) text.append(",").append(item);
      CHECK(p.of(text + "]") == text + "]");
      CHECK(p.of("\xEF\xBB\xBF" + text + "]") == text + "]");
      for (const std::string_view broken : {"", ",", "7", "]]", "]7", "}"})
        CHECK(p.of(text + std::string(broken)).starts_with("error: The body is not valid JSON"));
    }
  }
}

TEST_CASE("strings of a document stay when it ends, large or small") {
  json::parser_pool pool;
  for (const std::size_t spaces : {0UL, 100'000UL}) {
    const std::string text = "[\"kept\"" + std::string(spaces, ' ') + "]";
    json::parser_lease parser = pool.lease();
    const auto document = parser.parse(text);
    REQUIRE(document);
    std::string_view kept;
    json::array items;
    REQUIRE(json::as_array(*document, items));
    REQUIRE(json::as_string(*items.begin(), kept));
    parser.keep_strings();
    CHECK(kept == "kept");
  }
}

TEST_CASE("an integer of more than 64 bits is read as the nearest double") {
  parsing p;
  CHECK(p.of("[18446744073709551616,-9223372036854775809]") ==
        "[1.8446744073709552e+19,-9.223372036854776e+18]");
  CHECK(p.of("100000000000000000000") == "1e+20");
  CHECK(p.of(R"({"\"99999999999999999999999":["99999999999999999999999",)"
             R"(123456789012345678901234567890,18446744073709551615,1.5e3]})") ==
        R"({"\"99999999999999999999999":["99999999999999999999999",)"
        R"(1.2345678901234568e+29,18446744073709551615,1500]})");
  const std::string longest = "1" + std::string(308, '0');
  CHECK(p.of(longest) == "1e+308");
  CHECK(p.of(longest + "0").starts_with("error: "));
}

TEST_CASE("half a surrogate pair is the replacement character, where it is not refused") {
  parsing p;
  p.how = json::half_pairs::replaced;
  const std::string_view replaced = "\xEF\xBF\xBD";
  const auto text = [&](std::string_view before, std::string_view behind) {
    return '"' + std::string(before) + std::string(replaced) + std::string(behind) + '"';
  };
  CHECK(p.of(R"("\ud800")") == text("", ""));
  CHECK(p.of(R"("caf\uD83D")") == text("caf", ""));
  CHECK(p.of(R"("\udE00!")") == text("", "!"));
  CHECK(p.of(R"("\ud83dx\ude00")") == text("", "x" + std::string(replaced)));
  CHECK(p.of(R"("\ud83d\ud83d\ude00")") == text("", "\xF0\x9F\x98\x80"));
  CHECK(p.of(R"("\\ud83d\ud83d")") == text(R"(\\ud83d)", ""));
  CHECK(p.of(R"({"a":"\ud83d","b":18446744073709551616})") ==
        R"({"a":)" + text("", "") + R"(,"b":1.8446744073709552e+19})");
  CHECK(p.of(R"("\ud83d)").starts_with("error: The body is not valid JSON"));
  CHECK(p.of(R"("\ud83d\u12")").starts_with("error: The body is not valid JSON"));
}

TEST_CASE("of members of one name the last one is written") {
  parsing p;
  CHECK(p.of(R"({"a":1,"b":2,"a":{"c":3,"c":4}})") == R"({"b":2,"a":{"c":4}})");
  std::string many = "{";
  std::string last;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "\"k" + std::to_string(i % 20) + "\":";
    many += name + std::to_string(i) + (i < 39 ? "," : "}");
    if (i >= 20) last += name + std::to_string(i) + (i < 39 ? "," : "}");
  }
  CHECK(p.of(many) == "{" + last);
}

TEST_CASE("nesting is read to its limit, and beyond it refused by name") {
  parsing p;
  CHECK(p.of(nested(json::max_depth)) == nested(json::max_depth));
  CHECK(p.of(nested(json::max_depth + 1)) ==
        "error: The JSON is nested deeper than 512 levels; flatten it.");
  CHECK(p.of(nested(100'000)) == "error: The JSON is nested deeper than 512 levels; flatten it.");
}

TEST_CASE("a parser serves again after a refusal, and after documents of any size") {
  parsing p;
  const std::string large = "[\"" + std::string(1'000'000, 'x') + "\"]";
  for (int round = 0; round < 3; ++round) {
    CHECK(p.of("[") != "[");
    CHECK(p.of(large) == large);
    CHECK(p.of("[1]") == "[1]");
    CHECK(p.of(nested(600)) != nested(600));
    CHECK(p.of(nested(500)) == nested(500));
  }
}

TEST_CASE("several parsers are lent at once, each with its own document") {
  json::parser_pool pool;
  json::parser_lease first = pool.lease();
  json::parser_lease second = pool.lease();
  const auto one = first.parse("[1]");
  const auto two = second.parse("[2]");
  REQUIRE((one && two));
  CHECK(json::to_text(*one) == "[1]");
  CHECK(json::to_text(*two) == "[2]");
}

TEST_CASE("lookups give nothing instead of failing") {
  json::parser_pool pool;
  json::parser_lease parser = pool.lease();
  const auto document = parser.parse(R"({"s":"text","o":{},"a":[],"n":1,"z":null,"b":true})");
  REQUIRE(document);
  json::object o;
  REQUIRE(json::as_object(*document, o));
  json::element e;
  std::string_view text;
  json::array list;
  CHECK_FALSE(json::find(o, "missing", e));
  REQUIRE(json::find(o, "s", e));
  CHECK(json::as_string(e, text));
  CHECK(text == "text");
  CHECK_FALSE(json::as_object(e, o));
  CHECK_FALSE(json::as_array(e, list));
  const auto kind = [&](std::string_view name) {
    REQUIRE(json::find(o, name, e));
    return json::kind_of(e);
  };
  CHECK(kind("s") == "a string");
  CHECK(kind("o") == "an object");
  CHECK(kind("a") == "an array");
  CHECK(kind("n") == "a number");
  CHECK(kind("z") == "null");
  CHECK(kind("b") == "a boolean");
}
