#include "base/arena.h"

#include <string>
#include <utility>

#include "../catch.h"

using namespace millimetric;

TEST_CASE("an arena keeps texts of every size, each where it was put") {
  text_arena texts;
  std::vector<std::string> sent;
  std::vector<std::string_view> kept;
  for (std::size_t size = 0; size < 3000; size += 1 + size / 7) {
    sent.emplace_back(size, static_cast<char>('a' + size % 26));
    kept.push_back(texts.keep(sent.back()));
  }
  for (std::size_t i = 0; i < sent.size(); ++i) CHECK(kept[i] == sent[i]);
}

TEST_CASE("a block is used to its last byte, and large texts leave its rest to small ones") {
  text_arena texts;
  const char* const first = texts.keep("a").data();
  const auto is_at = [&](const char* at, std::size_t offset) { return at == first + offset; };
  CHECK(is_at(texts.room(1023), 1));
  CHECK(is_at(texts.room(1024), 1024));
  CHECK(is_at(texts.room(1024), 2048));
  const std::string large(1025, 'x');  // over a quarter of a block, and a byte more than is left
  CHECK(texts.keep(large) == large);
  CHECK(is_at(texts.room(1024), 3072));
}

TEST_CASE("texts stay where they are when their arena moves") {
  text_arena texts;
  const std::string_view kept = texts.keep("a text");
  const text_arena moved = std::move(texts);
  CHECK(kept == "a text");
}

TEST_CASE("texts are joined as one") {
  text_arena texts;
  CHECK(texts.join("a", "-", "17") == "a-17");
  CHECK(texts.join("", "-", "") == "-");
  CHECK(texts.join("", "", "").empty());
}
