#pragma once
// The funnel of a project. What an anonymous id did lies in one shard, so such funnels add up; a
// user's or a person's events may lie in several, so their steps are brought together first.

#include "control/directory.h"
#include "host/request.h"
#include "query/partial.h"

namespace millimetric::shards {

// The project and the question must live until the task ends.
// @return tool_failed; invalid_params when it would be a matter of minutes.
host::task<result<query::funnel_partial>> ask_funnel(host::context& ctx, const control::project& p,
                                                     const query::funnel_question& q);

}  // namespace millimetric::shards
