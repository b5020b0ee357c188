// Taking events in: the catalog, idempotency, and one small segment per request.

#include "store/segment_store.h"

#include <algorithm>
#include <numeric>

#include "base/hash.h"
#include "segment/writer.h"
#include "store/row_upgrade.h"

namespace millimetric::store {

using host::context;
using host::task;
using segment::column_id;

namespace {

// Of rows read at once when a store is opened, if it is more than one: small segments come with
// their events.
constexpr std::size_t catalog_page_bytes = 4UL * 1024 * 1024;
// A row of the database holds at most 2 MB.
constexpr std::size_t max_row_bytes = 1'900'000;

// The segments of these ids and row sizes that are not known yet, in pages to read them by.
std::vector<std::vector<std::int64_t>> unknown_pages(const host::rows& sizes,
                                                     const catalog& known) {
  std::vector<std::vector<std::int64_t>> out;
  std::size_t bytes = 0;
  for (std::size_t row = 0; row < sizes.size(); ++row) {
    const std::int64_t id = sizes.integer(row, 0);
    if (known.find(id) != nullptr) continue;
    const auto size = static_cast<std::size_t>(sizes.integer(row, 1));
    if (out.empty() || bytes + size > catalog_page_bytes || out.back().size() == sql::most_keys) {
      out.emplace_back();
      bytes = 0;
    }
    out.back().push_back(id);
    bytes += size;
  }
  return out;
}

std::vector<std::int64_t> integers_of(const host::rows& column) {
  std::vector<std::int64_t> out;
  for (std::size_t row = 0; row < column.size(); ++row) out.push_back(column.integer(row, 0));
  return out;
}

}  // namespace

task<result<void>> segment_store::read_state(context& ctx) {
  std::vector<host::statement> statements;
  statements.push_back(sql::sum_all_usage());
  statements.push_back(sql::last_segment());
  statements.push_back(sql::read_state());
  statements.push_back(sql::list_unfinished());
  statements.push_back(sql::list_chunks_of(column_id::remembered_ids, segment::codes_part));
  statements.push_back(sql::drop_noise());
  statements.push_back({"SELECT key FROM hash_key", {}});
  auto got = co_await ctx.sql(std::exchange(statements, {}));
  if (!got) co_return fail(got.error());
  settled_ = got->results[0].integer(0, 0);
  last_segment_ = got->results[1].integer(0, 0);
  id_key_ = static_cast<std::uint64_t>(got->results[6].integer(0, 0));
  key_tables(id_key_);
  sql::delete_orphans(integers_of(got->results[3]), statements);
  with_receptions_.clear();
  for (const std::int64_t key : integers_of(got->results[4]))
    with_receptions_.insert(segment_of_key(key));
  if (!statements.empty()) {
    auto deleted = co_await ctx.sql(std::move(statements));
    if (!deleted) co_return fail(deleted.error());
  }
  state_ = {};
  const host::rows& state = got->results[2];
  if (state.size() == 0) co_return result<void>{};
  const auto* bytes = std::get_if<host::blob>(&state.cells.front());
  auto read = from_record<shard_state>(bytes == nullptr ? std::string_view() : bytes->bytes);
  if (!read) co_return fail(error_code::tool_failed, "What this shard is cannot be read.");
  state_ = std::move(*read);
  co_return result<void>{};
}

task<result<void>> segment_store::add_rows_of(context& ctx, std::span<const std::int64_t> ids) {
  std::vector<host::statement> statements;
  statements.push_back(sql::read_segments(ids));
  auto got = co_await ctx.sql(std::exchange(statements, {}));
  if (!got) co_return fail(got.error());
  const host::rows& rows = got->results.front();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto* bytes = std::get_if<host::blob>(&rows.at(row, 1));
    segment_ref s = make_entry(rows.integer(row, 0),
                               read_row(bytes == nullptr ? std::string_view() : bytes->bytes));
    if (!s->is_small() && s->found == segment::damage::none)
      statements.push_back(sql::list_segment(*s));
    catalog_.add(std::move(s));
  }
  if (statements.empty()) co_return result<void>{};
  // What cannot be listed, as where the database is full, is read again the next time.
  auto listed = co_await ctx.sql(std::move(statements));
  static_cast<void>(listed);
  co_return result<void>{};
}

task<result<void>> segment_store::read_catalog(context& ctx) {
  catalog_.clear();
  ids_.clear();
  std::vector<host::statement> statements;
  statements.push_back(sql::measure_segments());
  statements.push_back(sql::read_list());
  auto got = co_await ctx.sql(std::move(statements));
  if (!got) co_return fail(got.error());
  const host::rows& list = got->results[1];
  for (std::size_t row = 0; row < list.size(); ++row) {
    const auto* bytes = std::get_if<host::blob>(&list.at(row, 1));
    segment_ref s = bytes == nullptr ? nullptr : read_listed(list.integer(row, 0), bytes->bytes);
    if (s != nullptr) catalog_.add(std::move(s));
  }
  // The others are small, or of a version that had no list.
  for (const std::vector<std::int64_t>& page : unknown_pages(got->results[0], catalog_)) {
    auto added = co_await add_rows_of(ctx, page);
    if (!added) co_return fail(added.error());
  }
  co_return result<void>{};
}

tl::unexpected<error> segment_store::in_doubt(error e) {
  if (e.code != error_code::tool_failed) open_ = false;
  return fail(std::move(e));
}

task<result<void>> segment_store::open(context& ctx) {
  auto loaded = co_await load(ctx);
  if (!loaded) co_return fail(loaded.error());
  if (state_.is == standing::serving) co_return result<void>{};
  refusal why;
  if (state_.is == standing::moved) why.moved_to = state_.to;
  co_return fail(refused(why));
}

task<result<void>> segment_store::load(context& ctx) {
  cache_.begin(chunk_bytes());
  if (open_) co_return result<void>{};
  // Numbers of segments may be given anew, to other chunks.
  cache_.clear();
  merge_.reset();
  auto made = co_await ctx.sql(sql::create_tables());
  if (!made) co_return fail(made.error());
  auto state = co_await read_state(ctx);
  if (!state) co_return fail(state.error());
  auto upgraded = co_await upgrade_rows(ctx, last_segment_);
  if (!upgraded) co_return fail(upgraded.error());
  auto listed = co_await read_catalog(ctx);
  if (!listed) co_return fail(listed.error());
  const millis from = ctx.now() - idempotency_ms;
  for (const segment_ref& s : catalog_.all())
    if (s->is_small() && s->head.last_received > from) ids_.note(s->id, small_ids(*s, id_key_));
  find_unsettled(ctx.now());
  orphans_ = false;
  open_ = true;
  co_return result<void>{};
}

void segment_store::make_room_for(std::size_t answer_bytes) {
  // What goes beyond drives out twice its size: a question that takes so much memory goes over more
  // chunks than can be kept.
  constexpr std::size_t beside_all = 12UL * 1024 * 1024;
  const std::size_t most = chunk_bytes();
  if (answer_bytes > beside_all)
    cache_.shrink(most - std::min(most, 2 * (answer_bytes - beside_all)));
}

// Whether the segment holds one of the ids, received not longer ago than they are remembered.
task<result<void>> segment_store::mark_known(context& ctx, const segment_ref& s,
                                             std::span<const std::string_view> event_ids,
                                             const std::vector<std::size_t>& suspects,
                                             std::vector<std::uint8_t>& known) {
  chunk_cache without_room;  // a megabyte of ids, of which a question has no use
  open_segment open(s);
  auto ids = co_await fetch(ctx, without_room, open, [](const segment::reader& r) {
    return r.values_need(column_id::event_id);
  });
  if (!ids) co_return fail(ids.error());
  std::vector<std::string_view> wanted;
  for (const std::size_t i : suspects) wanted.push_back(event_ids[i]);
  std::vector<segment::text_match> found;
  if (!open.reader.rows_of(column_id::event_id, wanted, found)) co_return fail(damaged(*s));
  if (found.empty()) co_return result<void>{};
  auto times = co_await fetch(ctx, without_room, open, codes_of(column_id::received));
  if (!times) co_return fail(times.error());
  std::vector<std::int64_t> received;
  if (!open.reader.integers(column_id::received, received)) co_return fail(damaged(*s));
  const millis from = ctx.now() - idempotency_ms;
  for (const segment::text_match& m : found)
    if (m.place < received.size() && received[m.place] > from) known[suspects[m.wanted]] = 1;
  co_return result<void>{};
}

task<result<segment_store::new_events>> segment_store::fresh(context& ctx,
                                                             const segment::event_columns& events) {
  const std::vector<std::string_view>& event_ids = events.event_ids();
  std::vector<std::uint8_t> known(events.size());
  std::vector<std::uint64_t> ids(events.size());
  std::vector<std::size_t> asked;  // the events whose ids clients chose, each id once
  std::vector<std::uint64_t> hashes;
  std::vector<std::string_view> asked_ids;
  id_table seen;
  seen.reserve(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    ids[i] = hash64(event_ids[i], id_key_);
    if (events.client_event_ids[i] == 0) continue;
    seen.find(ids[i], [&](std::uint32_t n) {
      if (event_ids[n] == event_ids[i]) known[i] = 1;
    });
    if (known[i] != 0) continue;
    seen.add(ids[i], static_cast<std::uint32_t>(i));
    asked.push_back(i);
    hashes.push_back(ids[i]);
    asked_ids.push_back(event_ids[i]);
  }
  auto suspects = co_await ids_.find(ctx, catalog_, asked_ids, hashes);
  if (!suspects) co_return fail(suspects.error());
  std::map<std::int64_t, std::vector<std::size_t>> by_segment;
  for (const remembered_ids::suspect& s : *suspects)
    by_segment[s.segment].push_back(asked[s.index]);
  for (const auto& [id, indexes] : by_segment) {
    const segment_ref s = catalog_.find(id);
    if (s == nullptr) continue;
    auto marked = co_await mark_known(ctx, s, event_ids, indexes, known);
    // A damaged segment must not stop what comes in: at worst an id of its is stored twice.
    if (!marked && marked.error().code != error_code::tool_failed) co_return fail(marked.error());
  }
  new_events out;
  for (std::uint32_t row = 0; row < events.size(); ++row) {
    if (known[row] != 0) continue;
    out.rows.push_back(row);
    out.ids.push_back(ids[row]);
  }
  co_return out;
}

result<void> segment_store::build_rows(const segment::event_columns& events, const new_rows& of,
                                       std::vector<built_row>& to) const {
  const segment::built_segment built =
      segment::build(events, of.rows, of.arrivals, of.received, limits_);
  std::string row = sql::frame_row(built.head, segment::encode_segment(built));
  if (row.size() <= max_row_bytes) {
    to.push_back({std::move(row), of.ids});
    return {};
  }
  const std::size_t half = of.rows.size() / 2;
  if (half == 0) return fail(error_code::internal_error, "This event is too large to store.");
  auto first = build_rows(events, of.part(0, half), to);
  return first ? build_rows(events, of.part(half, of.rows.size() - half), to) : first;
}

task<result<void>> segment_store::put(context& ctx, const segment::event_columns& events,
                                      const new_events& fresh, std::vector<std::int64_t> received,
                                      std::vector<host::statement> also) {
  std::vector<std::int64_t> arrivals(fresh.rows.size());
  std::iota(arrivals.begin(), arrivals.end(), last_arrival_ + 1);
  std::vector<built_row> rows;
  auto built = build_rows(events, {fresh.rows, fresh.ids, arrivals, received}, rows);
  if (!built) co_return fail(built.error());
  std::vector<segment_ref> made;
  for (built_row& r : rows) {
    const std::int64_t id = last_segment_ + 1 + static_cast<std::int64_t>(made.size());
    made.push_back(make_entry(id, read_row(r.row)));
    also.push_back(sql::insert_segment(id, std::move(r.row)));
  }
  auto stored = co_await ctx.sql(std::move(also));
  if (!stored) co_return in_doubt(stored.error());
  last_segment_ = made.back()->id;
  came_since_asked_ += made.size();
  last_arrival_ += static_cast<std::int64_t>(fresh.rows.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (made[i]->head.last_received > ctx.now() - idempotency_ms)
      ids_.note(made[i]->id, rows[i].ids);
    catalog_.add(std::move(made[i]));
  }
  auto woken = co_await wake_if_due(ctx);
  static_cast<void>(woken);
  co_return result<void>{};
}

task<result<std::vector<std::uint8_t>>> segment_store::append(
    context& ctx, const segment::event_columns& events) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  if (state_.sealed_until > ctx.now()) co_return fail(refused({}));
  auto found = co_await fresh(ctx, events);
  if (!found) co_return fail(found.error());
  std::vector<std::uint8_t> out(events.size());
  for (const std::uint32_t row : found->rows) out[row] = 1;
  if (found->rows.empty()) {
    // The wish to be woken may have been lost with what was stored before.
    auto woken = co_await wake_if_due(ctx);
    static_cast<void>(woken);
    co_return out;
  }
  if (std::string month = format_month(ctx.now()); month != unsettled_month_) {
    auto settled = co_await settle_usage(ctx);
    if (!settled) co_return fail(settled.error());
    unsettled_month_ = std::move(month);
  }
  std::vector<std::int64_t> received(found->rows.size(), ctx.now());
  auto stored = co_await put(ctx, events, *found, std::move(received), {});
  if (!stored) co_return fail(stored.error());
  co_return out;
}

}  // namespace millimetric::store
