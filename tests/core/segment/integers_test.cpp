#include "segment/integers.h"

#include <algorithm>
#include <limits>

#include "../catch.h"

using namespace millimetric::segment;

namespace {

std::vector<std::int64_t> rising(std::size_t count, std::int64_t first, std::int64_t step) {
  std::vector<std::int64_t> out;
  std::uint64_t state = 1;
  for (std::size_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    out.push_back(first);
    first += step + static_cast<std::int64_t>(state >> 58);
  }
  return out;
}

void check(const std::vector<std::int64_t>& numbers) {
  const std::string bytes = encode_integers(numbers);
  integer_reader in;
  REQUIRE(in.open(bytes, numbers.size()));
  std::vector<std::int64_t> got;
  for (const std::size_t begin : {std::size_t{0}, numbers.size() / 3, numbers.size()}) {
    got.resize(numbers.size() - begin);
    in.read(begin, got);
    CHECK(std::equal(got.begin(), got.end(), numbers.begin() + static_cast<std::ptrdiff_t>(begin),
                     numbers.end()));
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(in[i] == numbers[i]);
  const std::vector<std::uint32_t> last{static_cast<std::uint32_t>(numbers.size()) + 9};
  got.resize(1);
  in.pick(last, 10, got.data());  // its rows begin with the tenth of a segment
  CHECK(got.front() == numbers.back());
  CHECK_FALSE(in.open(bytes, numbers.size() + 128));
  CHECK_FALSE(in.open(bytes.substr(0, bytes.size() - 1), numbers.size()));
}

}  // namespace

TEST_CASE("numbers are read whole, in part, and one by one") {
  check({7});
  check(rising(128, -5, 0));
  check(rising(300, 1'700'000'000'000, 1000));
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  check({-most, most, 0, -1});  // plain
}

TEST_CASE("the place of a number among rising ones") {
  for (const bool far : {false, true}) {
    std::vector<std::int64_t> numbers = rising(1000, 100, 3);
    if (far) numbers.back() = std::numeric_limits<std::int64_t>::max();
    const std::string bytes = encode_integers(numbers);
    integer_column in;
    REQUIRE(in.add(0, bytes, numbers.size()));
    for (std::int64_t value = 90; value < 40'000; value += 13) {
      const auto at = std::lower_bound(numbers.begin(), numbers.end(), value) - numbers.begin();
      CHECK(in.lower_bound(value, 0, 1000) == static_cast<std::size_t>(at));
    }
    CHECK(in.lower_bound(0, 20, 30) == 20);
    CHECK(in.lower_bound(1'000'000, 20, 30) == 30);
  }
}

TEST_CASE("row groups are read as one column") {
  const std::vector<std::int64_t> numbers = rising(500, 1'700'000'000'000, 1000);
  constexpr std::size_t group = 170;
  std::vector<std::string> bytes;
  integer_column in;
  for (std::size_t first = 0; first < numbers.size(); first += group) {
    const auto rows = std::span(numbers).subspan(first, std::min(group, numbers.size() - first));
    bytes.push_back(encode_integers(rows));
  }
  for (std::size_t i = 0; i < bytes.size(); ++i)
    REQUIRE(in.add(i * group, bytes[i], std::min(group, numbers.size() - i * group)));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    CHECK(in[i] == numbers[i]);
    CHECK(in.lower_bound(numbers[i], 0, numbers.size()) == i);
  }
  std::vector<std::int64_t> got;
  for (const std::size_t begin : {0UL, 100UL, 170UL, 339UL, 500UL}) {
    in.read(begin, numbers.size(), got);
    CHECK(std::equal(got.begin(), got.end(), numbers.begin() + static_cast<std::ptrdiff_t>(begin),
                     numbers.end()));
  }
  for (const std::size_t every : {1UL, 7UL, 130UL, 171UL}) {
    std::vector<std::uint32_t> rows;
    std::vector<std::int64_t> of_rows;
    for (std::size_t i = every - 1; i < numbers.size(); i += every) {
      rows.push_back(static_cast<std::uint32_t>(i));
      of_rows.push_back(numbers[i]);
    }
    in.pick(rows, got);
    CHECK(got == of_rows);
  }
  CHECK_FALSE(in.add(510, bytes[0], group - 1));
}
