#include "json/writer.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <limits>
#include <utility>

#include "../catch.h"
#include "base/ids.h"
#include "json/reader.h"

using namespace millimetric;

namespace {

std::string number(double v) {
  std::string out;
  json::writer(out).number(v);
  return out;
}

// A code point in UTF-8.
std::string utf8(unsigned point) {
  const auto byte = [](unsigned b) { return static_cast<char>(b); };
  if (point < 0x80) return {byte(point)};
  if (point < 0x800) return {byte(0xC0 | point >> 6), byte(0x80 | (point & 0x3F))};
  if (point < 0x10000)
    return {byte(0xE0 | point >> 12), byte(0x80 | (point >> 6 & 0x3F)),
            byte(0x80 | (point & 0x3F))};
  return {byte(0xF0 | point >> 18), byte(0x80 | (point >> 12 & 0x3F)),
          byte(0x80 | (point >> 6 & 0x3F)), byte(0x80 | (point & 0x3F))};
}

std::string escape(unsigned point) {
  if (point > 0xFFFF)
    return escape(0xD800 + ((point - 0x10000) >> 10)) + escape(0xDC00 + (point & 0x3FF));
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(digits[point >> shift & 0xF]);
  return out;
}

double double_of(std::uint64_t bits) {
  double v = 0;
  std::memcpy(&v, &bits, sizeof(v));
  return v;
}

}  // namespace

TEST_CASE("commas stand between members and items, and nowhere else") {
  std::string out;
  json::writer w(out);
  w.begin_object();
  w.key("a").begin_array().integer(1).string("x").null().begin_object().end_object().end_array();
  w.key("b").begin_object().key("c").boolean(true).key("d").boolean(false).end_object();
  w.key("e").begin_array().end_array();
  w.key("f").raw("[1,2]").key("g").optional_string(std::nullopt).key("h").optional_string("h");
  w.end_object();
  CHECK(out ==
        R"({"a":[1,"x",null,{}],"b":{"c":true,"d":false},"e":[],"f":[1,2],"g":null,"h":"h"})");
}

TEST_CASE("text with quotes, backslashes and controls is escaped the short way") {
  CHECK(json::quoted("\"\\/\b\f\n\r\t") == R"("\"\\/\b\f\n\r\t")");
  CHECK(json::quoted({"\0\x1B\x7F", 3}) == R"("\u0000\u001b\u007f")");
}

TEST_CASE("exactly the characters that nobody sees are escaped, in strings and in stored JSON") {
  const std::pair<unsigned, unsigned> hidden[] = {
      {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},   {0x200B, 0x200F}, {0x2028, 0x202E},
      {0x2060, 0x206F}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFB}, {0xE0000, 0xE0FFF},
  };
  const auto is_hidden = [&](unsigned p) {
    return std::any_of(std::begin(hidden), std::end(hidden),
                       [p](const auto& range) { return range.first <= p && p <= range.second; });
  };
  for (unsigned p = 0x20; p < 0xE2000; ++p) {
    if (p == '"' || p == '\\' || (p >= 0xD800 && p <= 0xDFFF)) continue;
    if (p >= 0x12000 && p < 0xDF000) continue;  // more of the same
    // Where a word of eight begins, in one, and where too few are left for one.
    const std::string expected = is_hidden(p) ? escape(p) : utf8(p);
    const std::string sent = utf8(p) + "12345" + utf8(p) + "1234567890" + utf8(p);
    const std::string text = expected + "12345" + expected + "1234567890" + expected;
    if (json::quoted(sent) != "\"" + text + "\"") FAIL(escape(p));
    if (p == 0x7F) continue;  // was always escaped in what is stored
    std::string stored;
    json::writer(stored).stored("{\"\\n" + sent + "\":\"\"}");
    if (stored != "{\"\\n" + text + "\":\"\"}") FAIL("stored " + escape(p));
  }
  SUCCEED("all of them");
}

TEST_CASE("controls, quotes and backslashes are found at every place of a long text") {
  const std::string plain = "The quick brown fox jumps over it";
  for (std::size_t at = 0; at <= plain.size(); ++at) {
    for (const auto& [c, escaped] :
         {std::pair('"', R"(\")"), std::pair('\\', R"(\\)"), std::pair('\n', R"(\n)"),
          std::pair('\x1F', R"(\u001f)"), std::pair('\x7F', R"(\u007f)")}) {
      const std::string before = plain.substr(0, at);
      const std::string behind = plain.substr(at);
      CHECK(json::quoted(before + c + behind) == "\"" + before + escaped + behind + "\"");
    }
  }
}

TEST_CASE("text that ends within a character is written as it is, and not read past its end") {
  for (const std::string_view cut : {"\xC2", "\xD8", "\xE2", "\xE2\x80", "\xE2\x81", "\xEF\xBB",
                                     "\xF0\x9F", "\xF3\xA0\x81", "\xC2x", "\xE2\x80\xC2"}) {
    const std::string exact(cut);
    CHECK(json::quoted(exact) == "\"" + exact + "\"");
  }
}

TEST_CASE("numbers are written in their shortest form") {
  struct sample {
    double v;
    std::string_view text;
  };
  const sample samples[] = {
      {.v = 0, .text = "0"},
      {.v = 1, .text = "1"},
      {.v = -17, .text = "-17"},
      {.v = 0.5, .text = "0.5"},
      {.v = 0.1, .text = "0.1"},
      {.v = 1.0 / 3.0, .text = "0.3333333333333333"},
      {.v = 2.0 / 3.0, .text = "0.6666666666666666"},
      {.v = 9007199254740991.0, .text = "9007199254740991"},
      {.v = 1e300, .text = "1e+300"},
      {.v = 5e-324, .text = "5e-324"},
      {.v = std::numeric_limits<double>::quiet_NaN(), .text = "null"},
      {.v = std::numeric_limits<double>::infinity(), .text = "null"},
      {.v = -std::numeric_limits<double>::infinity(), .text = "null"},
  };
  for (const sample& s : samples) CHECK(number(s.v) == s.text);
  std::string out;
  json::writer w(out);
  w.begin_array().integer(INT64_MIN).integer(INT64_MAX).unsigned_integer(UINT64_MAX).end_array();
  CHECK(out == "[-9223372036854775808,9223372036854775807,18446744073709551615]");
}

TEST_CASE("every finite double reads back as itself, from no more than 17 digits") {
  random_stream random("doubles");
  for (int i = 0; i < 20'000; ++i) {
    const double v = double_of(random.next());
    if (!std::isfinite(v)) continue;
    const std::string text = number(v);
    if (std::strtod(text.c_str(), nullptr) != v) FAIL(text);
    std::size_t digits = 0;
    for (const char c : text.substr(0, text.find('e'))) digits += c >= '0' && c <= '9' ? 1 : 0;
    if (digits > 17 && text.find('e') != std::string::npos) FAIL(text);
  }
  SUCCEED("all read back");
}
