#pragma once
// The tool that writes.

#include "json/arguments.h"
#include "mcp/session.h"

namespace millimetric::mcp {

// @return rate_limited with details.retry_after_s; tool_failed; upstream_failed when the control
// plane or a digest did not answer.
host::task<result<method_result>> track_event(host::context& ctx, const session& s,
                                              json::arguments& in);

}  // namespace millimetric::mcp
