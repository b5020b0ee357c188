#include "query/values.h"

#include <algorithm>
#include <array>

#include "event/country.h"

namespace millimetric::query {
namespace {

// `all` of them, each between two bars; without them the column has another form.
struct fixed_values {
  column of;
  std::string_view words;
  std::string_view all;
};

constexpr auto fixed = std::to_array<fixed_values>({
    {column::country, "ISO 3166-1 alpha-2 codes such as DE", {}},
    {column::device_type, "mobile, tablet or desktop", "|mobile|tablet|desktop|"},
    {column::browser, "chrome, firefox, safari, edge or opera; empty: any other",
     "|chrome|firefox|safari|edge|opera||"},
    {column::os, "windows, macos, android, ios or linux; empty: any other",
     "|windows|macos|android|ios|linux||"},
});

const fixed_values* fixed_values_of(column c) noexcept {
  const auto* found = std::find_if(fixed.begin(), fixed.end(),
                                   [&](const fixed_values& each) { return each.of == c; });
  return found == fixed.end() ? nullptr : found;
}

bool can_occur(const fixed_values& in, const std::string& value) {
  if (in.all.empty()) return event::country_code(value) == value;
  return value.find('|') == std::string::npos && in.all.find('|' + value + '|') != in.all.npos;
}

}  // namespace

std::string_view values_of(column c) noexcept {
  const fixed_values* found = fixed_values_of(c);
  return found == nullptr ? std::string_view() : found->words;
}

std::vector<std::string> impossible_values(const filter& f) {
  const fixed_values* possible = fixed_values_of(f.col);
  if (possible == nullptr) return {};
  std::vector<std::string> out;
  for (const std::string& value : f.any_of)
    if (!can_occur(*possible, value)) out.push_back(value);
  return out;
}

}  // namespace millimetric::query
