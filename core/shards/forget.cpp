#include "shards/forget.h"

#include "shards/steps.h"

namespace millimetric::shards {
namespace {

using host::context;
using host::task;
using store::layout;

constexpr std::uint32_t expire_step = 2000;  // events deleted in one call: some milliseconds
// Times that a project's layouts may change while somebody is forgotten. They change in minutes.
constexpr int most_changes = 8;

// In every store, step by step, also when one of them cannot: what can be forgotten is.
// @return the first error.
task<result<std::uint64_t>> forget_in(context& ctx, std::string project, layout at,
                                      store::forget_request whom) {
  std::uint64_t deleted = 0;
  std::optional<error> failed;
  std::vector<std::string> names = stores_of(project, at);
  // Each once more, in a commit of its own: it writes over the log of writes that the first one
  // ended.
  for (std::size_t i = 0; i < 2 * names.size(); ++i) {
    store::forget_request left = whom;
    for (bool more = true; more;) {
      auto step = co_await ask_store<store::forget_answer>(
          ctx, names[i / 2], store::encode_request(store::operation::forget, left));
      if (!step && !failed) failed = step.error();
      if (!step) break;
      left.deleted_before = step->deleted;
      more = step->more;
    }
    deleted += left.deleted_before;
  }
  if (failed) co_return fail(std::move(*failed));
  co_return deleted;
}

// Both layouts of a project, each by itself. A newer one is abandoned first, so that no page that
// was read with the visitor on it is added any more; when it is too late for that, it is complete.
task<result<std::uint64_t>> forget_once(context& ctx, const control::project& p,
                                        store::forget_request whom) {
  std::uint64_t of_other = 0;
  if (p.other && p.other->generation > p.at.generation) {
    // The first shard decides: it is the first to be abandoned, and the first to be activated.
    const store::shard_request request{store::shard_step::abandon, *p.other, 0, 0, {}};
    auto first = co_await step_each(ctx, p.id, {p.other->generation, 1}, request);
    if (!first) co_return fail(first.error());
    if (first->front().state.is == store::standing::abandoned) {
      auto all = co_await step_each(ctx, p.id, *p.other, request);
      if (!all) co_return fail(all.error());
    }
  }
  auto deleted = co_await forget_in(ctx, p.id, p.at, whom);
  if (p.other) {
    auto also = co_await forget_in(ctx, p.id, *p.other, std::move(whom));
    if (!also) co_return fail(also.error());
    of_other = *also;
  }
  if (!deleted) co_return fail(deleted.error());
  // The same events, copied.
  co_return std::max(*deleted, of_other);
}

}  // namespace

task<result<std::uint64_t>> forget(context& ctx, const control::project& p,
                                   store::forget_request whom) {
  auto before = co_await caught_up(ctx, p.id);
  if (!before) co_return fail(before.error());
  std::uint64_t deleted = 0;
  for (int change = 0; change < most_changes; ++change) {
    auto gone = co_await forget_once(ctx, *before, whom);
    if (!gone) co_return fail(gone.error());
    deleted += *gone;
    auto after = co_await caught_up(ctx, p.id);
    if (!after) co_return fail(after.error());
    // What was begun meanwhile may have read the visitor before.
    if (after->at == before->at && after->other == before->other) co_return deleted;
    before = std::move(after);
  }
  co_return fail(storage_failed({}));
}

task<result<std::uint64_t>> expire(context& ctx, control::project p, millis before) {
  std::vector<std::string> stores = stores_of(p.id, p.at);
  if (p.other)
    for (std::string& name : stores_of(p.id, *p.other)) stores.push_back(std::move(name));
  std::uint64_t deleted = 0;
  for (std::size_t i = 0; i < stores.size(); ++i) {
    const std::string record =
        store::encode_request(store::operation::expire, store::expire_request{before, expire_step});
    for (bool more = true; more;) {
      auto step = co_await ask_store<store::expire_answer>(ctx, stores[i], record);
      if (!step) co_return fail(step.error());
      if (step->moved && !p.other) {
        auto fresh = co_await caught_up(ctx, p.id);
        if (!fresh) co_return fail(fresh.error());
        auto there = co_await expire(ctx, std::move(*fresh), before);
        co_return there;
      }
      more = step->more;
      // Copies are not counted again.
      if (i < p.at.shards) deleted += step->deleted;
    }
  }
  co_return deleted;
}

}  // namespace millimetric::shards
