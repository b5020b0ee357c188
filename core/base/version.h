#pragma once
#include <string_view>

namespace millimetric {

inline constexpr std::string_view version = "0.1.0";  // as in package.json (tested)

}  // namespace millimetric
