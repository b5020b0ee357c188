#pragma once
// The request that stores a batch, as the store reads it.

#include <string>

#include "event/receive.h"
#include "store/protocol.h"

namespace millimetric::ingest {

// An append_request of store/protocol.h with its operation.
[[nodiscard]] std::string append_record(const event::batch& batch, store::bucket draws_from);

}  // namespace millimetric::ingest
