#pragma once
// Calls to the stores of one layout one after the other, whatever the stores are.

#include <string>
#include <vector>

#include "control/directory.h"
#include "host/request.h"
#include "shards/call.h"
#include "store/protocol.h"

namespace millimetric::shards {

// One call to one store.
// @return what the question caused; otherwise tool_failed.
template <class Answer>
host::task<result<Answer>> ask_store(host::context& ctx, std::string store, std::string record) {
  auto bytes = co_await ctx.call_store(std::move(store), std::move(record));
  if (!bytes) co_return fail(storage_failed(bytes.error()));
  auto answer = store::decode_answer<Answer>(*bytes);
  if (!answer) co_return fail(storage_failed(answer.error()));
  co_return answer;
}

// The names of a layout's stores.
[[nodiscard]] std::vector<std::string> stores_of(const std::string& project,
                                                 const store::layout& at);

// Takes a step of resharding in each store of a layout.
// @return what each is then; tool_failed.
host::task<result<std::vector<store::shard_answer>>> step_each(host::context& ctx,
                                                               std::string project,
                                                               store::layout at,
                                                               store::shard_request request);

// The project, fresh from the control plane.
// @return not_found; tool_failed.
host::task<result<control::project>> existing_project(host::context& ctx, std::string id);

// The same. A control plane that was restored from a backup may know of an older layout than the
// stores, which say where the events have moved: that is noted there first.
// @return not_found; tool_failed; upstream_failed.
host::task<result<control::project>> caught_up(host::context& ctx, std::string project);

}  // namespace millimetric::shards
