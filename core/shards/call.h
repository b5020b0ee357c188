#pragma once
// Asking the stores of one project: all its shards, wherever they are by now.

#include <string>
#include <vector>

#include "control/directory.h"
#include "host/request.h"
#include "shards/merge.h"
#include "store/protocol.h"

namespace millimetric::shards {

// Storage that failed in the middle of a call; nothing was lost and the call may be repeated.
[[nodiscard]] error storage_failed(const error& cause);

// Answers of all shards of one layout, in their order.
struct answers {
  store::layout at;
  std::vector<std::string> of;
};

// Puts a record to every shard of a layout, to all at once, and to those of a newer layout when the
// events have moved there.
// @return tool_failed when a store did not answer; rate_limited when there is no room for what they
// say (host::context::has_room_for).
host::task<result<answers>> call(host::context& ctx, std::string project, store::layout at,
                                 std::string record);

// Puts its own record to each shard of a layout, to all at once.
// @return as call; also conflict when the events have moved.
host::task<result<answers>> call_each(host::context& ctx, std::string project, store::layout at,
                                      std::vector<std::string> records);

// The merged answer of parts.
// @return the first error, with what the question did not cause as storage_failed.
template <class Answer>
[[nodiscard]] result<Answer> merged(const std::vector<std::string>& parts) {
  std::vector<Answer> all;
  for (const std::string& bytes : parts) {
    auto answer = store::decode_answer<Answer>(bytes);
    if (!answer) return fail(storage_failed(answer.error()));
    all.push_back(std::move(*answer));
  }
  if (all.size() == 1) return std::move(all.front());
  return merge(std::move(all));
}
// Groups take several times their bytes: those of one part at a time.
// @return also invalid_params when there are too many groups.
template <>
[[nodiscard]] result<query::aggregate_partial> merged(const std::vector<std::string>& parts);

}  // namespace millimetric::shards
