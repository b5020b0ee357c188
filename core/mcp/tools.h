#pragma once
// tools/call, resources/read and completion/complete: what needs data.

#include "mcp/session.h"

namespace millimetric::mcp {

// Arguments that the schema refuses give a result with isError, so that a model can correct itself.
// @return unknown_tool, insufficient_scope, invalid_params, tool_failed, rate_limited,
// unknown_project_id, unknown_project_slug, no_projects_visible, upstream_failed.
host::task<result<method_result>> call_tool(host::context& ctx, const session& s, const message& m);

// @return unknown_resource, invalid_params, tool_failed, no_projects_visible, upstream_failed.
host::task<result<method_result>> read_resource(host::context& ctx, const session& s,
                                                const message& m);

// @return invalid_params, tool_failed, upstream_failed.
host::task<result<method_result>> complete(host::context& ctx, const session& s, const message& m);

}  // namespace millimetric::mcp
