#pragma once
// Results as MCP wants them.

#include <string_view>

#include "answer/outcome.h"
#include "json/arguments.h"
#include "mcp/session.h"

namespace millimetric::mcp {

// Rows as text and as structured content, with what was covered and why there may be nothing.
[[nodiscard]] method_result tool_rows(const answer::outcome& o, const answer::subject& about);
// A result whose text and structured content are this JSON object.
[[nodiscard]] method_result tool_object(std::string_view object);
// A result with isError that names every wrong field.
[[nodiscard]] method_result refused_arguments(const json::field_errors& errors);
// The text of a resource.
[[nodiscard]] method_result resource_text(std::string_view uri, std::string_view text);

// A whole JSON-RPC response. In the modern era it says that it is complete and who served it.
[[nodiscard]] std::string success_body(std::string_view id, era in, query::endpoint where,
                                       const method_result& result);

}  // namespace millimetric::mcp
