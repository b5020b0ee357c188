#include "shards/steps.h"

#include "control/registry.h"

namespace millimetric::shards {
namespace {

using host::context;
using host::task;
using store::layout;
using store::standing;

// Layouts that a project may have had since the backup.
constexpr int most_behind = 64;

// Where the first store of a layout says that its events are by now; nothing when they are there.
task<result<std::optional<layout>>> moved_to(context& ctx, std::string project, layout at) {
  auto first = co_await step_each(ctx, std::move(project), {at.generation, 1}, {});
  if (!first) co_return fail(first.error());
  const store::shard_state& state = first->front().state;
  co_return state.is == standing::moved ? std::optional(state.to) : std::nullopt;
}

}  // namespace

std::vector<std::string> stores_of(const std::string& project, const layout& at) {
  std::vector<std::string> out;
  for (std::uint32_t s = 0; s < at.shards; ++s) out.push_back(store::store_name(project, at, s));
  return out;
}

task<result<std::vector<store::shard_answer>>> step_each(context& ctx, std::string project,
                                                         layout at, store::shard_request request) {
  std::vector<store::shard_answer> out;
  for (const std::string& name : stores_of(project, at)) {
    auto done = co_await ask_store<store::shard_answer>(
        ctx, name, store::encode_request(store::operation::shard, request));
    if (!done) co_return fail(done.error());
    out.push_back(std::move(*done));
  }
  co_return out;
}

task<result<control::project>> existing_project(context& ctx, std::string id) {
  auto found = co_await control::find_project(ctx, std::move(id));
  if (!found) co_return fail(storage_failed(found.error()));
  if (!*found) co_return fail(error_code::not_found, "There is no such project.");
  co_return std::move(**found);
}

task<result<control::project>> caught_up(context& ctx, std::string project) {
  for (int behind = 0; behind < most_behind; ++behind) {
    auto p = co_await existing_project(ctx, project);
    if (!p) co_return fail(p.error());
    auto to = co_await moved_to(ctx, project, p->at);
    if (!to) co_return fail(to.error());
    // They move in the last moment of a resharding; then the control plane is told.
    bool is_known = !*to;
    if (*to && p->other == **to) {
      auto further = co_await moved_to(ctx, project, **to);
      if (!further) co_return fail(further.error());
      is_known = !*further;
    }
    if (is_known) co_return std::move(*p);
    auto noted = co_await control::change_layouts(ctx, *p, **to, std::nullopt);
    if (!noted) co_return fail(noted.error());
  }
  co_return fail(storage_failed({}));
}

}  // namespace millimetric::shards
