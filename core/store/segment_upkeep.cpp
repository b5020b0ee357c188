// What changes or removes stored segments: merging, retention, forgetting; and what they weigh.

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "segment/visitor_index.h"
#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;
using segment::column_id;

namespace {

constexpr std::size_t most_inputs = 128;  // of a merge, where many small ones have piled up
// What small segments hold in memory until they are merged. That many events of a usual size take
// less than half of it.
constexpr std::size_t most_unmerged_bytes = 8UL * 1024 * 1024;
// Between merges while events come in, at least, and up to twice that: what comes within it is
// merged in one go, so that the faster it comes, the fewer times an event is written again.
constexpr millis merge_pause = 1000;

// Segments of one size.
struct level {
  std::vector<segment_ref> segments;
  std::uint64_t events = 0;
  std::size_t bytes = 0;  // in memory
  [[nodiscard]] bool due(const segment::limits& l) const {
    return segments.size() >= l.merge_inputs || is_full(l);
  }
  // Whether waiting would make a merge no larger.
  [[nodiscard]] bool is_full(const segment::limits& l) const {
    return segments.size() >= most_inputs ||
           (segments.size() > 1 && (events >= l.events || bytes >= most_unmerged_bytes));
  }
};
using levels = std::array<level, std::tuple_size_v<decltype(segment::limits::level_ends)> + 1>;

// The level of a segment, or none for one that is full.
std::optional<std::size_t> level_of(const segment_entry& s, const segment::limits& l) {
  if (s.found != segment::damage::none || s.head.raw_bytes >= l.raw_bytes / 2 ||
      s.head.events >= l.sealed_events)
    return std::nullopt;
  const auto end = std::upper_bound(l.level_ends.begin(), l.level_ends.end(), s.head.events);
  return static_cast<std::size_t>(end - l.level_ends.begin());
}

levels levels_of(const catalog& segments, const std::set<std::int64_t>& left_out,
                 const segment::limits& limits) {
  levels out;
  for (const segment_ref& s : segments.all()) {
    const auto l = level_of(*s, limits);
    if (!l || left_out.contains(s->id)) continue;
    out[*l].segments.push_back(s);
    out[*l].events += s->head.events;
    out[*l].bytes += s->body.size();
  }
  return out;
}

// Neighbours in time, as many as make a full segment.
std::vector<segment_ref> inputs_of(level& l, const segment::limits& limits) {
  std::sort(l.segments.begin(), l.segments.end(), [](const auto& a, const auto& b) {
    return a->head.first != b->head.first ? a->head.first < b->head.first : a->id < b->id;
  });
  std::vector<segment_ref> out;
  std::uint64_t events = 0;
  std::uint64_t raw = 0;
  for (const segment_ref& s : l.segments) {
    events += s->head.events;
    raw += s->head.raw_bytes;
    if (events > limits.events || raw > limits.raw_bytes) break;
    out.push_back(s);
    if (out.size() == most_inputs) break;
  }
  return out;
}

bool has_old_receptions(const segment_entry& s, millis now) {
  const segment::chunk_entry* ids = s.head.find(column_id::remembered_ids, segment::codes_part);
  return s.found == segment::damage::none && ids != nullptr &&
         s.head.last_received <= now - idempotency_ms;
}

// Whether an error says that a segment cannot be read, rather than that the database failed.
bool is_damage(const error& e) noexcept { return e.code == error_code::tool_failed; }

// Takes note of the first damage, and gives whether it was one.
bool note_damage(const error& e, std::optional<error>& first) {
  if (is_damage(e) && !first) first = e;
  return is_damage(e);
}

}  // namespace

std::unique_ptr<rewrite> segment_store::next_merge(millis now) {
  for (level& l : levels_of(catalog_, unmergeable_, limits_)) {
    if (!l.due(limits_)) continue;
    return std::make_unique<rewrite>(++last_segment_, inputs_of(l, limits_),
                                     std::vector<std::vector<std::uint8_t>>{}, now - idempotency_ms,
                                     limits_, [this](std::size_t bytes) { make_room_for(bytes); });
  }
  return nullptr;
}

bool segment_store::upkeep_is_due(millis now) const {
  if (merge_ || orphans_) return true;
  const levels all = levels_of(catalog_, unmergeable_, limits_);
  return std::any_of(all.begin(), all.end(), [&](const level& l) { return l.due(limits_); }) ||
         std::any_of(catalog_.all().begin(), catalog_.all().end(), [&](const segment_ref& s) {
           return has_old_receptions(*s, now) && !receptions_dropped_.contains(s->id);
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
  for (const segment::chunk_entry& c : catalog_.all().back()->head.chunks) sum += c.checksum;
  return merge_pause + static_cast<millis>(sum % pause);
}

task<result<void>> segment_store::wake_if_due(context& ctx) {
  if (wake_asked_ || !upkeep_is_due(ctx.now())) co_return result<void>{};
  auto asked = co_await ctx.wake(upkeep_after());
  // What was stored is stored; the next request asks again.
  if (asked) wake_asked_ = true;
  co_return result<void>{};
}

void segment_store::let_go(std::span<const segment_ref> segments) {
  ids_.forget(segments);
  for (const segment_ref& s : segments) catalog_.remove(s->id);
}

void segment_store::commit(const rewrite& work, millis now) {
  let_go(work.inputs());
  const segment_ref& made = work.output();
  if (made == nullptr) return;
  catalog_.add(made);
  if (made->small && made->head.last_received > now - idempotency_ms)
    ids_.note(made->id, small_ids(*made));
}

// The chunks of `received` and the filter of ids, which nobody asks for after 7 days.
task<result<void>> segment_store::drop_old_receptions(context& ctx) {
  for (const segment_ref& s : catalog_.all()) {
    if (!has_old_receptions(*s, ctx.now()) || receptions_dropped_.contains(s->id)) continue;
    std::vector<host::statement> statements;
    for (const column_id c : {column_id::received, column_id::remembered_ids})
      if (const auto* chunk = s->head.find(c, segment::codes_part);
          chunk != nullptr && chunk->apart)
        statements.push_back(
            {"DELETE FROM chunks WHERE key = ?",
             {chunk_key(s->id, static_cast<std::uint8_t>(c), segment::codes_part)}});
    auto dropped = co_await ctx.sql(std::move(statements));
    if (!dropped) co_return in_doubt(dropped.error());
    ids_.forget({&s, 1});
    receptions_dropped_.insert(s->id);
  }
  co_return result<void>{};
}

task<result<void>> segment_store::give_up_merge(context& ctx) {
  merge_.reset();
  orphans_ = true;
  std::vector<host::statement> statements;
  sql::delete_orphans(statements);
  auto deleted = co_await ctx.sql(std::move(statements));
  if (!deleted) co_return fail(deleted.error());
  orphans_ = false;
  co_return result<void>{};
}

task<result<void>> segment_store::merge_step(context& ctx) {
  std::size_t rows = 0;
  while (rows < limits_.upkeep_rows) {
    auto done = co_await merge_->step(ctx);
    if (!done) {
      // An input that cannot be read stays as it is; the others find other neighbours.
      if (is_damage(done.error())) unmergeable_.insert(merge_->unreadable());
      co_return fail(done.error());
    }
    rows += std::max<std::size_t>(merge_->rows(), 1);
    if (!*done) continue;
    commit(*merge_, ctx.now());
    merge_.reset();
    break;
  }
  co_return result<void>{};
}

task<result<maintain_answer>> segment_store::maintain(context& ctx, const maintain_request&) {
  wake_asked_ = false;
  auto opened = co_await load(ctx);
  if (!opened) co_return fail(opened.error());
  if (orphans_) {
    auto cleared = co_await give_up_merge(ctx);
    if (!cleared) co_return fail(cleared.error());
  }
  if (!merge_) merge_ = next_merge(ctx.now());
  if (merge_) {
    auto merged = co_await merge_step(ctx);
    if (!merged) {
      merge_.reset();
      orphans_ = true;
      // Without what is damaged the next one may do; a database that fails must be left in peace.
      if (is_damage(merged.error())) {
        auto woken = co_await wake_if_due(ctx);
        static_cast<void>(woken);
      }
      co_return in_doubt(merged.error());
    }
  } else {
    auto dropped = co_await drop_old_receptions(ctx);
    if (!dropped) co_return fail(dropped.error());
  }
  auto woken = co_await wake_if_due(ctx);
  static_cast<void>(woken);
  co_return maintain_answer{upkeep_is_due(ctx.now())};
}

task<result<std::uint64_t>> segment_store::drop_rows(context& ctx, const segment_ref& s,
                                                     std::vector<std::uint8_t> keep) {
  const auto gone = static_cast<std::uint64_t>(std::count(keep.begin(), keep.end(), 0));
  if (gone == 0) co_return 0;
  rewrite work(++last_segment_, {s}, {std::move(keep)}, ctx.now() - idempotency_ms, limits_,
               [this](std::size_t bytes) { make_room_for(bytes); });
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

// Drops the rows of a segment that are older than an instant. Gives how many went.
task<result<std::uint64_t>> segment_store::cut_off(context& ctx, const segment_ref& s,
                                                   millis before) {
  open_segment open(s);
  auto fetched = co_await fetch(ctx, cache_, open, open.reader.codes_need(column_id::timestamp));
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
  const std::vector<segment_ref> old = catalog_.in({0, q.before});
  if (!old.empty() && (merge_ || orphans_)) {
    auto given_up = co_await give_up_merge(ctx);
    if (!given_up) co_return fail(given_up.error());
  }
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
    sql::delete_segment(*s, statements);
    auto deleted = co_await ctx.sql(std::move(statements));
    if (!deleted) co_return in_doubt(deleted.error());
    let_go({&s, 1});
    out.deleted += s->head.events;
  }
  co_return out;
}

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

task<result<storage_answer>> segment_store::storage(context& ctx, const storage_request&) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  storage_answer out;
  std::map<std::uint8_t, std::uint64_t> columns;
  for (const segment_ref& s : catalog_.all()) {
    out.events += s->head.events;
    out.first = std::min(out.first.value_or(s->head.first), s->head.first);
    out.last = std::max(out.last.value_or(s->head.last), s->head.last);
    if (s->found != segment::damage::none) {
      ++out.damaged_segments;
      continue;
    }
    ++(s->small ? out.small_segments : out.large_segments);
    out.bytes += segment::encode_header(s->head).size();
    for (const segment::chunk_entry& c : s->head.chunks) {
      const auto visitors = static_cast<std::uint8_t>(column_id::visitors);
      columns[std::min(c.column, visitors)] += c.size;
      out.bytes += c.size;
    }
  }
  for (const level& l : levels_of(catalog_, unmergeable_, limits_))
    if (l.due(limits_)) out.merge_debt += l.segments.size();
  if (merge_) out.merge_debt = std::max<std::uint64_t>(out.merge_debt, merge_->inputs().size());
  for (const auto& [column, bytes] : columns)
    out.columns.push_back({std::string(segment::name_of(static_cast<column_id>(column))), bytes});
  std::sort(out.columns.begin(), out.columns.end(),
            [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  co_return out;
}

}  // namespace millimetric::store
