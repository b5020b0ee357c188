// Forgetting a visitor: the segments that hold them are written anew without them, some in each
// call. How far that has come is noted nowhere, since what is left of the visitor says it: a call
// looks for that, as after one that failed.

#include <algorithm>
#include <set>

#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;
using segment::column_id;

namespace {

query::scope all_of(query::column whose, std::vector<std::string> ids) {
  return {{0, query::end_of_time}, {{whose, std::move(ids)}}};
}

// Where anonymous ids were identified as a user.
query::scope identifications_of(const std::string& user) {
  query::scope out = all_of(query::column::user_id, {user});
  out.filters.push_back({query::column::event_name, {"$identify"}});
  return out;
}

std::vector<segment::chunk_place> anonymous_ids_need(const segment::reader& from) {
  std::vector<segment::chunk_place> out = from.codes_need(column_id::anonymous_id);
  segment::append(out, from.values_need(column_id::anonymous_id));
  return out;
}

// False when the segment is damaged.
bool add_anonymous_ids(const segment::reader& from, const segment::chosen_rows& rows,
                       std::set<std::string>& to) {
  segment::row_codes codes;
  segment::texts values;
  if (!from.codes(column_id::anonymous_id, codes) || !from.values(column_id::anonymous_id, values))
    return false;
  for (std::size_t n = 0; n < rows.size(); ++n)
    if (const std::uint16_t code = codes.codes[rows[n]]; code < values.size())
      to.emplace(values[code]);
  return true;
}

// Takes note of the first damage, and gives whether it was one.
bool note_damage(const error& e, std::optional<error>& first) {
  if (is_damage(e) && !first) first = e;
  return is_damage(e);
}

}  // namespace

// The anonymous ids that were identified as a user.
task<result<std::vector<std::string>>> segment_store::identified_as(context& ctx,
                                                                    const std::string& user,
                                                                    forgetting& so_far) {
  const query::scope in = identifications_of(user);
  std::set<std::string> found;
  auto segments = co_await segments_of(ctx, in);
  if (!segments) co_return fail(segments.error());
  for (const segment_ref& entry : *segments) {
    open_segment s(entry);
    segment::chosen_rows rows;
    auto some = co_await select(ctx, s, in, anonymous_ids_need, rows);
    if (some && *some && !add_anonymous_ids(s.reader, rows, found)) some = fail(damaged(*entry));
    if (!some && !note_damage(some.error(), so_far.damage)) co_return fail(some.error());
  }
  co_return std::vector<std::string>(found.begin(), found.end());
}

// What is done one after the other. Who a user was is only known from events of theirs, which
// therefore stay until nothing else of the user is left: whoever goes on later finds them.
std::vector<segment_store::forget_part> segment_store::parts_of(const forget_request& q,
                                                                std::vector<std::string> known) {
  if (!q.user_id) {
    const std::string id = q.anonymous_id.value_or(std::string());
    return {forget_part{{all_of(query::column::anonymous_id, {id})}}};
  }
  const visitor_rows user{all_of(query::column::user_id, {*q.user_id})};
  forget_part first{user};
  if (!known.empty())
    first.push_back(
        {.in = all_of(query::column::anonymous_id, std::move(known)), .signed_out = true});
  first.push_back({.in = identifications_of(*q.user_id), .stay = true});
  return {std::move(first), forget_part{user}};
}

// A mark per row of a segment: 0 for those that go.
task<result<std::vector<std::uint8_t>>> segment_store::others(context& ctx,
                                                              const segment_ref& entry,
                                                              const forget_part& part) {
  std::vector<std::uint8_t> keep(entry->head.events, 1);
  for (const visitor_rows& whose : part) {
    open_segment s(entry);
    segment::chosen_rows rows;
    auto some = co_await select(ctx, s, whose.in, codes_of(column_id::user_id), rows);
    if (!some) co_return fail(some.error());
    if (!*some) continue;
    segment::row_codes users;
    if (!s.reader.codes(column_id::user_id, users)) co_return fail(damaged(*entry));
    for (std::size_t n = 0; n < rows.size(); ++n)
      if (!whose.signed_out || users.codes[rows[n]] == users.null_code)
        keep[rows[n]] = whose.stay ? 1 : 0;
  }
  co_return keep;
}

// Does a part of forgetting in the segments that may have some of its rows, as far as the call may
// go.
task<result<void>> segment_store::forget_some(context& ctx, const forget_part& part,
                                              const query::scope& in, forgetting& so_far) {
  auto segments = co_await segments_of(ctx, in);
  if (!segments) co_return fail(segments.error());
  for (const segment_ref& s : *segments) {
    auto keep = co_await others(ctx, s, part);
    if (!keep && note_damage(keep.error(), so_far.damage)) continue;
    if (!keep) co_return fail(keep.error());
    if (std::find(keep->begin(), keep->end(), 0) == keep->end()) continue;
    so_far.more = so_far.rewritten >= limits_.events;
    if (so_far.more) break;
    auto dropped = co_await drop_rows(ctx, s, std::move(*keep));
    if (!dropped && note_damage(dropped.error(), so_far.damage)) continue;
    if (!dropped) co_return fail(dropped.error());
    so_far.deleted += *dropped;
    so_far.rewritten += s->head.events;
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
  so_far.deleted = q.deleted_before;
  std::vector<std::string> known;
  if (q.user_id) {
    auto found = co_await identified_as(ctx, *q.user_id, so_far);
    if (!found) co_return fail(found.error());
    known = std::move(*found);
  }
  const std::vector<forget_part> parts = parts_of(q, std::move(known));
  for (const forget_part& part : parts)
    for (const visitor_rows& whose : part) {
      if (whose.stay) continue;
      auto gone = co_await forget_some(ctx, part, whose.in, so_far);
      if (!gone) co_return fail(gone.error());
      if (so_far.more) co_return forget_answer{so_far.deleted, true};
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
  co_return forget_answer{so_far.deleted, false};
}

}  // namespace millimetric::store
