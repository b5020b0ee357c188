// Counting: aggregates, explanations, schemas, summaries.

#include <algorithm>
#include <set>
#include <utility>

#include "base/hash.h"
#include "segment/aggregate_scan.h"
#include "segment/path_counts.h"
#include "segment/shape_scan.h"
#include "segment/summary.h"
#include "segment/visitor_index.h"
#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;
using segment::column_id;

namespace {

// Visitors that a question may name to be looked up one by one; with more, every segment is asked.
constexpr std::size_t most_looked_up = 8;
// A sketch's estimate above this much of the exact limit says for certain that the limit is passed:
// 12 standard errors.
constexpr double certainly_over = 1.1;

constexpr query::time_range always{0, query::end_of_time};

query::scope first_filters(const query::scope& in, std::size_t n) {
  query::scope out = in;
  out.filters.resize(n);
  return out;
}

// So many rows to both sides of where an instant between a segment's first and last time would be,
// if times were even.
segment::row_range rows_about(const segment::header& head, millis instant, std::size_t width) {
  const double part =
      static_cast<double>(instant - head.first) / static_cast<double>(head.last - head.first);
  const auto row = static_cast<std::size_t>(part * head.events);
  return {row - std::min(row, width), std::min<std::size_t>(row + width, head.events)};
}

std::optional<millis> first_event(const catalog& segments) {
  std::optional<millis> out;
  for (const segment_ref& s : segments.all())
    if (!out || s->head.first < *out) out = s->head.first;
  return out;
}

std::optional<millis> last_event(const catalog& segments) {
  std::optional<millis> out;
  for (const segment_ref& s : segments.all())
    if (!out || s->head.last > *out) out = s->head.last;
  return out;
}

}  // namespace

const query::filter* segment_store::visitor_filter(const query::scope& in) {
  for (const query::filter& f : in.filters)
    if ((f.col == query::column::user_id || f.col == query::column::anonymous_id) &&
        f.any_of.size() <= most_looked_up)
      return &f;
  return nullptr;
}

task<result<std::vector<segment_ref>>> segment_store::segments_of(context& ctx,
                                                                  const query::scope& in) {
  std::vector<segment_ref> found = catalog_.in(in.range);
  const query::filter* f = visitor_filter(in);
  if (f == nullptr) co_return found;
  std::vector<std::uint64_t> visitors;
  std::vector<host::statement> statements;
  for (const std::string& id : f->any_of) {
    visitors.push_back(segment::visitor_hash(f->col, hash64(id)));
    statements.push_back(
        sql::read_chunks_of(segment::visitor_column(visitors.back()), segment::codes_part));
  }
  auto got = co_await ctx.sql(std::move(statements));
  if (!got) co_return fail(got.error());
  std::set<std::pair<std::size_t, std::int64_t>> excluded;  // that do not hold one of the visitors
  for (std::size_t v = 0; v < visitors.size(); ++v) {
    const host::rows& rows = got->results[v];
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const auto* partition = std::get_if<host::blob>(&rows.at(row, 1));
      if (partition == nullptr) continue;
      const std::int64_t id = segment_of_key(rows.integer(row, 0));
      const segment_ref s = catalog_.find(id);
      if (s == nullptr) continue;
      const auto* entry = s->head.find(static_cast<column_id>(segment::visitor_column(visitors[v])),
                                       segment::codes_part);
      const bool intact = entry != nullptr && segment::is_intact(*entry, partition->bytes);
      if (intact && !segment::may_hold_visitor(partition->bytes, visitors[v]))
        excluded.emplace(v, id);
    }
  }
  // A chunk that is gone or damaged excludes nothing.
  const auto holds_none = [&](const segment_ref& s) {
    for (std::size_t v = 0; v < visitors.size(); ++v) {
      const auto column = static_cast<column_id>(segment::visitor_column(visitors[v]));
      if (s->head.has(column) && !excluded.contains({v, s->id})) return false;
    }
    return true;
  };
  std::erase_if(found, [&](const segment_ref& s) {
    return !s->is_small() && s->found == segment::damage::none && holds_none(s);
  });
  co_return found;
}

template <class Rows>
task<result<bool>> segment_store::select(context& ctx, open_segment& s, const query::scope& in,
                                         needed more, Rows& rows) {
  segment::scope_scan scan(s.reader, in);
  auto values = co_await fetch(ctx, cache_, s, [&](const auto&) { return scan.values_need(); });
  if (!values) co_return fail(values.error());
  if (!scan.read_values()) co_return fail(damaged(*s.entry));
  if (scan.excludes_all()) co_return false;
  auto codes = co_await fetch(ctx, cache_, s, [&](const segment::reader& r) {
    std::vector<segment::chunk_place> out = scan.rows_need();
    if (more) segment::append(out, more(r));
    return out;
  });
  if (!codes) co_return fail(codes.error());
  if (!scan.read_rows(rows)) co_return fail(damaged(*s.entry));
  co_return rows.size() > 0;
}

template task<result<bool>> segment_store::select(context&, open_segment&, const query::scope&,
                                                  needed, segment::selection&);
template task<result<bool>> segment_store::select(context&, open_segment&, const query::scope&,
                                                  needed, segment::chosen_rows&);

task<result<void>> segment_store::scan_aggregate(context& ctx, const query::aggregate_question& q,
                                                 const std::vector<segment_ref>& segments,
                                                 query::group_table& to) {
  for (const segment_ref& entry : segments) {
    open_segment s(entry);
    segment::aggregate_scan scan(s.reader, q);
    segment::selection rows;
    auto some = co_await select(
        ctx, s, q.in, [&](const auto&) { return scan.need(); }, rows);
    if (!some) co_return fail(some.error());
    if (!*some) continue;
    bool bad = false;
    auto added = scan.add(rows, to, bad);
    if (!added) co_return fail(added.error());
    if (bad) co_return fail(damaged(*entry));
    make_room_for(to.bytes());
  }
  co_return result<void>{};
}

// Adds what a segment's summary says of a question.
task<result<void>> segment_store::add_summary_of(context& ctx, const segment_ref& entry,
                                                 const query::aggregate_question& q,
                                                 std::uint8_t part, query::group_table& to) {
  open_segment s(entry);
  constexpr auto column = static_cast<std::uint8_t>(column_id::summary);
  const bool paths = part == segment::path_counts_part;
  auto fetched = co_await fetch(ctx, cache_, s, [&](const segment::reader& r) {
    if (paths) return segment::path_counts_need(r);
    std::vector<segment::chunk_place> need{{column, part}};
    if (q.of != query::metric::count) need.emplace_back(column, segment::visitors_part);
    return need;
  });
  if (!fetched) co_return fail(fetched.error());
  bool bad = false;
  auto added =
      paths ? segment::add_path_counts(s.reader, q, to, bad)
            : segment::add_summary(s.reader.chunk({column, part}),
                                   s.reader.chunk({column, segment::visitors_part}), q, to, bad);
  if (!added) co_return fail(added.error());
  if (bad) co_return fail(damaged(*entry));
  co_return result<void>{};
}

// The answer from summaries where they have it. False when a scan is needed after all: some group
// has too few visitors to be estimated, and more than a summary holds one by one.
task<result<bool>> segment_store::sum_up(context& ctx, const query::aggregate_question& q,
                                         const std::vector<segment_ref>& segments,
                                         query::group_table& to) {
  auto part = segment::summary_part(q);
  if (!part && segment::path_counts_answer(q)) part = segment::path_counts_part;
  std::vector<segment_ref> scanned;
  std::vector<segment_ref> summed;
  for (const segment_ref& s : segments) {
    const bool sum = part && s->lies_in(q.in.range) && s->found == segment::damage::none &&
                     s->head.find(column_id::summary, *part) != nullptr;
    (sum ? summed : scanned).push_back(s);
  }
  const bool counts = q.of == query::metric::count;
  if (!counts && summed.size() < limits_.least_summarised) {
    auto all = co_await scan_aggregate(ctx, q, segments, to);
    if (!all) co_return fail(all.error());
    co_return true;
  }
  for (const segment_ref& entry : summed) {
    auto added = co_await add_summary_of(ctx, entry, q, *part, to);
    if (!added) co_return fail(added.error());
  }
  auto rest = co_await scan_aggregate(ctx, q, scanned, to);
  if (!rest) co_return fail(rest.error());
  co_return counts || to.estimates_exceed(certainly_over);
}

task<result<query::aggregate_partial>> segment_store::aggregate(
    context& ctx, const query::aggregate_question& q) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  auto segments = co_await segments_of(ctx, q.in);
  if (!segments) co_return fail(segments.error());
  query::group_table groups;
  auto summed = co_await sum_up(ctx, q, *segments, groups);
  if (!summed) co_return fail(summed.error());
  if (!*summed) {
    groups = {};
    auto scanned = co_await scan_aggregate(ctx, q, *segments, groups);
    if (!scanned) co_return fail(scanned.error());
  }
  query::aggregate_partial out{groups.take()};
  if (!q.merges)
    for (query::group& g : out.groups) g.distinct.finish();
  co_return out;
}

task<result<std::uint64_t>> segment_store::count(context& ctx, const query::scope& in) {
  query::aggregate_question q;
  q.in = in;
  auto counted = co_await aggregate(ctx, q);
  if (!counted) co_return fail(counted.error());
  co_return counted->groups.empty() ? 0 : counted->groups.front().events;
}

// Most frequent first. A column of too many values is counted as far as it goes.
task<result<std::vector<query::frequent_value>>> segment_store::count_by(context& ctx,
                                                                         query::column col) {
  query::aggregate_question q;
  q.in.range = always;
  q.group_by = {col};
  query::group_table groups;
  auto summed = co_await sum_up(ctx, q, catalog_.in(always), groups);
  if (!summed && summed.error().code != error_code::invalid_params) co_return fail(summed.error());
  std::vector<query::frequent_value> out;
  for (query::group& g : groups.take())
    if (g.key.front()) out.push_back({std::move(*g.key.front()), g.events});
  query::sort(out);
  co_return out;
}

task<result<query::values_partial>> segment_store::values(context& ctx, const values_request& q) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  auto counted = co_await count_by(ctx, q.col);
  if (!counted) co_return fail(counted.error());
  if (counted->size() > q.limit) counted->resize(q.limit);
  co_return query::values_partial{std::move(*counted)};
}

task<result<query::explanation>> segment_store::explain(context& ctx, const explain_request& q) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  query::explanation out;
  for (const segment_ref& s : catalog_.all()) out.events += s->head.events;
  out.first = first_event(catalog_);
  out.last = last_event(catalog_);
  auto names = co_await count_by(ctx, query::column::event_name);
  if (!names) co_return fail(names.error());
  for (const std::string& asked : q.events) {
    const bool seen = std::any_of(names->begin(), names->end(),
                                  [&](const auto& known) { return known.value == asked; });
    if (!seen) out.unknown_events.push_back(asked);
  }
  if (names->size() > query::most_known_events) names->resize(query::most_known_events);
  out.known_events = std::move(*names);
  for (std::size_t n = 0; n <= q.in.filters.size(); ++n) {
    auto left = co_await count(ctx, first_filters(q.in, n));
    if (!left) co_return fail(left.error());
    if (n == 0)
      out.in_range = *left;
    else
      out.left.push_back(*left);
  }
  co_return out;
}

task<result<query::schema_partial>> segment_store::schema(context& ctx, const schema_request& q) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  const query::scope in{{q.since, query::end_of_time}, {}};
  segment::shape_table shapes;
  for (const segment_ref& entry : catalog_.in(in.range)) {
    open_segment s(entry);
    segment::selection rows;
    auto some = co_await select(ctx, s, in, segment::shapes_need, rows);
    if (!some) co_return fail(some.error());
    if (*some && !segment::add_shapes(s.reader, rows, shapes)) co_return fail(damaged(*entry));
  }
  co_return shapes.take();
}

task<result<query::summary_partial>> segment_store::summary(context& ctx,
                                                            const summary_request& q) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  auto since = co_await count(ctx, {{q.since, ctx.now()}, {}});
  if (!since) co_return fail(since.error());
  std::vector<host::statement> one;
  const std::string month = format_month(q.month.value_or(ctx.now()));
  one.push_back(sql::sum_usage(month));
  auto got = co_await ctx.sql(std::move(one));
  if (!got) co_return fail(got.error());
  query::summary_partial out;
  out.events = *since;
  out.last_event = last_event(catalog_);
  out.events_of_month = static_cast<std::uint64_t>(got->results.front().integer(0, 0));
  if (month == unsettled_month_)
    out.events_of_month += static_cast<std::uint64_t>(last_arrival_ - settled_);
  co_return out;
}

task<result<neighbours>> segment_store::around(context& ctx, millis instant) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  neighbours out;
  const auto before = [&](millis t) { out.before = std::max(out.before.value_or(t), t); };
  const auto behind = [&](millis t) { out.behind = std::min(out.behind.value_or(t), t); };
  for (const segment_ref& entry : catalog_.all()) {
    const segment::header& head = entry->head;
    if (head.last < instant) before(head.last);
    if (head.first >= instant) behind(head.first);
    if (head.last < instant || head.first >= instant) continue;
    // Between two of its rows, mostly near where it would be if times were even.
    open_segment s(entry);
    for (std::size_t width = limits_.guess_rows;; width *= 8) {
      const segment::row_range rows = rows_about(head, instant, width);
      auto fetched = co_await fetch(ctx, cache_, s, [&](const segment::reader& r) {
        return r.codes_need(column_id::timestamp, rows);
      });
      if (!fetched) co_return fail(fetched.error());
      segment::integer_column times;
      if (!s.reader.integers(column_id::timestamp, rows, times)) co_return fail(damaged(*entry));
      const std::size_t at = times.lower_bound(instant, rows.begin, rows.end);
      if (at > rows.begin && at < rows.end) {
        before(times[at - 1]);
        behind(times[at]);
        break;
      }
      if (rows.size() == head.events) co_return fail(damaged(*entry));
    }
  }
  co_return out;
}

}  // namespace millimetric::store
