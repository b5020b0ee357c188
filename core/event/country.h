#pragma once
// Countries as visitors' contexts and the edge name them.

#include <optional>
#include <string_view>

namespace millimetric::event {

// ISO 3166-1 alpha-2 in upper case, which is there for ever and at one place; empty when the text
// is no country.
[[nodiscard]] std::optional<std::string_view> country_code(std::string_view text) noexcept;

// Whether the text says that the country is not known: nothing, or as the edge says so, XX, and T1
// for Tor.
[[nodiscard]] bool is_unknown_country(std::string_view text) noexcept;

}  // namespace millimetric::event
