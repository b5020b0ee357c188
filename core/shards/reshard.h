#pragma once
// Resharding a project while it takes events in and answers. docs/decisions/024-shards.md.

#include <optional>
#include <string>

#include "control/directory.h"
#include "host/request.h"

namespace millimetric::shards {

enum class phase : std::uint8_t { none, copying, emptying };

struct progress {
  store::layout at;
  std::optional<store::layout> other;
  phase is = phase::none;
  // Of copying: events ever taken in, and how far copying is among them. Of emptying: `total` are
  // the events that are left in the old stores.
  std::uint64_t copied = 0;
  std::uint64_t total = 0;
};

// How far it is; changes nothing.
// @return not_found (no such project), tool_failed.
host::task<result<progress>> look(host::context& ctx, std::string project);

// The next step towards so many shards, or of what is under way; some hundred milliseconds of work.
// Any step may be interrupted anywhere, repeated, or taken by two at once.
// @return as look; conflict when another number of shards is under way.
host::task<result<progress>> take_step(host::context& ctx, std::string project,
                                       std::optional<std::uint32_t> to);

}  // namespace millimetric::shards
