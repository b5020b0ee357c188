#pragma once
// JSON Schemas (2020-12) of the tools' arguments and results.

#include <string>
#include <string_view>
#include <vector>

#include "query/read.h"

namespace millimetric::mcp {

[[nodiscard]] std::string input_schema(std::string_view tool, query::endpoint where);
// The names of a tool's arguments, and the schema of one.
[[nodiscard]] std::vector<std::string> argument_names(std::string_view tool, query::endpoint where);
[[nodiscard]] std::string argument_schema_of(std::string_view tool, std::string_view name,
                                             query::endpoint where);
[[nodiscard]] std::string output_schema(std::string_view tool);

}  // namespace millimetric::mcp
