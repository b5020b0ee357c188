// Merging, and when it is due: a store asks to be woken, and each time takes a bounded step.

#include <algorithm>

#include "store/merge_levels.h"
#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;
using segment::column_id;

namespace {

// Between merges while events come in, at least, and up to twice that: what comes within it is
// merged in one go, so that the faster it comes, the fewer times an event is written again. It ends
// before an object that nothing comes to any more is evicted, after some ten seconds.
constexpr millis merge_pause = 4000;

// Beyond so many bytes of small segments in memory more comes in than is merged: a step then does
// so many times as much, which is still less than 50 ms of CPU.
constexpr std::size_t behind_bytes = 8UL * 1024 * 1024;
constexpr std::size_t steps_when_behind = 4;

// So many times the platform tries again before a merge that the database refuses is left aside:
// its trouble does not pass then, and what is behind it would never be merged.
constexpr std::uint32_t most_refused_merges = 3;

bool has_old_receptions(const segment_entry& s, millis now) {
  const segment::chunk_entry* ids = s.head.find(column_id::remembered_ids, segment::codes_part);
  return s.found == segment::damage::none && ids != nullptr &&
         s.head.last_received <= now - idempotency_ms;
}

}  // namespace

std::unique_ptr<rewrite> segment_store::next_merge(millis now) {
  for (level& l : levels_of(catalog_, unmergeable_, limits_)) {
    if (!l.due(limits_)) continue;
    return std::make_unique<rewrite>(++last_segment_, inputs_of(l, limits_),
                                     std::vector<std::vector<std::uint8_t>>{}, now - idempotency_ms,
                                     id_key_, limits_,
                                     [this](std::size_t bytes) { make_room_for(bytes); });
  }
  return nullptr;
}

bool segment_store::upkeep_is_due(millis now) const {
  if (merge_ || orphans_) return true;
  const levels all = levels_of(catalog_, unmergeable_, limits_);
  return std::any_of(all.begin(), all.end(), [&](const level& l) { return l.due(limits_); }) ||
         std::any_of(catalog_.all().begin(), catalog_.all().end(), [&](const segment_ref& s) {
           return has_old_receptions(*s, now) && with_receptions_.contains(s->id);
         });
}

millis segment_store::upkeep_after() const {
  if (merge_ || orphans_) return 0;
  const levels all = levels_of(catalog_, unmergeable_, limits_);
  const bool full =
      std::any_of(all.begin(), all.end(), [&](const level& l) { return l.is_full(limits_); });
  if (full || catalog_.all().empty()) return full ? 0 : merge_pause;
  // By what came last, so that the stores of a server do not all merge in one moment.
  const auto pause = static_cast<std::uint64_t>(merge_pause);
  std::uint64_t sum = 0;
  const segment_entry& last = *catalog_.all().back();
  for (const segment::chunk_entry& c : (last.row ? last.row->head : last.head).chunks)
    sum += c.checksum;
  return merge_pause + static_cast<millis>(sum % pause);
}

bool segment_store::may_be_enough() const {
  return came_since_asked_ >= most_merged || catalog_.row_bytes() > behind_bytes;
}

task<result<void>> segment_store::wake_if_due(context& ctx) {
  if (waits_ && (*waits_ == 0 || !may_be_enough())) co_return result<void>{};
  if (!upkeep_is_due(ctx.now())) co_return result<void>{};
  const millis after = upkeep_after();
  if (waits_ && after > 0) co_return result<void>{};
  auto asked = co_await ctx.wake(after);
  // What was stored is stored; the next request asks again.
  if (!asked) co_return result<void>{};
  waits_ = after;
  came_since_asked_ = 0;
  co_return result<void>{};
}

task<result<void>> segment_store::give_up_merge(context& ctx) {
  merge_.reset();
  orphans_ = true;
  std::vector<host::statement> statements;
  sql::delete_unfinished(statements);
  auto deleted = co_await ctx.sql(std::move(statements));
  if (!deleted) co_return fail(deleted.error());
  orphans_ = false;
  co_return result<void>{};
}

// The chunks of `received` and the filter of ids, which nobody asks for after 7 days.
task<result<void>> segment_store::drop_old_receptions(context& ctx) {
  for (const segment_ref& s : catalog_.all()) {
    if (!has_old_receptions(*s, ctx.now()) || !with_receptions_.contains(s->id)) continue;
    std::vector<host::statement> statements;
    // If they are in rows of their own; others stay.
    for (const column_id c : {column_id::received, column_id::remembered_ids})
      statements.push_back(
          sql::delete_chunk(chunk_key(s->id, static_cast<std::uint8_t>(c), segment::codes_part)));
    auto dropped = co_await ctx.sql(std::move(statements));
    if (!dropped) co_return in_doubt(dropped.error());
    ids_.forget({&s, 1});
    with_receptions_.erase(s->id);
  }
  co_return result<void>{};
}

error segment_store::leave_out(error why) {
  // An input that cannot be read stays as it is; the others find other neighbours.
  if (is_damage(why)) {
    unmergeable_.insert(merge_->unreadable());
  } else if (++refused_merges_ == most_refused_merges) {
    refused_merges_ = 0;
    for (const segment_ref& s : merge_->inputs()) unmergeable_.insert(s->id);
    why.message = "The database refuses to merge segments from " +
                  std::to_string(merge_->inputs().front()->id) + " on; they are left as they are.";
  }
  return why;
}

task<result<void>> segment_store::merge_step(context& ctx) {
  const std::size_t steps = catalog_.row_bytes() > behind_bytes ? steps_when_behind : 1;
  std::size_t rows = 0;
  while (rows < limits_.upkeep_rows * steps) {
    auto done = co_await merge_->step(ctx);
    if (!done) co_return fail(leave_out(std::move(done.error())));
    rows += std::max<std::size_t>(merge_->rows(), 1);
    if (!*done) continue;
    refused_merges_ = 0;
    commit(*merge_, ctx.now());
    merge_.reset();
    break;
  }
  co_return result<void>{};
}

task<result<maintain_answer>> segment_store::maintain(context& ctx, const maintain_request&) {
  waits_.reset();
  auto opened = co_await load(ctx);
  if (!opened) co_return fail(opened.error());
  if (orphans_) {
    auto cleared = co_await give_up_merge(ctx);
    if (!cleared) co_return fail(cleared.error());
  }
  if (!merge_) {
    auto settled = co_await settle_usage(ctx);
    if (!settled) co_return fail(settled.error());
    merge_ = next_merge(ctx.now());
  }
  if (merge_) {
    auto merged = co_await merge_step(ctx);
    if (!merged) {
      merge_.reset();
      orphans_ = true;
      // Without what was left out the next one may do; a database that fails must be left in peace.
      if (is_damage(merged.error()) || refused_merges_ == 0) {
        auto woken = co_await wake_if_due(ctx);
        static_cast<void>(woken);
      }
      co_return in_doubt(merged.error());
    }
  }
  // Also between two merges: where events come without a pause there is always one to begin.
  if (!merge_) {
    auto dropped = co_await drop_old_receptions(ctx);
    if (!dropped) co_return fail(dropped.error());
  }
  auto woken = co_await wake_if_due(ctx);
  static_cast<void>(woken);
  co_return maintain_answer{upkeep_is_due(ctx.now())};
}

}  // namespace millimetric::store
