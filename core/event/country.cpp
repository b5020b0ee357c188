#include "event/country.h"

#include <array>

#include "base/text.h"

namespace millimetric::event {
namespace {

constexpr std::size_t letters = 26;
constexpr std::size_t code_size = 2;
// All codes of two letters, one behind the other.
constexpr auto codes = [] {
  std::array<char, letters * letters * code_size> out{};
  for (std::size_t i = 0; i < letters * letters; ++i) {
    out[i * code_size] = static_cast<char>('A' + i / letters);
    out[i * code_size + 1] = static_cast<char>('A' + i % letters);
  }
  return out;
}();

// In the alphabet, of either case; beyond its end when it is no letter.
std::size_t place_of_letter(char c) noexcept {
  return static_cast<unsigned char>(c >= 'a' ? c - 'a' : c - 'A');
}

}  // namespace

std::optional<std::string_view> country_code(std::string_view text) noexcept {
  if (text.size() != code_size || is_unknown_country(text)) return std::nullopt;
  const std::size_t first = place_of_letter(text[0]);
  const std::size_t second = place_of_letter(text[1]);
  if (first >= letters || second >= letters) return std::nullopt;
  const std::string_view code(&codes[(first * letters + second) * code_size], code_size);
  return code == "UK" ? "GB" : code;  // which ISO 3166-1 keeps free for nothing else
}

bool is_unknown_country(std::string_view text) noexcept {
  return text.empty() || equals_ignoring_case(text, "XX") || equals_ignoring_case(text, "T1");
}

}  // namespace millimetric::event
