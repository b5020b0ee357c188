#include "base/ids.h"

#include <algorithm>
#include <set>

#include "../catch.h"
#include "base/hash.h"

using namespace millimetric;

namespace {

// x for a hexadecimal digit, v for one of 8, 9, a, b; everything else stands for itself.
bool has_form(std::string_view text, std::string_view form) {
  const auto fits = [](char c, char f) {
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (f == 'x') return digit;
    if (f == 'v') return c == '8' || c == '9' || c == 'a' || c == 'b';
    return c == f;
  };
  return text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(), fits);
}

bool decodes(std::string_view text, std::string_view expected) {
  std::string bytes = "left over";
  return from_base64(text, bytes) && bytes == expected;
}

bool decodes_url(std::string_view text, std::string_view expected) {
  std::string bytes = "left over";
  return from_base64url(text, bytes) && bytes == expected;
}

}  // namespace

TEST_CASE("UUIDs have the forms of RFC 9562") {
  random_stream random("seed");
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string v7 = make_uuid_v7(1'795'176'000'000, random);
    const std::string v4 = make_uuid_v4(random);
    if (!has_form(v7, "01a1f8d3-ea00-7xxx-vxxx-xxxxxxxxxxxx")) FAIL(v7);
    if (!has_form(v4, "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx")) FAIL(v4);
    seen.insert(v7);
    seen.insert(v4);
  }
  CHECK(seen.size() == 2000);
}

TEST_CASE("a version 7 UUID starts with its time in milliseconds, so they sort by it") {
  random_stream random("seed");
  CHECK(make_uuid_v7(0x0123456789AB, random).substr(0, 13) == "01234567-89ab");
  CHECK(make_uuid_v7(1'000, random) < make_uuid_v7(1'001, random));
}

TEST_CASE("a random stream depends on the first 32 bytes of its seed, and on each of them") {
  const std::string zeros(32, '\0');
  const auto first = [](std::string_view seed) { return random_stream(seed).next(); };
  CHECK(first(zeros) == first(""));
  CHECK(first(zeros) == first(zeros + "more"));
  std::set<std::uint64_t> seen{first(zeros)};
  for (std::size_t i = 0; i < zeros.size(); ++i) {
    std::string seed = zeros;
    seed[i] = 1;
    random_stream r(seed);
    // The first number mixes two of the four words; the fifth has seen all of them.
    for (int n = 0; n < 4; ++n) static_cast<void>(r.next());
    seen.insert(r.next());
  }
  CHECK(seen.size() == 33);
}

TEST_CASE("hexadecimal is lower-case, two digits a byte") {
  CHECK(to_hex("").empty());
  CHECK(to_hex({"\x00\x0F\xA0\xFF", 4}) == "000fa0ff");
}

TEST_CASE("base64 is taken in its canonical form only") {
  CHECK(decodes("", ""));
  CHECK(decodes("Zg==", "f"));
  CHECK(decodes("Zm8=", "fo"));
  CHECK(decodes("Zm9v", "foo"));
  CHECK(decodes("Zm9vYmE=", "fooba"));
  CHECK(decodes("+/+/", "\xFB\xFF\xBF"));
  std::string bytes;
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "Z===", "====", "=",
        "Zh==", "Zm9=", "Zm9v=", "Zm9v====", "Z g==", "Zg==\n", "-_-_", "Zg==Zg==", "Zm8=Zm8="}) {
    INFO(text);
    CHECK_FALSE(from_base64(text, bytes));
  }
}

TEST_CASE("base64url goes without padding, both ways") {
  CHECK(to_base64url("").empty());
  CHECK(to_base64url("f") == "Zg");
  CHECK(to_base64url("fo") == "Zm8");
  CHECK(to_base64url("foo") == "Zm9v");
  CHECK(to_base64url("\xFB\xFF\xBF") == "-_-_");
  CHECK(decodes_url("Zm9vYmE", "fooba"));
  CHECK(decodes_url("-_-_", "\xFB\xFF\xBF"));
  std::string bytes;
  for (const std::string_view text : {"Zg==", "Z", "Zm9vY", "Zh", "Zm9", "+/+/", "Zg ", "Z.g"}) {
    INFO(text);
    CHECK_FALSE(from_base64url(text, bytes));
  }
}

TEST_CASE("every byte string survives base64url") {
  random_stream random("bytes");
  for (std::size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random.next());
    if (!decodes_url(to_base64url(bytes), bytes)) FAIL(to_hex(bytes));
  }
}

TEST_CASE("the hash of text never changes, for sketches are kept") {
  CHECK(hash64("") == 0x2D06800538D394C2ULL);
  CHECK(hash64("a") == 0xE6C632B61E964E1FULL);
  CHECK(hash64("abc") == 0x78AF5F94892F3950ULL);
}
