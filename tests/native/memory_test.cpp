// The functions of wasm/memory.c, compiled natively under names of their own.

#include <algorithm>
#include <cstring>
#include <string>

#include "../core/catch.h"
#include "base/ids.h"

extern "C" {
void* module_memcpy(void* to, const void* from, std::size_t n);
void* module_memmove(void* to, const void* from, std::size_t n);
void* module_memset(void* to, int byte, std::size_t n);
int module_memcmp(const void* left, const void* right, std::size_t n);
void* module_memchr(const void* in, int byte, std::size_t n);
}

using namespace millimetric;

namespace {

constexpr std::size_t most = 80;  // beyond the longest that is not left to an instruction

std::string noise(std::size_t n) {
  random_stream random("memory");
  std::string out;
  while (out.size() < n) out.push_back(static_cast<char>(random.next()));
  return out;
}

int sign(int n) { return (n > 0) - (n < 0); }

}  // namespace

TEST_CASE("memory of every short length is copied and filled, and nothing beside it") {
  const std::string from = noise(most + 2);
  for (std::size_t n = 0; n <= most; ++n) {
    std::string to(most + 2, '-');
    CHECK(module_memcpy(to.data() + 1, from.data() + 1, n) == to.data() + 1);
    CHECK(to == "-" + from.substr(1, n) + std::string(most + 1 - n, '-'));
    CHECK(module_memset(to.data() + 1, 0x1EE, n) == to.data() + 1);
    CHECK(to == "-" + std::string(n, '\xEE') + std::string(most + 1 - n, '-'));
  }
}

TEST_CASE("memory is moved to where it overlaps, both ways") {
  for (std::size_t n = 0; n <= most; ++n)
    for (const std::size_t by : {0U, 1U, 3U, 8U, 15U, 16U, 17U, 40U})
      for (const bool up : {false, true}) {
        std::string expected = noise(most + 40);
        std::string moved = expected;
        const std::size_t from = up ? 0 : by;
        const std::size_t to = up ? by : 0;
        expected.replace(to, n, std::string(expected, from, n));
        module_memmove(moved.data() + to, moved.data() + from, n);
        REQUIRE(moved == expected);
      }
}

TEST_CASE("memory is compared byte by byte, as unsigned ones") {
  const std::string left = noise(most);
  for (std::size_t n = 0; n <= most; ++n) {
    CHECK(module_memcmp(left.data(), left.data(), n) == 0);
    for (std::size_t at = 0; at < most; ++at)
      for (const char byte : {'\x00', '\x01', '\x7F', '\x80', '\xFF'}) {
        std::string right = left;
        right[at] = byte;
        if (at + 1 < most) right[at + 1] = static_cast<char>(~right[at + 1]);  // decides nothing
        REQUIRE(sign(module_memcmp(left.data(), right.data(), n)) ==
                sign(std::memcmp(left.data(), right.data(), n)));
      }
  }
}

TEST_CASE("the first of a byte is found, and none behind the end") {
  for (const char byte : {'\x00', '\x01', 'a', '\x7F', '\x80', '\xFF'}) {
    const char other = static_cast<char>(byte + 1);
    const char below = static_cast<char>(byte - 1);
    for (std::size_t n = 0; n <= most; ++n)
      for (std::size_t at = 0; at < most; ++at) {
        std::string in(most, other);
        std::fill(in.begin() + static_cast<std::ptrdiff_t>(at), in.end(), byte);
        if (at > 0) in[at - 1] = below;
        REQUIRE(module_memchr(in.data(), byte, n) == (at < n ? in.data() + at : nullptr));
        REQUIRE(module_memchr(in.data(), byte + 0x100, n) == (at < n ? in.data() + at : nullptr));
      }
  }
}
