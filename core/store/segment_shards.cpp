// A store as a shard of a project that is resharded: what it is, and copying its events.

#include <algorithm>

#include "base/hash.h"
#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;
using segment::column_id;

namespace {

// Of one page: what a batch may bring, so that a target takes it as one small segment, and some
// milliseconds of reading.
constexpr std::size_t page_events = 1000;
constexpr std::size_t page_bytes = 700'000;
// Segments deleted in one call: up to some ten megabytes that are written over.
constexpr std::size_t emptied_at_once = 4;
// In the table of usage, beside the months: events that were not taken in but copied, less those
// that are counted in the months because other stores took them in.
constexpr const char* copied_usage = "copied";

// The months of other stores. What they count did not arrive here, and so all in all nothing is
// added.
void take_over(const std::vector<month_usage>& usage, std::vector<host::statement>& to) {
  for (const month_usage& m : usage) {
    const auto events = static_cast<std::int64_t>(m.events);
    to.push_back(sql::add_usage(m.month, events));
    to.push_back(sql::add_usage(copied_usage, -events));
  }
}

std::size_t size_of(const event::record& r) { return to_record(r).size(); }

// What a store becomes by a step; nothing where the step changes nothing.
std::optional<shard_state> after_step(const shard_state& is, const shard_request& q, millis now) {
  shard_state next = is;
  const bool sealed_for_good = is.sealed_until == query::end_of_time;
  bool changes = false;
  switch (q.step) {
    case shard_step::look:
    case shard_step::empty: break;
    case shard_step::prepare:
      changes = !is.known;
      next.is = standing::filling;
      next.copied.assign(std::min(q.sources, max_shards), 0);
      break;
    case shard_step::abandon:
      changes = !is.known || is.is == standing::filling;
      next.is = standing::abandoned;
      break;
    case shard_step::seal:
      changes =
          is.is == standing::serving && (q.to.generation > is.sealed_for ||
                                         (q.to.generation == is.sealed_for && !sealed_for_good));
      next.sealed_for = q.to.generation;
      next.sealed_until =
          q.seal_ms >= query::end_of_time - now ? query::end_of_time : now + q.seal_ms;
      break;
    case shard_step::activate:
      changes = is.is == standing::filling;
      next.is = standing::serving;
      break;
    case shard_step::move:
      changes = is.is == standing::serving && sealed_for_good && q.to.generation == is.sealed_for;
      next.is = standing::moved;
      next.to = q.to;
      break;
  }
  return changes ? std::optional(std::move(next)) : std::nullopt;
}

}  // namespace

task<result<void>> segment_store::put_state(context& ctx, shard_state next,
                                            std::vector<host::statement> also) {
  next.known = true;
  also.push_back(sql::write_state(to_record(next)));
  auto put = co_await ctx.sql(std::move(also));
  if (!put) co_return in_doubt(put.error());
  state_ = std::move(next);
  co_return result<void>{};
}

// Written over, as what is forgotten: nobody asks this store any more to forget. The last call, of
// a store that is empty already, writes over the log of writes that the one before ended.
task<result<void>> segment_store::empty_some(context& ctx) {
  auto given_up = co_await give_up_merge(ctx);
  if (!given_up) co_return fail(given_up.error());
  auto settled = co_await settle_usage(ctx);
  if (!settled) co_return fail(settled.error());
  std::vector<segment_ref> gone = catalog_.all();
  if (gone.size() > emptied_at_once) gone.resize(emptied_at_once);
  std::vector<host::statement> statements;
  sql::delete_segments(gone, statements);
  auto deleted = co_await ctx.sql(std::move(statements));
  if (!deleted) co_return in_doubt(deleted.error());
  let_go(gone);
  cache_.clear();
  if (!catalog_.all().empty()) co_return result<void>{};
  std::vector<host::statement> one;
  one.push_back(sql::make_noise(catalog_.largest_bytes()));
  auto covered = co_await ctx.sql(std::move(one));
  if (!covered) co_return fail(covered.error());
  co_return result<void>{};
}

task<result<shard_answer>> segment_store::shard(context& ctx, const shard_request& q) {
  auto loaded = co_await load(ctx);
  if (!loaded) co_return fail(loaded.error());
  if (q.step == shard_step::empty &&
      (state_.is == standing::moved || state_.is == standing::abandoned)) {
    auto emptied = co_await empty_some(ctx);
    if (!emptied) co_return fail(emptied.error());
  }
  if (std::optional<shard_state> next = after_step(state_, q, ctx.now())) {
    std::vector<host::statement> also;
    if (q.step == shard_step::activate) take_over(q.usage, also);
    auto put = co_await put_state(ctx, std::move(*next), std::move(also));
    if (!put) co_return fail(put.error());
  }
  auto settled = co_await settle_usage(ctx);
  if (!settled) co_return fail(settled.error());
  shard_answer out{state_, last_arrival_, 0, {}};
  for (const segment_ref& s : catalog_.all()) out.events += s->head.events;
  std::vector<host::statement> one;
  one.push_back(sql::list_usage_except(copied_usage));
  auto used = co_await ctx.sql(std::move(one));
  if (!used) co_return fail(used.error());
  const host::rows& months = used->results.front();
  for (std::size_t row = 0; row < months.size(); ++row)
    out.usage.push_back(
        {std::string(months.text(row, 0)), static_cast<std::uint64_t>(months.integer(row, 1))});
  co_return out;
}

// Puts the rows of one segment where they belong in a page.
task<result<void>> segment_store::read_copied(context& ctx, const segment_ref& entry,
                                              const std::vector<std::size_t>& places,
                                              std::vector<std::uint32_t> rows, copied_events& to) {
  std::vector<std::int64_t> received(entry->head.events, entry->head.last_received);
  // Later nobody asks when an event came, and it may not be kept any more.
  if (entry->head.last_received > ctx.now() - idempotency_ms) {
    open_segment s(entry);
    auto fetched = co_await fetch(ctx, cache_, s, codes_of(column_id::received));
    if (!fetched) co_return fail(fetched.error());
    if (!s.reader.integers(column_id::received, received)) co_return fail(damaged(*entry));
  }
  std::vector<query::stored_event> events;
  const picked_rows picked{entry, rows};
  auto read = co_await read_rows(ctx, {&picked, 1}, keeping::yes, events);
  if (!read) co_return fail(read.error());
  for (std::size_t i = 0; i < rows.size(); ++i)
    to.events[places[i]] = {events[i].arrival, received[rows[i]], std::move(events[i].what)};
  co_return result<void>{};
}

task<result<copied_events>> segment_store::copy_out(context& ctx, const copy_out_request& q) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  // What was copied must stay counted, whatever becomes of the segments.
  auto settled = co_await settle_usage(ctx);
  if (!settled) co_return fail(settled.error());
  // Ordered by arrival alone.
  page_rows found(query::page_order::oldest_first, page_events);
  for (const segment_ref& entry : catalog_.all()) {
    if (entry->found != segment::damage::none) co_return fail(damaged(*entry));
    if (entry->head.last_arrival <= q.after || !found.wants(entry->head.first_arrival)) continue;
    open_segment s(entry);
    auto fetched = co_await fetch(ctx, cache_, s, codes_of(column_id::arrival));
    if (!fetched) co_return fail(fetched.error());
    std::vector<std::int64_t> arrivals;
    if (!s.reader.integers(column_id::arrival, arrivals)) co_return fail(damaged(*entry));
    for (std::uint32_t row = 0; row < arrivals.size(); ++row)
      if (arrivals[row] > q.after) found.add({{arrivals[row], 0}, entry, row});
  }
  std::vector<page_row> rows = found.take();
  bool more = rows.size() > page_events;
  if (more) rows.resize(page_events);
  copied_events out;
  out.after = q.after;
  out.events.resize(rows.size());
  for (std::size_t first = 0; first < rows.size(); ++first) {
    const segment_ref segment = std::move(rows[first].segment);
    if (segment == nullptr) continue;  // was read with an earlier row
    std::vector<std::size_t> places{first};
    std::vector<std::uint32_t> numbers{rows[first].row};
    for (std::size_t i = first + 1; i < rows.size(); ++i) {
      if (rows[i].segment != segment) continue;
      places.push_back(i);
      numbers.push_back(rows[i].row);
      rows[i].segment = nullptr;
    }
    auto read = co_await read_copied(ctx, segment, places, std::move(numbers), out);
    if (!read) co_return fail(read.error());
  }
  std::size_t bytes = 0;
  std::size_t fit = 0;
  while (fit < out.events.size() && bytes < page_bytes) bytes += size_of(out.events[fit++].what);
  more = more || fit < out.events.size();
  out.events.resize(fit);
  out.up_to = more ? out.events.back().arrival : std::max(last_arrival_, q.after);
  co_return out;
}

task<result<shard_answer>> segment_store::copy_in(context& ctx, const copied_event_views& q) {
  auto loaded = co_await load(ctx);
  if (!loaded) co_return fail(loaded.error());
  if (state_.is != standing::filling || q.source >= state_.copied.size())
    co_return fail(refused({}));
  shard_state next = state_;
  std::int64_t& last = next.copied[q.source];
  if (q.after > last)
    co_return fail(error_code::internal_error, "Events between would not be copied.");
  if (q.up_to <= last) co_return shard_answer{state_, last_arrival_, 0, {}};
  std::vector<const event::record_view*> copied;
  new_events fresh;
  std::vector<std::int64_t> received;
  for (const auto& e : q.events) {
    if (e.arrival <= last) continue;
    fresh.rows.push_back(static_cast<std::uint32_t>(copied.size()));
    copied.push_back(&e.what);
    fresh.ids.push_back(hash64(e.what.event_id, id_key_));
    received.push_back(e.received);
  }
  last = q.up_to;
  next.known = true;
  std::vector<host::statement> also;
  also.push_back(sql::write_state(to_record(next)));
  if (copied.empty()) {
    auto noted = co_await ctx.sql(std::move(also));
    if (!noted) co_return in_doubt(noted.error());
  } else {
    const auto arrived = static_cast<std::int64_t>(copied.size());
    also.push_back(sql::add_usage(copied_usage, arrived));
    const segment::event_columns events = segment::columns_of(copied);
    auto stored = co_await put(ctx, events, fresh, std::move(received), std::move(also));
    if (!stored) co_return fail(stored.error());
    settled_ += arrived;
  }
  state_ = std::move(next);
  co_return shard_answer{state_, last_arrival_, 0, {}};
}

}  // namespace millimetric::store
