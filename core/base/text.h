#pragma once
// Small text helpers: ASCII case, trimming, UTF-8 lengths, number text, nearest names.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millimetric {

[[nodiscard]] std::string_view trim(std::string_view s) noexcept;  // ASCII white space
[[nodiscard]] std::string to_lower(std::string_view s);            // ASCII letters only
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

// Number of Unicode code points of valid UTF-8.
[[nodiscard]] std::size_t count_code_points(std::string_view utf8) noexcept;

// Whether there are no more than `most` of them. Only long texts are counted.
[[nodiscard]] inline bool fits(std::string_view utf8, std::size_t most) noexcept {
  return utf8.size() <= most || count_code_points(utf8) <= most;
}

// Whether the bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
[[nodiscard]] bool is_utf8(std::string_view s) noexcept;

// The text cut to at most `limit` code points, with "..." when something was cut. For echoing a
// caller's value in a message: valid UTF-8 in, valid UTF-8 out.
[[nodiscard]] std::string shortened(std::string_view utf8, std::size_t limit = 60);

// Whole decimal numbers; empty when the text is anything else or does not fit.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view s) noexcept;

// The parts between separators, trimmed; empty parts are left out. Views into `s`.
[[nodiscard]] std::vector<std::string_view> split(std::string_view s, char separator);

// The candidates that a misspelt name may have meant, nearest first: at most `most`, each within
// an edit distance of a third of its length, or sharing a prefix or a part with it.
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view name,
                                                     std::span<const std::string> candidates,
                                                     std::size_t most = 3);

// "a, b and c", each quoted with ".
[[nodiscard]] std::string quoted_list(std::span<const std::string> names,
                                      std::string_view last_separator = " or ");

// Equal in a time that depends on the lengths only.
[[nodiscard]] bool equals_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace millimetric
