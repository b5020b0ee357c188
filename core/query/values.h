#pragma once
// The columns in which only certain values occur. Source: contract, section 4.

#include <string>
#include <string_view>
#include <vector>

#include "query/question.h"

namespace millimetric::query {

// What the values of a column are, in words; empty where they may be any text.
[[nodiscard]] std::string_view values_of(column c) noexcept;

// Those of a filter's values, as read_scope leaves them, that no event can have.
[[nodiscard]] std::vector<std::string> impossible_values(const filter& f);

}  // namespace millimetric::query
