#pragma once
// Letter case beyond ASCII, for the names that people give to their campaigns.

#include <string>
#include <string_view>

namespace millimetric::event {

// With small letters for the capitals of the Latin, Greek and Cyrillic alphabets. Each is as long
// as its capital in UTF-8; the few letters of which this is not true stay as they are.
[[nodiscard]] std::string lower_letters(std::string_view utf8);

}  // namespace millimetric::event
