// Pages of events.

#include <algorithm>
#include <list>
#include <map>
#include <utility>

#include "segment/row_reader.h"
#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;
using segment::column_id;

namespace {

// The time that a segment's first row in the page's order has.
millis edge_of(const segment_entry& s, query::page_order order) {
  return order == query::page_order::oldest_first ? s.head.first : s.head.last;
}

// The segments whose edge comes first in the page's order come first.
void sort_for(query::page_order order, std::vector<segment_ref>& segments) {
  std::sort(segments.begin(), segments.end(), [&](const segment_ref& a, const segment_ref& b) {
    const millis of_a = edge_of(*a, order);
    const millis of_b = edge_of(*b, order);
    return order == query::page_order::oldest_first ? of_a < of_b : of_a > of_b;
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

// The next rows, so many at most, from the n-th in the order of a page on; n is then behind them.
// They rise in either order.
std::vector<std::uint32_t> next_rows(const segment::chosen_rows& rows, std::size_t most,
                                     bool oldest_first, std::size_t& n) {
  const std::size_t end = std::min(n + most, rows.size());
  std::vector<std::uint32_t> out;
  for (; n < end; ++n) out.push_back(rows[oldest_first ? n : rows.size() - 1 - n]);
  if (!oldest_first) std::reverse(out.begin(), out.end());
  return out;
}

// A segment whose rows are looked through for a page.
struct looked_through {
  explicit looked_through(const segment_ref& of) : s(of) {}

  open_segment s;
  segment::chosen_rows rows;
  std::size_t n = 0;  // rows that were looked at, in the order of the page
  std::vector<std::uint32_t> next;
};

// A segment some of whose events are read.
struct being_read {
  being_read(const segment_ref& of, const std::vector<std::uint32_t>& rows)
      : s(of), reader(s.reader, rows) {}

  open_segment s;
  segment::row_reader reader;
};

// The scope must outlive it, as below the rows.
needed selection_needs(const query::scope& in) {
  return [&in](const segment::reader& r) {
    const segment::scope_scan scan(r, in);
    std::vector<segment::chunk_place> out = scan.values_need();
    segment::append(out, scan.rows_need());
    return out;
  };
}

needed positions_need(const std::vector<std::uint32_t>& rows) {
  return [&rows](const segment::reader& r) {
    std::vector<segment::chunk_place> out = r.codes_need(column_id::timestamp, rows);
    segment::append(out, r.codes_need(column_id::arrival, rows));
    return out;
  };
}

// An archive (base/archive.h) that counts the bytes of texts.
class text_counter {
 public:
  template <class... T>
  void operator()(const T&... fields) {
    (count(fields), ...);
  }
  std::size_t bytes = 0;

 private:
  void count(const std::string& text) { bytes += text.size(); }
  void count(const std::optional<std::string>& text) { bytes += text ? text->size() : 0; }
  template <class T>
  void count(const T&) {}
};

void sort_events(std::vector<query::stored_event>& events, const page_rows& as) {
  std::sort(events.begin(), events.end(), [&](const auto& a, const auto& b) {
    return as.comes_before({a.what.timestamp, a.arrival}, {b.what.timestamp, b.arrival});
  });
}

// Moves the first events, as far as there is room and one of a page in any case. Whether some are
// left; there is no room then.
bool take_while_room(std::vector<query::stored_event>& events, std::size_t& room,
                     std::vector<query::stored_event>& to) {
  for (query::stored_event& e : events) {
    text_counter texts;
    e.what.fields(texts);
    if (texts.bytes > room && !to.empty()) {
      room = 0;
      return true;
    }
    room -= std::min(room, texts.bytes);
    to.push_back(std::move(e));
  }
  return false;
}

}  // namespace

task<result<void>> segment_store::find_rows(context& ctx, std::span<const segment_ref> segments,
                                            const query::page_question& q, page_rows& found) {
  std::list<looked_through> all(segments.begin(), segments.end());
  // Of a segment alone, what its values exclude is not read.
  if (segments.size() > 1) {
    std::vector<chunk_request> need;
    for (looked_through& l : all) need.push_back({&l.s, selection_needs(q.in)});
    auto fetched = co_await fetch(ctx, cache_, std::move(need));
    if (!fetched) co_return fail(fetched.error());
  }
  const bool oldest_first = q.order == query::page_order::oldest_first;
  const std::size_t most = q.limit + std::size_t{1};
  std::vector<chunk_request> need;
  for (looked_through& l : all) {
    auto some = co_await select(ctx, l.s, q.in, {}, l.rows);
    if (!some) co_return fail(some.error());
    if (*some) l.next = next_rows(l.rows, most, oldest_first, l.n);
    if (!l.next.empty()) need.push_back({&l.s, positions_need(l.next)});
  }
  auto fetched = co_await fetch(ctx, cache_, std::move(need));
  if (!fetched) co_return fail(fetched.error());
  for (looked_through& l : all) {
    std::size_t wanted = most;
    // Some of the rows may lie before the page; then more are looked at.
    while (!l.next.empty()) {
      auto added = co_await add_rows(ctx, l.s, q, l.next, found);
      if (!added) co_return fail(added.error());
      wanted -= *added;
      l.next = next_rows(l.rows, wanted, oldest_first, l.n);
    }
  }
  co_return result<void>{};
}

// Adds those of the rows, which rise, that are of the page; gives how many they are.
task<result<std::size_t>> segment_store::add_rows(context& ctx, open_segment& s,
                                                  const query::page_question& q,
                                                  std::vector<std::uint32_t> rows,
                                                  page_rows& found) {
  auto fetched = co_await fetch(ctx, cache_, s, positions_need(rows));
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

task<result<void>> segment_store::read_rows(context& ctx, std::span<const picked_rows> picked,
                                            keeping keep, std::vector<query::stored_event>& to) {
  std::list<being_read> all;
  std::vector<chunk_request> need;
  for (const picked_rows& p : picked) {
    being_read& b = all.emplace_back(p.of, p.rows);
    need.push_back({&b.s, [&](const auto&) { return b.reader.first_need(); }});
  }
  auto codes = co_await fetch(ctx, cache_, std::exchange(need, {}), keep);
  if (!codes) co_return fail(codes.error());
  for (being_read& b : all) {
    if (!b.reader.read_codes()) co_return fail(damaged(*b.s.entry));
    need.push_back({&b.s, [&](const auto&) { return b.reader.then_need(); }});
  }
  auto values = co_await fetch(ctx, cache_, std::move(need), keep);
  if (!values) co_return fail(values.error());
  for (being_read& b : all) {
    std::vector<std::pair<std::int64_t, event::record>> events;
    if (!b.reader.read(events)) co_return fail(damaged(*b.s.entry));
    for (auto& [arrival, r] : events) to.push_back({arrival, std::move(r)});
  }
  co_return result<void>{};
}

// The events of some rows, of each segment by themselves.
task<result<std::vector<query::stored_event>>> segment_store::read_events(
    context& ctx, std::span<const page_row> rows, keeping keep) {
  std::map<std::int64_t, picked_rows> by_segment;
  for (const page_row& r : rows) {
    picked_rows& of = by_segment[r.segment->id];
    of.of = r.segment;
    of.rows.push_back(r.row);
  }
  std::vector<picked_rows> picked;
  for (auto& [id, of] : by_segment) picked.push_back(std::move(of));
  std::vector<query::stored_event> out;
  for (std::span<const picked_rows> left(picked); !left.empty();) {
    const std::size_t n = std::min(limits_.segments_together, left.size());
    auto read = co_await read_rows(ctx, left.first(n), keep, out);
    if (!read) co_return fail(read.error());
    left = left.subspan(n);
  }
  co_return out;
}

// Looks through the segments, in the page's order, until no other could have a row of it.
task<result<void>> segment_store::find_page(context& ctx, std::span<const segment_ref> segments,
                                            const query::page_question& q, page_rows& found) {
  // Of all visitors the first segment as a rule has the page; of one, each has a few rows.
  std::size_t together = visitor_filter(q.in) != nullptr ? limits_.segments_together : 1;
  while (!segments.empty() && found.wants(edge_of(*segments.front(), q.order))) {
    const std::size_t n = std::min(together, segments.size());
    const page_rows before = found;
    auto looked = co_await find_rows(ctx, segments.first(n), q, found);
    if (!looked && n > 1 && looked.error().code == error_code::tool_failed) {
      // The damaged one may not be needed, if the page is full before it.
      together = 1;
      found = before;
      continue;
    }
    if (!looked) co_return fail(looked.error());
    segments = segments.subspan(n);
  }
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
  auto looked = co_await find_page(ctx, *segments, narrowed, found);
  if (!looked) co_return fail(looked.error());
  std::vector<page_row> rows = found.take();
  query::page_partial out;
  out.more = rows.size() > q.limit;
  if (out.more) rows.resize(q.limit);
  // A visitor's few rows are picked from many chunks.
  const keeping keep = visitor_filter(q.in) != nullptr ? keeping::no : keeping::yes;
  std::size_t room = q.most_bytes;
  for (std::span<const page_row> left(rows); !left.empty();) {
    if (room == 0) {
      out.more = true;
      break;
    }
    const std::size_t n = std::min(limits_.rows_at_once, left.size());
    auto events = co_await read_events(ctx, left.first(n), keep);
    if (!events) co_return fail(events.error());
    sort_events(*events, found);
    out.more = take_while_room(*events, room, out.events) || out.more;
    left = left.subspan(n);
  }
  co_return out;
}

}  // namespace millimetric::store
