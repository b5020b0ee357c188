#include "segment/text_list.h"

#include <algorithm>
#include <set>

#include "../catch.h"
#include "base/bytes.h"
#include "segment/format.h"

using namespace millimetric;
using namespace millimetric::segment;

namespace {

// A list of `count` empty texts, which takes 11 bytes whatever the count.
std::string empty_texts(std::uint32_t count) {
  std::string out;
  byte_writer w(out);
  w.u8(2);  // raw
  w.u32(count);
  w.u8(0);   // width of the lengths that are shared
  w.u8(0);   // and of the others
  w.u32(0);  // characters
  return out;
}

}  // namespace

TEST_CASE("a list is measured without being made") {
  const std::string uuid = "0190b3c2-7a54-7e11-8f00-000000000001";
  for (const std::vector<std::string_view>& values :
       {std::vector<std::string_view>{}, {"a", "ab", "abc", "b"}, {uuid}, {""}}) {
    texts made;
    const std::string list = encode_texts(values);
    REQUIRE(decode_texts(list, made));
    const auto sizes = measure_texts(list);
    REQUIRE(sizes);
    CHECK(sizes->count == made.size());
    CHECK(sizes->bytes == made.byte_size());
  }
  CHECK_FALSE(measure_texts(""));
  CHECK_FALSE(measure_texts(empty_texts(max_events + 1)));
}

TEST_CASE("a list with more texts than a segment has rows is none") {
  texts values;
  std::vector<std::uint64_t> hashes;
  CHECK(decode_texts(empty_texts(max_events), values));
  CHECK(values.size() == max_events);
  values.clear();
  CHECK_FALSE(decode_texts(empty_texts(max_events + 1), values));
  CHECK_FALSE(decode_texts(empty_texts(16'000'000), values));
  CHECK_FALSE(hash_texts(empty_texts(max_events + 1), hashes));
  CHECK(values.size() == 0);
}

TEST_CASE("a text has one key in lists of every kind, and different ones have different keys") {
  const std::string uuid = "0b4e34c5-9f2d-4a6e-8a53-1a2b3c4d5e6f";
  const std::string hash = "0b4e34c59f2d4a6e8a531a2b3c4d5e6f";  // the same 16 bytes
  const std::string upper = "0B4E34C5-9F2D-4A6E-8A53-1A2B3C4D5E6F";
  const std::string other = "0b4e34c5-9f2d-4a6e-8a53-1a2b3c4d5e70";
  const auto keys = [](std::vector<std::string_view> views) {
    std::vector<std::uint64_t> out;
    CHECK(key_texts(encode_texts(views), out));
    return out;
  };
  const auto mixed = keys({hash, uuid, other, upper, "a", ""});
  CHECK(std::set<std::uint64_t>(mixed.begin(), mixed.end()).size() == mixed.size());
  CHECK(keys({uuid, other}) == std::vector<std::uint64_t>{mixed[1], mixed[2]});
  CHECK(keys({hash}) == std::vector<std::uint64_t>{mixed[0]});
}

TEST_CASE("a text is found in a list, and texts are read by their places") {
  const std::vector<std::vector<std::string>> lists{
      {},
      {""},
      {"", "a", "ab", "abc", "abd", "b"},
      {"/", "/a", "/a/b", "/about", "/pricing", "/pricing/teams", "/z\xC3\xA9"},
      {"00000000-0000-4000-8000-000000000001", "0b4e34c5-9f2d-4a6e-8a53-1a2b3c4d5e6f",
       "ffffffff-ffff-4fff-bfff-ffffffffffff"},
      {"00000000000000000000000000000001", "abcdefabcdefabcdefabcdefabcdefab"},
  };
  std::vector<std::string> asked{"",       "0",   "a",         "aa",   "abc",
                                 "abcd",   "abe", "/pricin",   "zzzz", std::string("a\0b", 3),
                                 "/z\xC3", "b",   "/pricing/t"};
  for (const auto& list : lists) asked.insert(asked.end(), list.begin(), list.end());
  for (const auto& list : lists) {
    const std::vector<std::string_view> views(list.begin(), list.end());
    const std::string bytes = encode_texts(views);
    CHECK(count_texts(bytes) == list.size());
    for (const std::string& text : asked) {
      bool bad = false;
      const auto found = find_text(bytes, text, bad);
      const auto at = std::find(list.begin(), list.end(), text);
      CHECK_FALSE(bad);
      CHECK(found.has_value() == (at != list.end()));
      if (found) CHECK(*found == static_cast<std::size_t>(at - list.begin()));
    }
    std::vector<std::uint32_t> places;
    for (std::uint32_t i = 0; i < list.size(); i += 2) places.push_back(i);
    texts some;
    REQUIRE(decode_texts_at(bytes, places, some));
    REQUIRE(some.size() == places.size());
    for (std::size_t i = 0; i < places.size(); ++i) CHECK(some[i] == list[places[i]]);
    CHECK_FALSE(decode_texts_at(bytes, std::vector{static_cast<std::uint32_t>(list.size())}, some));
    bool bad = false;
    static_cast<void>(find_text(bytes.substr(0, bytes.size() - 1), "a", bad));
    CHECK(bad);
  }
}

TEST_CASE("many texts are found in a list of any order") {
  const std::vector<std::vector<std::string>> lists{
      {},
      {""},
      {"b", "", "abc", "b", "abd", "abcd", "xabcd", "ab"},
      {"a91f-1000", "a91f-1001", "a91f-1002", "a91f-1002", "77", "a91f-1000"},
      {"ffffffff-ffff-4fff-bfff-ffffffffffff", "0b4e34c5-9f2d-4a6e-8a53-1a2b3c4d5e6f"},
      {"abcdefabcdefabcdefabcdefabcdefab", "00000000000000000000000000000001"},
  };
  std::vector<std::string> asked{"", "b", "bcd", "zabcd", "abcd", "a91f-1003", "0-1002", "77"};
  for (const auto& list : lists) asked.insert(asked.end(), list.begin(), list.end());
  std::sort(asked.begin(), asked.end());
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  const std::vector<std::string_view> wanted(asked.begin(), asked.end());
  for (const auto& list : lists) {
    const std::string bytes = encode_texts(std::vector<std::string_view>(list.begin(), list.end()));
    std::vector<text_match> found;
    REQUIRE(find_texts(bytes, wanted, found));
    REQUIRE(found.size() == list.size());  // all of them are wanted
    for (std::size_t i = 0; i < list.size(); ++i) {
      CHECK(found[i].place == i);
      CHECK(wanted[found[i].wanted] == list[i]);
    }
    found.clear();
    const std::vector<std::string_view> others{"zabcd", "a91f-1003", "0-1002"};
    REQUIRE(find_texts(bytes, others, found));
    CHECK(found.empty());
    CHECK_FALSE(find_texts(bytes.substr(0, bytes.size() - 1), wanted, found));
  }
}
