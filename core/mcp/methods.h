#pragma once
// The methods of MCP, by era.

#include "mcp/session.h"

namespace millimetric::mcp {

// @return method_not_found, and what the methods themselves give.
host::task<result<method_result>> call_method(host::context& ctx, const session& s,
                                              const message& m);

}  // namespace millimetric::mcp
