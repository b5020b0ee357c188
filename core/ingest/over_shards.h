#pragma once
// Events on their way to the stores of a project with several shards, or whose events have moved.

#include "control/directory.h"
#include "event/receive.h"
#include "host/request.h"
#include "store/protocol.h"

namespace millimetric::ingest {

// What a store answered to an append.
// @return rate_limited with details {"retry_after_s"}; tool_failed.
[[nodiscard]] result<store::append_answer> read_append(std::string_view bytes);

// Stores each event in the shard of its place, in one commit per shard. The token is drawn in the
// first shard, before anything is stored. Where a shard is sealed, because its events are about to
// move, its events wait for some seconds. The batch and the project must live until the task ends.
// @return as read_append. After tool_failed the events of some shards may be stored.
host::task<result<store::append_answer>> append_to_shards(host::context& ctx,
                                                          const control::project& p,
                                                          const event::batch& batch,
                                                          store::bucket draws_from);

}  // namespace millimetric::ingest
