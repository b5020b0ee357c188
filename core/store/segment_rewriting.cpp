// Segments that change: what a rewrite has made takes the place of what it was made of.

#include <algorithm>

#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;

void segment_store::let_go(std::span<const segment_ref> segments) {
  ids_.forget(segments);
  for (const segment_ref& s : segments) {
    catalog_.remove(s->id);
    unmergeable_.erase(s->id);
  }
}

void segment_store::commit(const rewrite& work, millis now) {
  let_go(work.inputs());
  const segment_ref& made = work.output();
  if (made == nullptr) return;
  catalog_.add(made);
  if (!made->is_small()) with_receptions_.insert(made->id);
  if (made->is_small() && made->head.last_received > now - idempotency_ms)
    ids_.note(made->id, small_ids(*made, id_key_));
}

task<result<std::uint64_t>> segment_store::drop_rows(context& ctx, const segment_ref& s,
                                                     std::vector<std::uint8_t> keep) {
  const auto gone = static_cast<std::uint64_t>(std::count(keep.begin(), keep.end(), 0));
  if (gone == 0) co_return 0;
  auto settled = co_await settle_usage(ctx);
  if (!settled) co_return fail(settled.error());
  rewrite work(++last_segment_, {s}, {std::move(keep)}, ctx.now() - idempotency_ms, id_key_,
               limits_, [this](std::size_t bytes) { make_room_for(bytes); });
  for (;;) {
    auto done = co_await work.step(ctx);
    if (!done) {
      orphans_ = true;
      co_return in_doubt(done.error());
    }
    if (*done) break;
  }
  commit(work, ctx.now());
  co_return gone;
}

}  // namespace millimetric::store
