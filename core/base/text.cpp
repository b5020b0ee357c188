#include "base/text.h"

#include <algorithm>
#include <charconv>

namespace millimetric {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

constexpr bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Optimal string alignment distance, case-insensitive; names are short.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::vector<std::size_t> next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + cost});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

// A score of unlikeness; empty when the names have nothing to do with each other.
std::optional<std::size_t> unlikeness(std::string_view name, std::string_view candidate) {
  constexpr std::size_t longest = 64;  // longer names are never compared: quadratic work
  if (name.size() > longest || candidate.size() > longest) return std::nullopt;
  const std::size_t distance = edit_distance(name, candidate);
  const std::size_t longer = std::max(name.size(), candidate.size());
  const std::size_t allowed = std::max<std::size_t>(1, longer / 3);
  if (distance <= allowed && distance < longer) return distance;
  const std::string a = to_lower(name);
  const std::string b = to_lower(candidate);
  const bool part = a.size() >= 3 && b.size() >= 3 &&
                    (b.find(a) != std::string::npos || a.find(b) != std::string::npos);
  return part ? std::optional(distance) : std::nullopt;
}

}  // namespace

std::string_view trim(std::string_view s) noexcept {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
  return s;
}

std::string to_lower(std::string_view s) {
  std::string out(s);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::size_t count_code_points(std::string_view utf8) noexcept {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return !is_continuation(c); }));
}

bool is_utf8(std::string_view s) noexcept {
  for (std::size_t i = 0; i < s.size();) {
    const auto lead = static_cast<unsigned char>(s[i]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || i + length > s.size()) return false;
    for (std::size_t k = 1; k < length; ++k)
      if (!is_continuation(s[i + k])) return false;
    const auto second = length > 1 ? static_cast<unsigned char>(s[i + 1]) : 0;
    if (lead == 0xE0 && second < 0xA0) return false;
    if (lead == 0xED && second > 0x9F) return false;
    if (lead == 0xF0 && second < 0x90) return false;
    if (lead == 0xF4 && second > 0x8F) return false;
    i += length;
  }
  return true;
}

std::string shortened(std::string_view utf8, std::size_t limit) {
  std::size_t points = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    if (is_continuation(utf8[i])) continue;
    if (++points > limit) return std::string(utf8.substr(0, i)) + "...";
  }
  return std::string(utf8);
}

std::optional<std::int64_t> parse_integer(std::string_view s) noexcept {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (failure != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view s, char separator) {
  std::vector<std::string_view> parts;
  while (!s.empty()) {
    const std::size_t at = std::min(s.find(separator), s.size());
    const std::string_view part = trim(s.substr(0, at));
    if (!part.empty()) parts.push_back(part);
    s.remove_prefix(std::min(at + 1, s.size()));
  }
  return parts;
}

std::vector<std::string> nearest_names(std::string_view name,
                                       std::span<const std::string> candidates, std::size_t most) {
  std::vector<std::pair<std::size_t, const std::string*>> scored;
  for (const std::string& candidate : candidates)
    if (const auto score = unlikeness(name, candidate)) scored.emplace_back(*score, &candidate);
  std::sort(scored.begin(), scored.end());  // among equals the candidates' order is their places'
  std::vector<std::string> out;
  for (const auto& [score, candidate] : scored) {
    if (out.size() == most) break;
    out.push_back(*candidate);
  }
  return out;
}

std::string quoted_list(std::span<const std::string> names, std::string_view last_separator) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? last_separator : std::string_view(", ");
    out += '"';
    out += names[i];
    out += '"';
  }
  return out;
}

bool equals_in_constant_time(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace millimetric
