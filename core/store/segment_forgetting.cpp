// Forgetting a visitor: the segments that hold them are written anew without them.

#include <algorithm>
#include <set>

#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;
using segment::column_id;

namespace {

// Takes note of the first damage, and gives whether it was one.
bool note_damage(const error& e, std::optional<error>& first) {
  if (is_damage(e) && !first) first = e;
  return is_damage(e);
}

}  // namespace

// Adds the anonymous ids of a segment's rows in a scope.
task<result<void>> segment_store::note_identified(context& ctx, const segment_ref& entry,
                                                  const query::scope& in,
                                                  std::set<std::string>& found) {
  open_segment s(entry);
  std::vector<segment::chunk_place> need = s.reader.codes_need(column_id::anonymous_id);
  for (const segment::chunk_place& at : s.reader.values_need(column_id::anonymous_id))
    need.push_back(at);
  segment::chosen_rows rows;
  auto some = co_await select(ctx, s, in, std::move(need), rows);
  if (!some) co_return fail(some.error());
  if (!*some) co_return result<void>{};
  segment::row_codes codes;
  segment::texts values;
  if (!s.reader.codes(column_id::anonymous_id, codes) ||
      !s.reader.values(column_id::anonymous_id, values))
    co_return fail(damaged(*entry));
  for (std::size_t n = 0; n < rows.size(); ++n)
    if (const std::uint16_t code = codes.codes[rows[n]]; code < values.size())
      found.emplace(values[code]);
  co_return result<void>{};
}

// The anonymous ids that were identified as a user.
task<result<std::vector<std::string>>> segment_store::identified_as(context& ctx,
                                                                    const std::string& user,
                                                                    forgetting& so_far) {
  const query::scope in{
      {0, query::end_of_time},
      {{query::column::event_name, {"$identify"}}, {query::column::user_id, {user}}}};
  std::set<std::string> found;
  auto segments = co_await segments_of(ctx, in);
  if (!segments) co_return fail(segments.error());
  for (const segment_ref& entry : *segments) {
    auto noted = co_await note_identified(ctx, entry, in, found);
    if (!noted && !note_damage(noted.error(), so_far.damage)) co_return fail(noted.error());
  }
  co_return std::vector<std::string>(found.begin(), found.end());
}

// A mark per row of a segment: 1 where the filter does not hold, or where `which` leaves out those
// with somebody signed in.
task<result<std::vector<std::uint8_t>>> segment_store::others(context& ctx,
                                                              const segment_ref& entry,
                                                              const query::filter& whose,
                                                              whose_rows which) {
  open_segment s(entry);
  const query::scope in{{0, query::end_of_time}, {whose}};
  std::vector<std::uint8_t> keep(entry->head.events, 1);
  segment::chosen_rows rows;
  auto some = co_await select(ctx, s, in, s.reader.codes_need(column_id::user_id), rows);
  if (!some) co_return fail(some.error());
  if (!*some) co_return keep;
  segment::row_codes users;
  if (!s.reader.codes(column_id::user_id, users)) co_return fail(damaged(*entry));
  for (std::size_t n = 0; n < rows.size(); ++n)
    if (which == whose_rows::all || users.codes[rows[n]] == users.null_code) keep[rows[n]] = 0;
  co_return keep;
}

task<result<void>> segment_store::forget_rows(context& ctx, const query::filter& whose,
                                              whose_rows which, forgetting& so_far) {
  const query::scope in{{0, query::end_of_time}, {whose}};
  auto segments = co_await segments_of(ctx, in);
  if (!segments) co_return fail(segments.error());
  for (const segment_ref& s : *segments) {
    auto keep = co_await others(ctx, s, whose, which);
    if (!keep && note_damage(keep.error(), so_far.damage)) continue;
    if (!keep) co_return fail(keep.error());
    auto dropped = co_await drop_rows(ctx, s, std::move(*keep));
    if (!dropped && note_damage(dropped.error(), so_far.damage)) continue;
    if (!dropped) co_return fail(dropped.error());
    so_far.deleted += *dropped;
  }
  co_return result<void>{};
}

task<result<forget_answer>> segment_store::forget(context& ctx, const forget_request& q) {
  auto opened = co_await load(ctx);
  if (!opened) co_return fail(opened.error());
  // What a merge has put aside may hold the visitor too.
  auto given_up = co_await give_up_merge(ctx);
  if (!given_up) co_return fail(given_up.error());
  forgetting so_far;
  query::filter visitors{query::column::anonymous_id, {}};
  whose_rows which = whose_rows::all;
  if (q.user_id) {
    auto known = co_await identified_as(ctx, *q.user_id, so_far);
    if (!known) co_return fail(known.error());
    visitors.any_of = std::move(*known);
    which = whose_rows::signed_out;
  } else {
    visitors.any_of = {q.anonymous_id.value_or(std::string())};
  }
  if (!visitors.any_of.empty()) {
    auto gone = co_await forget_rows(ctx, visitors, which, so_far);
    if (!gone) co_return fail(gone.error());
  }
  if (q.user_id) {
    const query::filter user{query::column::user_id, {*q.user_id}};
    auto gone = co_await forget_rows(ctx, user, whose_rows::all, so_far);
    if (!gone) co_return fail(gone.error());
  }
  cache_.clear();
  std::vector<host::statement> one;
  one.push_back(sql::make_noise(catalog_.largest_bytes()));
  auto covered = co_await ctx.sql(std::move(one));
  if (!covered) co_return fail(covered.error());
  // Whoever asked must not believe that nothing is left.
  if (so_far.damage)
    co_return fail(error_code::tool_failed,
                   so_far.damage->message + " " + std::to_string(so_far.deleted) +
                       " of the visitor's events in other segments were deleted; any in the "
                       "damaged segment stay until it is repaired or expires.");
  co_return forget_answer{so_far.deleted};
}

}  // namespace millimetric::store
