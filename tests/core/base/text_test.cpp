#include "base/text.h"

#include "../catch.h"

using namespace millimetric;

TEST_CASE("UTF-8 is well-formed as RFC 3629 has it") {
  struct sample {
    std::string_view bytes;
    bool good;
  };
  const sample samples[] = {
      {.bytes = "", .good = true},
      {.bytes = "plain", .good = true},
      {.bytes = {"\0", 1}, .good = true},
      {.bytes = "\x7F", .good = true},
      {.bytes = "\xC2\x80", .good = true},
      {.bytes = "\xDF\xBF", .good = true},
      {.bytes = "\xE0\xA0\x80", .good = true},
      {.bytes = "\xED\x9F\xBF", .good = true},
      {.bytes = "\xEE\x80\x80", .good = true},
      {.bytes = "\xEF\xBF\xBF", .good = true},
      {.bytes = "\xF0\x90\x80\x80", .good = true},
      {.bytes = "\xF4\x8F\xBF\xBF", .good = true},
      {.bytes = "\x80", .good = false},              // a continuation alone
      {.bytes = "\xC0\xAF", .good = false},          // overlong
      {.bytes = "\xC1\xBF", .good = false},          // overlong
      {.bytes = "\xE0\x9F\xBF", .good = false},      // overlong
      {.bytes = "\xF0\x8F\xBF\xBF", .good = false},  // overlong
      {.bytes = "\xED\xA0\x80", .good = false},      // a surrogate
      {.bytes = "\xED\xBF\xBF", .good = false},      // a surrogate
      {.bytes = "\xF4\x90\x80\x80", .good = false},  // above U+10FFFF
      {.bytes = "\xF5\x80\x80\x80", .good = false},
      {.bytes = "\xFF", .good = false},
      {.bytes = "\xC2", .good = false},  // cut short
      {.bytes = "\xE2\x82", .good = false},
      {.bytes = "\xF0\x9F\x98", .good = false},
      {.bytes = "a\xC2z", .good = false},
      {.bytes = "\xE2\x82z", .good = false},
  };
  for (const sample& s : samples) {
    INFO(s.bytes);
    const std::string exact(s.bytes);  // on the heap to the byte, so that overreads are seen
    CHECK(is_utf8(exact) == s.good);
  }
}

TEST_CASE("lengths count code points, and long values are cut between them") {
  CHECK(count_code_points("") == 0);
  CHECK(count_code_points("abc") == 3);
  CHECK(count_code_points("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") == 3);
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("abcd", 3) == "abc...");
  CHECK(shortened("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 3) ==
        "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  CHECK(shortened("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 2) == "\xC3\xA9\xE2\x82\xAC...");
  CHECK(shortened(std::string(61, 'x')) == std::string(60, 'x') + "...");
}

TEST_CASE("a text fits to its last code point") {
  const std::string two_bytes_each = "\xC3\xA9\xC3\xA9\xC3\xA9";
  CHECK(fits(two_bytes_each, 3));
  CHECK_FALSE(fits(two_bytes_each, 2));
  CHECK(fits("abc", 3));
  CHECK_FALSE(fits("abc", 2));
  CHECK(fits("", 0));
}

TEST_CASE("trimming, case and splitting know ASCII only") {
  CHECK(trim(" \t\r\n\f\va b \n") == "a b");
  CHECK(trim(" \t ").empty());
  CHECK(to_lower("AbZ-\xC3\x89") == "abz-\xC3\x89");
  CHECK(equals_ignoring_case("Bearer", "bEARER"));
  CHECK_FALSE(equals_ignoring_case("Bearer", "Bearers"));
  CHECK_FALSE(equals_ignoring_case("@", "`"));  // 32 apart, and no letters
  CHECK(split("a, b ,,c,", ',') == std::vector<std::string_view>{"a", "b", "c"});
  CHECK(split("a", ',') == std::vector<std::string_view>{"a"});
  CHECK(split(" , ,", ',').empty());
}

TEST_CASE("whole numbers are read exactly or not at all") {
  CHECK(parse_integer("0") == 0);
  CHECK(parse_integer("-7") == -7);
  CHECK(parse_integer("9223372036854775807") == INT64_MAX);
  CHECK(parse_integer("-9223372036854775808") == INT64_MIN);
  for (const std::string_view text :
       {"", " 7", "7 ", "+7", "7.0", "1e3", "0x10", "9223372036854775808", "seven", "-"}) {
    INFO(text);
    CHECK_FALSE(parse_integer(text));
  }
}

TEST_CASE("the nearest names are found, and only near ones") {
  using names = std::vector<std::string>;
  const names events{"signup_completed", "signup_started", "purchase", "$pageview", "login"};
  struct sample {
    std::string_view typed;
    names nearest;
  };
  const sample samples[] = {
      {.typed = "purchse", .nearest = {"purchase"}},
      {.typed = "PURCHASE", .nearest = {"purchase"}},
      {.typed = "pruchase", .nearest = {"purchase"}},  // two letters swapped: one edit
      {.typed = "pageview", .nearest = {"$pageview"}},
      {.typed = "signup", .nearest = {"signup_started", "signup_completed"}},  // a part of them
      {.typed = "log", .nearest = {"login"}},
      {.typed = "refund", .nearest = {}},
      {.typed = "", .nearest = {}},
      {.typed = "?", .nearest = {}},  // as far from every other letter
  };
  for (const sample& s : samples) {
    INFO(s.typed);
    CHECK(nearest_names(s.typed, events) == s.nearest);
  }
  const names many{"aaaa", "aaab", "aaba", "abaa"};
  CHECK(nearest_names("aaaa", many) == names{"aaaa", "aaab", "aaba"});
  CHECK(nearest_names("aaaa", many, 1) == names{"aaaa"});
  CHECK(nearest_names(std::string(200, 'a'), names{std::string(200, 'a')}).empty());
}

TEST_CASE("names are listed for a person") {
  using names = std::vector<std::string>;
  CHECK(quoted_list(names{}).empty());
  CHECK(quoted_list(names{"a"}) == R"("a")");
  CHECK(quoted_list(names{"a", "b"}) == R"("a" or "b")");
  CHECK(quoted_list(names{"a", "b", "c"}, " and ") == R"("a", "b" and "c")");
}

TEST_CASE("secrets are equal only when every byte is") {
  CHECK(equals_in_constant_time("", ""));
  CHECK(equals_in_constant_time("secret", "secret"));
  CHECK_FALSE(equals_in_constant_time("secret", "secres"));
  CHECK_FALSE(equals_in_constant_time("secret", "tecret"));
  CHECK_FALSE(equals_in_constant_time("secret", "secret "));
  CHECK_FALSE(equals_in_constant_time("secret", ""));
}
