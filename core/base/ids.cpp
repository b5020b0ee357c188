#include "base/ids.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace millimetric {
namespace {

constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// splitmix64 (Vigna): spreads the seed, so that an all-zero one still gives a usable state.
std::uint64_t spread(std::uint64_t& x) noexcept {
  x += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = x;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::string format_uuid(std::uint64_t high, std::uint64_t low) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out(36, '-');
  std::size_t at = 0;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) ++at;
    const std::uint64_t word = nibble < 16 ? high : low;
    out[at++] = digits[(word >> (60 - 4 * (nibble % 16))) & 0xF];
  }
  return out;
}

constexpr std::uint64_t variant_bits(std::uint64_t low) noexcept {
  return (low & 0x3FFFFFFFFFFFFFFFULL) | 0x8000000000000000ULL;
}

// Decodes `text` without padding; unused bits of the last symbol must be zero.
bool decode(std::string_view text, std::string_view alphabet, std::string& bytes) {
  bytes.clear();
  if (text.size() % 4 == 1) return false;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return false;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<char>((bits >> held) & 0xFF));
  }
  return (bits & ((1U << held) - 1U)) == 0;
}

}  // namespace

random_stream::random_stream(std::string_view seed) noexcept {
  char raw[32] = {};
  std::memcpy(raw, seed.data(), std::min(seed.size(), sizeof(raw)));
  for (std::size_t i = 0; i < state_.size(); ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, raw + 8 * i, 8);
    word += i;
    state_[i] = spread(word);
  }
}

std::uint64_t random_stream::next() noexcept {
  auto& s = state_;
  const std::uint64_t out = std::rotl(s[0] + s[3], 23) + s[0];
  const std::uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = std::rotl(s[3], 45);
  return out;
}

std::string make_uuid_v7(millis now, random_stream& random) {
  const std::uint64_t time = static_cast<std::uint64_t>(now) & 0xFFFFFFFFFFFFULL;
  return format_uuid((time << 16) | 0x7000 | (random.next() & 0xFFF), variant_bits(random.next()));
}

std::string make_uuid_v4(random_stream& random) {
  return format_uuid((random.next() & 0xFFFFFFFFFFFF0FFFULL) | 0x4000, variant_bits(random.next()));
}

std::string make_uuid_v8(std::uint32_t custom, random_stream& random) {
  const std::uint64_t bits = random.next();
  const std::uint64_t high = std::uint64_t{custom} << 32 | (bits & 0xFFFF0FFF) | 0x8000;
  return format_uuid(high, variant_bits(random.next()));
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out(bytes.size() * 2, '\0');
  auto at = out.begin();
  for (const char c : bytes) {
    *at++ = digits[static_cast<unsigned char>(c) >> 4];
    *at++ = digits[static_cast<unsigned char>(c) & 0xF];
  }
  return out;
}

std::string to_base64url(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) out.push_back(url_alphabet[(bits >> (held - 6)) & 0x3F]);
  }
  if (held > 0) out.push_back(url_alphabet[(bits << (6 - held)) & 0x3F]);
  return out;
}

bool from_base64url(std::string_view text, std::string& bytes) {
  return decode(text, url_alphabet, bytes);
}

bool from_base64(std::string_view text, std::string& bytes) {
  if (text.size() % 4 != 0) return false;
  if (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (!text.empty() && text.back() == '=' && text.size() % 4 == 3) text.remove_suffix(1);
  return decode(text, standard_alphabet, bytes);
}

}  // namespace millimetric
