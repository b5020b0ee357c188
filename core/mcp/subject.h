#pragma once
// Which projects a call is about.

#include "answer/outcome.h"
#include "mcp/session.h"

namespace millimetric::mcp {

// The named projects, or all visible ones. A name that is not among those of a remembered key is
// looked up again, so that a new project is there at once; unknown and invisible are one answer.
// @return unknown_project_id, unknown_project_slug, no_projects_visible, upstream_failed.
host::task<result<answer::subject>> choose_projects(host::context& ctx, const session& s,
                                                    query::selection wanted);

}  // namespace millimetric::mcp
