#include "segment/codes.h"

#include <numeric>

#include "../catch.h"
#include "segment/format.h"

using namespace millimetric::segment;

namespace {

// Codes below `cards` that look random, with runs where they are `long_lived`.
std::vector<std::uint32_t> some_codes(std::size_t count, std::uint32_t cards, bool long_lived) {
  std::vector<std::uint32_t> out;
  std::uint64_t state = 88172645463325252;
  while (out.size() < count) {
    state = state * 6364136223846793005 + 1442695040888963407;
    const bool again = long_lived && !out.empty() && state >> 60 != 0;
    out.push_back(again ? out.back() : static_cast<std::uint32_t>((state >> 32) % cards));
  }
  return out;
}

std::vector<std::uint16_t> part(const std::vector<std::uint32_t>& codes, std::size_t begin,
                                std::size_t end) {
  const auto at = [&](std::size_t i) { return codes.begin() + static_cast<std::ptrdiff_t>(i); };
  return {at(begin), at(end)};
}

}  // namespace

TEST_CASE("a table by code is looked up for rows, and rows are found by it") {
  for (const bool long_lived : {false, true})
    for (const std::uint32_t cards : {1U, 5U, 100U, 5000U, 65'535U}) {
      constexpr std::size_t count = 1000;
      const std::vector<std::uint32_t> codes = some_codes(count, cards, long_lived);
      const std::string bytes = encode_codes({code_rows::events, cards, codes});
      code_reader in;
      REQUIRE(in.open(bytes));
      std::vector<std::uint8_t> marks(cards + 1);
      std::vector<std::uint16_t> numbers(cards + 1);
      for (std::uint32_t code = 0; code <= cards; ++code) {
        marks[code] = code % 3 == 1 ? 1 : 0;
        numbers[code] = static_cast<std::uint16_t>(code * 7 + 1);
      }
      for (const auto& [begin, end] :
           {std::pair<std::size_t, std::size_t>{0, count}, {0, 0}, {333, 777}, {999, 1000}}) {
        std::vector<std::uint8_t> marked(end - begin);
        std::vector<std::uint16_t> numbered(end - begin);
        std::vector<std::uint32_t> found{7};  // what is there stays
        std::vector<std::uint32_t> expected{7};
        REQUIRE(in.look_up<std::uint8_t>(begin, marks, marked));
        REQUIRE(in.look_up<std::uint16_t>(begin, numbers, numbered));
        REQUIRE(in.find(begin, end, marks, 10'000, found));
        for (std::size_t row = begin; row < end; ++row) {
          CHECK(marked[row - begin] == marks[codes[row]]);
          CHECK(numbered[row - begin] == numbers[codes[row]]);
          if (marks[codes[row]] != 0) expected.push_back(static_cast<std::uint32_t>(10'000 + row));
        }
        CHECK(found == expected);
      }
      std::vector<std::uint8_t> none;
      std::vector<std::uint32_t> found;
      CHECK_FALSE(in.find(0, count + 1, marks, 0, found));
      marks.pop_back();
      CHECK_FALSE(in.find(0, count, marks, 0, found));
      CHECK_FALSE(in.look_up<std::uint8_t>(0, marks, none));
    }
}

TEST_CASE("codes of any width are read whole, in part, and one by one") {
  for (const bool long_lived : {false, true}) {
    for (const std::uint32_t cards : {1U, 2U, 3U, 5U, 17U, 100U, 1000U, 5000U, 40'000U, 65'536U}) {
      for (const std::size_t count : {std::size_t{1}, std::size_t{127}, std::size_t{128},
                                      std::size_t{129}, std::size_t{1000}}) {
        const std::vector<std::uint32_t> codes = some_codes(count, cards, long_lived);
        const std::string bytes = encode_codes({code_rows::events, cards, codes});
        code_reader in;
        REQUIRE(in.open(bytes));
        CHECK(in.size() == count);
        CHECK(in.values() == cards);
        std::vector<std::uint16_t> got;
        for (const std::size_t begin : {std::size_t{0}, count / 3, count / 2, count - 1, count}) {
          for (const std::size_t end : {begin, (begin + count) / 2, count}) {
            got.resize(end - begin);
            REQUIRE(in.read(begin, got));
            CHECK(got == part(codes, begin, end));
          }
        }
        std::vector<std::uint32_t> rows;
        std::vector<std::uint16_t> expected;
        for (std::uint32_t row = 0; row < count; row += 1 + row % 7) {
          rows.push_back(row);
          expected.push_back(static_cast<std::uint16_t>(codes[row]));
        }
        REQUIRE(in.pick(rows, got));
        CHECK(got == expected);
      }
    }
  }
}

TEST_CASE("codes beyond null or rows that are not there are refused") {
  std::vector<std::uint16_t> got(5);
  const std::span all(got);
  code_reader in;
  const std::string beyond = encode_codes({code_rows::events, 4, {0, 1, 5, 2}});
  REQUIRE(in.open(beyond));
  CHECK_FALSE(in.read(0, all.first(4)));
  CHECK(in.read(0, all.first(2)));
  CHECK_FALSE(in.pick(std::vector<std::uint32_t>{2}, got));
  const std::string whole = encode_codes({code_rows::events, 5, {0, 1, 5, 2}});
  REQUIRE(in.open(whole));
  std::vector<std::uint16_t> room(5);
  CHECK(in.read(0, std::span(room).first(4)));
  CHECK_FALSE(in.read(0, room));
  CHECK_FALSE(in.read(3, std::span(room).first(2)));
  CHECK_FALSE(in.pick(std::vector<std::uint32_t>{4}, got));
  CHECK_FALSE(in.open(whole.substr(0, whole.size() - 1)));
  CHECK_FALSE(in.open(whole + " "));
}

TEST_CASE("runs that do not add up to the rows are refused") {
  std::vector<std::uint32_t> codes(500, 1);
  std::fill(codes.begin() + 200, codes.end(), 2);
  std::string bytes = encode_codes({code_rows::events, 3, codes});
  REQUIRE(bytes[0] == 1);  // as runs
  code_reader in;
  std::vector<std::uint16_t> got(500);
  REQUIRE(in.open(bytes));
  REQUIRE(in.read(0, got));
  --bytes[6];  // the number of rows
  REQUIRE(in.open(bytes));
  got.resize(in.size());
  CHECK_FALSE(in.read(0, got));
}

TEST_CASE("there are no more values than a segment has rows") {
  code_reader in;
  CHECK(in.open(encode_codes({code_rows::events, max_events, {0, 1, 2}})));
  CHECK_FALSE(in.open(encode_codes({code_rows::events, max_events + 1, {0, 1, 2}})));
}
