#include "query/hyperloglog.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace millimetric::query {
namespace {

constexpr unsigned q = 64 - hyperloglog::precision;  // bits that are left for the run of zeros
constexpr double m = static_cast<double>(hyperloglog::size);
constexpr unsigned larger_nibble = 15;
constexpr double alpha_infinity = 0.721347520444481703680;  // 1 / (2 ln 2)

double sigma(double x) noexcept {
  if (x == 1.0) return std::numeric_limits<double>::infinity();
  double y = 1.0;
  double z = x;
  double before = 0.0;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (z != before);
  return z;
}

double tau(double x) noexcept {
  if (x == 0.0 || x == 1.0) return 0.0;
  double y = 1.0;
  double z = 1.0 - x;
  double before = 0.0;
  do {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1.0 - x) * (1.0 - x) * y;
  } while (z != before);
  return z / 3.0;
}

}  // namespace

void hyperloglog::insert(std::uint64_t hash) noexcept {
  const std::size_t index = hash >> q;
  const std::uint64_t rest = hash << precision;
  const auto rank = static_cast<char>(std::min<unsigned>(q, std::countl_zero(rest)) + 1);
  registers_[index] = std::max(registers_[index], rank);
}

void hyperloglog::merge(const hyperloglog& other) noexcept {
  for (std::size_t i = 0; i < size; ++i)
    registers_[i] = std::max(registers_[i], other.registers_[i]);
}

std::uint64_t hyperloglog::estimate() const noexcept {
  std::array<unsigned, q + 2> histogram{};
  for (const char r : registers_)
    ++histogram[std::min<unsigned>(static_cast<unsigned char>(r), q + 1)];
  double z = m * tau(1.0 - histogram[q + 1] / m);
  for (unsigned k = q; k >= 1; --k) z = 0.5 * (z + histogram[k]);
  z += m * sigma(histogram[0] / m);
  return static_cast<std::uint64_t>(std::llround(alpha_infinity * m * m / z));
}

// A nibble of 15 says that the register stands behind the nibbles, in order.
std::string hyperloglog::pack() const {
  std::string out(size / 2, '\0');
  std::string larger;
  for (std::size_t i = 0; i < size; ++i) {
    const auto r = static_cast<unsigned char>(registers_[i]);
    const unsigned nibble = std::min<unsigned>(r, larger_nibble);
    if (nibble == larger_nibble) larger.push_back(registers_[i]);
    out[i / 2] = static_cast<char>(static_cast<unsigned char>(out[i / 2]) | nibble << i % 2 * 4);
  }
  return out + larger;
}

void hyperloglog::merge_packed(std::string_view packed) noexcept {
  if (packed.size() < size / 2) return;
  using sixteen = std::uint8_t __attribute__((vector_size(16)));
  std::size_t behind = size / 2;
  for (std::size_t at = 0; at < size; at += 2 * sizeof(sixteen)) {
    sixteen both;
    std::memcpy(&both, packed.data() + at / 2, sizeof both);
    const sixteen low = both & 15;
    const sixteen high = both >> 4;
    // Registers 2i and 2i + 1 lie side by side.
    const std::array<sixteen, 2> in{
        __builtin_shufflevector(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
        __builtin_shufflevector(low, high, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                31)};
    std::array<std::uint8_t, 2 * sizeof(sixteen)> mine{};
    std::array<std::uint8_t, 2 * sizeof(sixteen)> theirs{};
    std::memcpy(theirs.data(), in.data(), sizeof in);
    const auto larger = (low == larger_nibble) | (high == larger_nibble);
    std::array<std::uint64_t, 2> some{};
    std::memcpy(some.data(), &larger, sizeof larger);
    if ((some[0] | some[1]) != 0)
      for (std::uint8_t& r : theirs)
        if (r == larger_nibble) r = behind < packed.size() ? packed[behind++] : '\0';
    std::memcpy(mine.data(), registers_.data() + at, sizeof mine);
    for (std::size_t i = 0; i < mine.size(); ++i) mine[i] = std::max(mine[i], theirs[i]);
    std::memcpy(registers_.data() + at, mine.data(), sizeof mine);
  }
}

}  // namespace millimetric::query
