#pragma once
// Stores of version 0.1.0 kept events as rows of a table. They become segments when such a store is
// opened, some at a time, each step a transaction: an interrupted upgrade goes on where it stopped.
// Rows are written over as they go (docs/decisions/021-forget-leaves-no-bytes.md): whoever is
// forgotten later may be in them, and forgetting only knows segments.

#include "base/result.h"
#include "host/request.h"

namespace millimetric::store {

// Does nothing where there are no such rows. `last_segment`: the highest segment number given so
// far; moved on by the segments that are made.
// @return upstream_failed; what was upgraded before stays upgraded.
[[nodiscard]] host::task<result<void>> upgrade_rows(host::context& ctx, std::int64_t& last_segment);

}  // namespace millimetric::store
