// What is too old goes: whole segments, and the rows of the one that the instant cuts.

#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;
using segment::column_id;

// Drops the rows of a segment that are older than an instant. Gives how many went.
task<result<std::uint64_t>> segment_store::cut_off(context& ctx, const segment_ref& s,
                                                   millis before) {
  open_segment open(s);
  auto fetched = co_await fetch(ctx, cache_, open, codes_of(column_id::timestamp));
  if (!fetched) co_return fail(fetched.error());
  std::vector<std::int64_t> times;
  if (!open.reader.integers(column_id::timestamp, times)) co_return fail(damaged(*s));
  std::vector<std::uint8_t> keep(times.size());
  for (std::size_t row = 0; row < keep.size(); ++row) keep[row] = times[row] >= before;
  auto gone = co_await drop_rows(ctx, s, std::move(keep));
  co_return gone;
}

task<result<expire_answer>> segment_store::expire(context& ctx, const expire_request& q) {
  auto opened = co_await load(ctx);
  if (!opened) co_return fail(opened.error());
  expire_answer out;
  out.moved = state_.is == standing::moved;
  const std::vector<segment_ref> old = catalog_.in({0, q.before});
  if (!old.empty() && (merge_ || orphans_)) {
    auto given_up = co_await give_up_merge(ctx);
    if (!given_up) co_return fail(given_up.error());
  }
  auto settled = co_await settle_usage(ctx);
  if (!settled) co_return fail(settled.error());
  std::uint64_t rewritten = 0;
  for (const segment_ref& s : old) {
    if (out.deleted >= q.limit || rewritten >= limits_.events) {
      out.more = true;
      break;
    }
    if (s->head.last >= q.before) {
      auto gone = co_await cut_off(ctx, s, q.before);
      // What cannot be read cannot be cut: it goes when all of it is old, and nothing waits for it.
      if (!gone && is_damage(gone.error())) continue;
      if (!gone) co_return fail(gone.error());
      out.deleted += static_cast<std::uint32_t>(*gone);
      rewritten += s->head.events;
      continue;
    }
    std::vector<host::statement> statements;
    sql::delete_segments({&s, 1}, statements);
    auto deleted = co_await ctx.sql(std::move(statements));
    if (!deleted) co_return in_doubt(deleted.error());
    let_go({&s, 1});
    out.deleted += s->head.events;
  }
  co_return out;
}

}  // namespace millimetric::store
