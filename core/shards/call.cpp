#include "shards/call.h"

namespace millimetric::shards {
namespace {

using host::context;
using host::task;

// Layouts that a call follows one behind the other, and times that it asks the control plane: a
// project is resharded in minutes, a call takes milliseconds.
constexpr int most_rounds = 8;

}  // namespace

error storage_failed(const error& cause) {
  // What the question caused is the caller's to mend; everything else is ours.
  if (cause.code == error_code::invalid_params) return cause;
  // What the store says of damage of its own, trying again does not mend.
  if (cause.code == error_code::tool_failed) return cause;
  return {error_code::tool_failed, "Storage did not answer; nothing was lost. Try again."};
}

task<result<answers>> call(context& ctx, std::string project, store::layout at,
                           std::vector<std::string> records) {
  for (int round = 0; round < most_rounds; ++round) {
    std::vector<task<result<std::string>>> tasks;
    for (std::uint32_t s = 0; s < at.shards; ++s)
      tasks.push_back(
          ctx.call_store(store::store_name(project, at, s), records[records.size() == 1 ? 0 : s]));
    host::all<result<std::string>> together(std::move(tasks));
    auto got = co_await together;
    answers out{at, {}};
    std::optional<store::refusal> refused;
    for (result<std::string>& bytes : got) {
      if (!bytes) co_return fail(storage_failed(bytes.error()));
      if (auto why = store::refusal_of(*bytes); why && !(refused && refused->moved_to))
        refused = std::move(why);
      out.of.push_back(std::move(*bytes));
    }
    if (!refused) co_return out;
    at = refused->moved_to.value_or(at);
    // Behind the one layout that the last minute may have brought there are more of them only where
    // somebody goes on resharding.
    if (!refused->moved_to || round > 0) {
      auto now = co_await control::find_project(ctx, project);
      if (now && *now && (*now)->at.generation > at.generation) at = (*now)->at;
    }
    if (records.size() > 1)
      co_return fail(error_code::conflict, "The events have moved to other stores.");
  }
  co_return fail(storage_failed({}));
}

}  // namespace millimetric::shards
