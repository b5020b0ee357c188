// Pages of events.

#include <algorithm>
#include <cstring>

#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;
using segment::column_id;

namespace {

// The segments whose edge comes first in the page's order come first.
void sort_for(query::page_order order, std::vector<segment_ref>& segments) {
  const bool oldest_first = order == query::page_order::oldest_first;
  std::sort(segments.begin(), segments.end(), [&](const segment_ref& a, const segment_ref& b) {
    return oldest_first ? a->head.first < b->head.first : a->head.last > b->head.last;
  });
}

// The part of the range that lies behind the place where the page begins.
query::time_range range_of(const query::page_question& q) {
  query::time_range r = q.in.range;
  if (!q.after) return r;
  if (q.order == query::page_order::oldest_first)
    r.from = std::max(r.from, q.after->timestamp);
  else
    r.to = std::min(r.to, q.after->timestamp + 1);
  return r;
}

// The n-th row of a selection's range, from 0, in the order of a page.
std::size_t nth_row(const segment::selection& rows, std::size_t n, bool oldest_first) noexcept {
  return oldest_first ? rows.begin + n : rows.end - 1 - n;
}

// The first from the n-th on that is taken, or the size of the range. A function of its own:
// engines compile a small function well, and soon.
[[gnu::noinline]] std::size_t next_taken(const segment::selection& rows, std::size_t n,
                                         bool oldest_first) noexcept {
  if (rows.keep.empty()) return n;
  // Few are taken as a rule: eight at a time are passed by.
  for (std::uint64_t eight = 0; n + sizeof eight <= rows.size(); n += sizeof eight) {
    const std::size_t first = oldest_first ? n : rows.size() - sizeof eight - n;
    std::memcpy(&eight, rows.keep.data() + first, sizeof eight);
    if (eight != 0) break;
  }
  while (n < rows.size() && !rows.takes(nth_row(rows, n, oldest_first))) ++n;
  return n;
}

// The next rows that are taken, so many at most, from the n-th in the order of a page on; n is then
// behind them. They rise in either order.
std::vector<std::uint32_t> next_rows(const segment::selection& rows, std::size_t most,
                                     bool oldest_first, std::size_t& n) {
  std::vector<std::uint32_t> out;
  for (n = next_taken(rows, n, oldest_first); n < rows.size() && out.size() < most;
       n = next_taken(rows, n + 1, oldest_first))
    out.push_back(static_cast<std::uint32_t>(nth_row(rows, n, oldest_first)));
  if (!oldest_first) std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

task<result<void>> segment_store::find_rows(context& ctx, const segment_ref& entry,
                                            const query::page_question& q, page_rows& found) {
  open_segment s(entry);
  segment::selection rows;
  auto some = co_await select(ctx, s, q.in, {}, rows);
  if (!some) co_return fail(some.error());
  if (!*some) co_return result<void>{};
  const bool oldest_first = q.order == query::page_order::oldest_first;
  std::size_t wanted = q.limit + std::size_t{1};
  // Some of the rows may lie before the page; then more are looked at.
  for (std::size_t n = 0; n < rows.size() && wanted > 0;) {
    auto added = co_await add_rows(ctx, s, q, next_rows(rows, wanted, oldest_first, n), found);
    if (!added) co_return fail(added.error());
    wanted -= *added;
  }
  co_return result<void>{};
}

// Adds those of the rows, which rise, that are of the page; gives how many they are.
task<result<std::size_t>> segment_store::add_rows(context& ctx, open_segment& s,
                                                  const query::page_question& q,
                                                  std::vector<std::uint32_t> rows,
                                                  page_rows& found) {
  if (rows.empty()) co_return std::size_t{0};
  std::vector<segment::chunk_place> need = s.reader.codes_need(column_id::timestamp, rows);
  segment::append(need, s.reader.codes_need(column_id::arrival, rows));
  auto fetched = co_await fetch(ctx, cache_, s, std::move(need));
  if (!fetched) co_return fail(fetched.error());
  segment::integer_column times;
  segment::integer_column arrivals;
  if (!s.reader.integers(column_id::timestamp, rows, times) ||
      !s.reader.integers(column_id::arrival, rows, arrivals))
    co_return fail(damaged(*s.entry));
  std::size_t added = 0;
  for (const std::uint32_t row : rows) {
    const query::position at{times[row], arrivals[row]};
    if (q.after && !found.comes_before(*q.after, at)) continue;
    found.add({at, s.entry, row});
    ++added;
  }
  co_return added;
}

task<result<void>> segment_store::read_rows(context& ctx, const segment_ref& entry,
                                            std::vector<std::uint32_t> rows,
                                            std::vector<query::stored_event>& to) {
  open_segment s(entry);
  segment::row_reader reader(s.reader, rows);
  auto codes = co_await fetch(ctx, cache_, s, reader.first_need());
  if (!codes) co_return fail(codes.error());
  if (!reader.read_codes()) co_return fail(damaged(*entry));
  auto values = co_await fetch(ctx, cache_, s, reader.then_need());
  if (!values) co_return fail(values.error());
  std::vector<std::pair<std::int64_t, event::record>> events;
  if (!reader.read(events)) co_return fail(damaged(*entry));
  for (auto& [arrival, r] : events) to.push_back({arrival, std::move(r)});
  co_return result<void>{};
}

task<result<query::page_partial>> segment_store::page(context& ctx, const query::page_question& q) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  query::page_question narrowed = q;
  narrowed.in.range = range_of(q);
  auto segments = co_await segments_of(ctx, narrowed.in);
  if (!segments) co_return fail(segments.error());
  sort_for(q.order, *segments);
  page_rows found(q.order, q.limit);
  for (const segment_ref& s : *segments) {
    const bool oldest_first = q.order == query::page_order::oldest_first;
    if (!found.wants(oldest_first ? s->head.first : s->head.last)) break;
    auto looked = co_await find_rows(ctx, s, narrowed, found);
    if (!looked) co_return fail(looked.error());
  }
  std::vector<page_row> rows = found.take();
  query::page_partial out;
  out.more = rows.size() > q.limit;
  if (out.more) rows.resize(q.limit);
  std::map<std::int64_t, std::pair<segment_ref, std::vector<std::uint32_t>>> by_segment;
  for (const page_row& r : rows) {
    auto& [segment, numbers] = by_segment[r.segment->id];
    segment = r.segment;
    numbers.push_back(r.row);
  }
  for (auto& [id, of] : by_segment) {
    auto read = co_await read_rows(ctx, of.first, std::move(of.second), out.events);
    if (!read) co_return fail(read.error());
  }
  std::sort(out.events.begin(), out.events.end(), [&](const auto& a, const auto& b) {
    return found.comes_before({a.what.timestamp, a.arrival}, {b.what.timestamp, b.arrival});
  });
  co_return out;
}

}  // namespace millimetric::store
