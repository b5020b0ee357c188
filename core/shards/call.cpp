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

// Answers from this size on are accounted for: those of writes, which must not be begun anew, are
// smaller, and many of them small still.
constexpr std::size_t least_accounted = 1024;

// Memory of the answers of all shards together at most. One alone is never too much.
constexpr std::size_t most_bytes_together = 24UL * 1024 * 1024;

// Asks a shard; `bytes` is what all answers take so far. It and the record must outlive the task.
// @return also invalid_params when that becomes too much; rate_limited without room for it.
task<result<std::string>> ask_shard(context& ctx, std::string store, const std::string& record,
                                    std::size_t& bytes) {
  auto got = co_await ctx.call_store(std::move(store), record);
  const std::size_t others = bytes;
  if (got && got->size() >= least_accounted && !ctx.has_room_for(got->size()))
    co_return fail(rate_limited(
        "Too many large answers at once; try again in 1 s, or narrow the question.", 1));
  if (got) bytes += got->size();
  if (others > 0 && bytes > most_bytes_together) co_return query::too_large();
  co_return std::move(got);
}

// Puts a record to each shard of a layout: its own, or the only one.
task<result<round>> ask_shards(context& ctx, const std::string& project, store::layout at,
                               const std::vector<std::string>& records) {
  std::size_t taken = 0;
  std::vector<task<result<std::string>>> tasks;
  for (std::uint32_t s = 0; s < at.shards; ++s)
    tasks.push_back(ask_shard(ctx, store::store_name(project, at, s),
                              records[records.size() == 1 ? 0 : s], taken));
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
  if (cause.code == error_code::rate_limited) return cause;
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
  // What that means the caller knows.
  if (asked->refused) co_return fail(error_code::conflict, "");
  co_return std::move(asked->got);
}

template <>
result<query::aggregate_partial> merged(const std::vector<std::string>& parts) {
  query::group_table all;
  for (const std::string& bytes : parts) {
    auto part = store::decode_answer<query::aggregate_partial>(bytes);
    if (!part) return fail(storage_failed(part.error()));
    if (parts.size() == 1) return part;
    if (auto merged = all.merge(part->groups); !merged) return fail(merged.error());
  }
  return query::aggregate_partial{all.take()};
}

}  // namespace millimetric::shards
