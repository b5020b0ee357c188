#include "shards/call.h"

namespace millimetric::shards {
namespace {

using host::context;
using host::task;

// Layouts that a call follows one behind the other, and times that it asks the control plane: a
// project is resharded in minutes, a call takes milliseconds.
constexpr int most_rounds = 8;

struct round {
  answers got;
  std::optional<store::refusal> refused;  // by a store; by one that knows where to, if there is one
};

// Puts a record to each shard of a layout: its own, or the only one.
task<result<round>> ask_shards(context& ctx, const std::string& project, store::layout at,
                               const std::vector<std::string>& records) {
  std::vector<task<result<std::string>>> tasks;
  for (std::uint32_t s = 0; s < at.shards; ++s)
    tasks.push_back(
        ctx.call_store(store::store_name(project, at, s), records[records.size() == 1 ? 0 : s]));
  host::all<result<std::string>> together(std::move(tasks));
  auto bytes = co_await together;
  round out{{at, {}}, {}};
  for (result<std::string>& of_shard : bytes) {
    if (!of_shard) co_return fail(storage_failed(of_shard.error()));
    if (auto why = store::refusal_of(*of_shard); why && !(out.refused && out.refused->moved_to))
      out.refused = std::move(why);
    out.got.of.push_back(std::move(*of_shard));
  }
  co_return out;
}

}  // namespace

error storage_failed(const error& cause) {
  // What the question caused is the caller's to mend; everything else is ours.
  if (cause.code == error_code::invalid_params) return cause;
  // What the store says of damage of its own, trying again does not mend.
  if (cause.code == error_code::tool_failed) return cause;
  return {error_code::tool_failed, "Storage did not answer; nothing was lost. Try again."};
}

task<result<answers>> call(context& ctx, std::string project, store::layout at,
                           std::string record) {
  const std::vector<std::string> records(1, std::move(record));
  for (int done = 0; done < most_rounds; ++done) {
    auto asked = co_await ask_shards(ctx, project, at, records);
    if (!asked) co_return fail(asked.error());
    const std::optional<store::refusal>& refused = asked->refused;
    if (!refused) co_return std::move(asked->got);
    at = refused->moved_to.value_or(at);
    // Behind the one layout that the last minute may have brought there are more of them only where
    // somebody goes on resharding.
    if (refused->moved_to && done == 0) continue;
    auto now = co_await control::find_project(ctx, project);
    if (now && *now && (*now)->at.generation > at.generation) at = (*now)->at;
  }
  co_return fail(storage_failed({}));
}

task<result<answers>> call_each(context& ctx, std::string project, store::layout at,
                                std::vector<std::string> records) {
  auto asked = co_await ask_shards(ctx, project, at, records);
  if (!asked) co_return fail(asked.error());
  if (asked->refused)
    co_return fail(error_code::conflict, "The events have moved to other stores.");
  co_return std::move(asked->got);
}

}  // namespace millimetric::shards
