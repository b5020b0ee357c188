#pragma once
// Events on their way to the store: the same path for the tool, REST and imports.

#include <string>

#include "control/directory.h"
#include "event/receive.h"
#include "host/frames.h"
#include "host/request.h"
#include "ingest/address_hasher.h"
#include "store/protocol.h"

namespace millimetric::ingest {

// What the request says about its visitor. The `context` of an event counts when the key is secret.
[[nodiscard]] event::circumstances circumstances_of(const host::http_request& http, millis now,
                                                    const control::project& project,
                                                    control::key_kind key);

// Hashes the addresses and stores the events of one request, in one commit for each shard that has
// some of them. The batch, what its events are views of, and the project must live until then.
// After tool_failed the events of some shards may be stored; those with an id of the client's are
// not stored twice when they are sent again.
// @return rate_limited with details {"retry_after_s"}; tool_failed when storage did not answer;
// upstream_failed when a digest did not come.
host::task<result<store::append_answer>> store_events(host::context& ctx, address_hasher& addresses,
                                                      const control::project& project,
                                                      event::batch& batch,
                                                      store::bucket draws_from);

}  // namespace millimetric::ingest
