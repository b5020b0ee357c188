#pragma once
// Deleting events of a project wherever they are: in its shards, and in those of the layout that is
// being filled or emptied while it is resharded.

#include "control/directory.h"
#include "host/request.h"
#include "store/protocol.h"

namespace millimetric::shards {

// Deletes a visitor, in bounded steps. Gone from every later answer, and from the stored bytes,
// when this ends; where it fails, what went is gone, and the next one goes on with the rest. A
// layout that is being filled is abandoned: the copying begins again, without the visitor. The
// project must live until the task ends.
// @return how many events; tool_failed.
host::task<result<std::uint64_t>> forget(host::context& ctx, const control::project& p,
                                         store::forget_request whom);

// Deletes events before an instant, in bounded steps. `p` must be fresh from the control plane.
// @return how many events; tool_failed.
host::task<result<std::uint64_t>> expire(host::context& ctx, control::project p, millis before);

}  // namespace millimetric::shards
