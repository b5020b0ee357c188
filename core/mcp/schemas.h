#pragma once
// JSON Schemas (2020-12) of the tools' arguments and results.

#include <string>
#include <string_view>

#include "query/read.h"

namespace millimetric::mcp {

[[nodiscard]] std::string input_schema(std::string_view tool, query::endpoint where);
[[nodiscard]] std::string output_schema(std::string_view tool);

}  // namespace millimetric::mcp
