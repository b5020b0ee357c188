#include "query/hyperloglog.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
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

void hyperloglog::unpack(std::string_view packed) noexcept {
  registers_.assign(size, '\0');
  if (packed.size() < size / 2) return;
  std::size_t behind = size / 2;
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned nibble = static_cast<unsigned char>(packed[i / 2]) >> i % 2 * 4 & 15U;
    if (nibble < larger_nibble)
      registers_[i] = static_cast<char>(nibble);
    else if (behind < packed.size())
      registers_[i] = packed[behind++];
  }
}

}  // namespace millimetric::query
