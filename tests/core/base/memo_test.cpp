#include "base/memo.h"

#include <algorithm>
#include <string>
#include <vector>

#include "../catch.h"

using namespace millimetric;

namespace {

// Counts how often it must find out. Two times four places.
struct doubler {
  memo<std::string, std::string, 8> known;
  int found_out = 0;

  std::string of(const std::string& key, std::uint64_t hash) {
    if (const std::string* const before = known.find(key, hash)) return *before;
    ++found_out;
    return known.keep(key, hash, key + key);
  }
};

}  // namespace

TEST_CASE("a memo finds out once what it is asked again and again") {
  doubler d;
  for (int i = 0; i < 3; ++i) {
    CHECK(d.of("a", 1) == "aa");
    CHECK(d.of("b", 2) == "bb");
  }
  CHECK(d.found_out == 2);
}

TEST_CASE("keys of one hash do not get each other's answers") {
  doubler d;
  for (int i = 0; i < 3; ++i) {
    CHECK(d.of("a", 1) == "aa");
    CHECK(d.of("b", 1) == "bb");
  }
  CHECK(d.found_out == 2);
}

TEST_CASE("four keys share their places, and a fifth takes that of the oldest") {
  doubler d;
  for (int round = 0; round < 2; ++round)
    for (const char* key : {"a", "b", "c", "d"}) CHECK(d.of(key, 1).size() == 2);
  CHECK(d.found_out == 4);
  CHECK(d.of("e", 1) == "ee");
  for (const char* key : {"b", "c", "d", "e"}) CHECK(d.of(key, 1).size() == 2);
  CHECK(d.found_out == 5);
  CHECK(d.of("a", 1) == "aa");
  CHECK(d.found_out == 6);
}

TEST_CASE("as many keys are known as there are places") {
  doubler d;
  for (int round = 0; round < 2; ++round)
    for (std::uint64_t hash = 0; hash < 8; ++hash)
      CHECK(d.of(std::to_string(hash), hash).size() == 2);
  CHECK(d.found_out == 8);
}

TEST_CASE("a memo knows nothing at first, not even of the key that it was made with") {
  doubler d;
  CHECK(d.known.find("", 0) == nullptr);
  CHECK(d.of("", 0).empty());
  CHECK(d.found_out == 1);
  CHECK(d.known.find("", 0) != nullptr);
}

TEST_CASE("texts that differ anywhere, or in length only, have different quick hashes") {
  std::string text(40, 'a');
  std::vector<std::uint64_t> seen;
  for (std::size_t size = 0; size <= text.size(); ++size)
    seen.push_back(quick_hash(std::string_view(text).substr(0, size)));
  for (char& c : text) {
    c = 'b';
    seen.push_back(quick_hash(text));
    c = 'a';
  }
  seen.push_back(quick_hash(std::string(3, '\0')));
  seen.push_back(quick_hash(std::string(4, '\0')));
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}
