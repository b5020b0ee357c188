// Funnels: every visitor's events in order of time, segments merged as they overlap.

#include <algorithm>
#include <list>
#include <queue>

#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;
using segment::tie_order;
using segment::visitor_part;

namespace {

// Rows of overlapping segments in memory at once, at most; beyond, fewer visitors at a time.
constexpr std::size_t max_overlapping_bytes = 16UL * 1024 * 1024;
// Visitors who were ever identified, in memory at once: 26 MB of a table's nodes.
constexpr std::size_t most_identified = 400'000;
constexpr std::size_t identified_bytes = 64;

// What a pass has got through that found too little memory behind the last segment.
constexpr double almost_all = 0.95;

constexpr std::uint32_t unknown = 0xFFFFFFFF;

// A segment's rows on their way into the table.
struct cursor {
  segment::funnel_rows from;
  std::size_t at = 0;

  [[nodiscard]] bool finished() const { return at == from.events.size(); }
  [[nodiscard]] millis time() const { return from.events[at].at; }
  [[nodiscard]] std::int64_t arrival() const { return from.arrivals[at]; }
  [[nodiscard]] std::size_t bytes() const {
    return from.events.size() * (sizeof(query::funnel_event) + sizeof(std::uint32_t));
  }
};

bool comes_later(const cursor* a, const cursor* b) {
  return a->time() != b->time() ? a->time() > b->time() : a->arrival() > b->arrival();
}

// The table's numbers of the rows' groups instead of the segment's.
// @return invalid_params when there are too many groups.
result<void> renumber_groups(segment::funnel_rows& rows, query::funnel_table& to) {
  std::vector<std::uint32_t> numbers(rows.groups.size(), unknown);
  for (query::funnel_event& e : rows.events) {
    std::uint32_t& number = numbers[e.group];
    if (number == unknown) {
      auto given = to.group(rows.groups[e.group]);
      if (!given) return fail(given.error());
      number = *given;
      // As without groups: the only one is the same here and there.
      if (numbers.size() == 1 && number == e.group) return {};
    }
    e.group = number;
  }
  return {};
}

// Merges the rows of segments that come in the order of their first event. What is false was too
// much for the memory.
class sweep {
 public:
  explicit sweep(query::funnel_table& to) : to_(to) {}

  [[nodiscard]] result<bool> add(segment::funnel_rows rows) {
    if (rows.events.empty()) return true;
    auto renumbered = renumber_groups(rows, to_);
    if (!renumbered) return fail(renumbered.error());
    cursor& c = cursors_.emplace_back();
    c.from = std::move(rows);
    bytes_ += c.bytes();
    heap_.push(&c);
    return bytes_ <= max_overlapping_bytes;
  }
  // Takes the rows before an instant: no segment that is still to come has any.
  [[nodiscard]] bool run_to(millis end) {
    while (!heap_.empty() && heap_.top()->time() < end) {
      cursor* c = heap_.top();
      heap_.pop();
      const auto rows = std::span(c->from.events).subspan(c->at);
      const millis until = heap_.empty() ? end : std::min(end, heap_.top()->time());
      const auto before =
          std::lower_bound(rows.begin(), rows.end(), until,
                           [](const query::funnel_event& e, millis at) { return e.at < at; });
      // The first comes before the other segments' in any case: at equal times by arrival.
      const auto n = std::max<std::size_t>(1, static_cast<std::size_t>(before - rows.begin()));
      if (!to_.add(rows.first(n))) return false;
      c->at += n;
      if (!c->finished())
        heap_.push(c);
      else
        drop(c);
    }
    return true;
  }

 private:
  void drop(const cursor* done) {
    bytes_ -= done->bytes();
    cursors_.remove_if([&](const cursor& c) { return &c == done; });
  }

  query::funnel_table& to_;
  std::list<cursor> cursors_;
  std::priority_queue<cursor*, std::vector<cursor*>, decltype(&comes_later)> heap_{&comes_later};
  std::size_t bytes_ = 0;
};

error too_many_identified() {
  return {error_code::invalid_params,
          "too many identified visitors for a funnel by person: ask by anonymous_id or user_id"};
}

std::vector<visitor_part> all_visitors(std::uint32_t parts) {
  std::vector<visitor_part> out;
  for (std::uint32_t number = 0; number < parts; ++number) out.push_back({number, parts});
  return out;
}

// Adds the parts of those whose pass got through a part of their events. False when the parts would
// be too many.
bool divide(const visitor_part& whole, double got_through, std::vector<visitor_part>& to) {
  constexpr double margin = 1.05;     // some parts have more events than others
  constexpr double least = 1.0 / 16;  // little may say little
  const auto parts = 1 + static_cast<std::uint32_t>(margin / std::max(got_through, least));
  if (whole.parts * parts > query::max_funnel_passes) return false;
  for (std::uint32_t part = 0; part < parts; ++part)
    to.push_back({whole.number + part * whole.parts, whole.parts * parts});
  return true;
}

// Per segment, of some in the order of their first event, whether another has events of the same
// time.
std::vector<tie_order> ties_in(const std::vector<segment_ref>& segments) {
  std::vector<tie_order> out(segments.size(), tie_order::unknown);
  std::size_t latest = 0;  // of those before
  for (std::size_t i = 1; i < segments.size(); ++i) {
    if (segments[i]->head.first <= segments[latest]->head.last)
      out[i] = out[latest] = tie_order::by_arrival;
    if (segments[i]->head.last >= segments[latest]->head.last) latest = i;
  }
  return out;
}

// The memory that a funnel's events will take, about: most events are page views, of which a
// visitor's first one in a segment is noted.
std::size_t expected_bytes(const std::vector<segment_ref>& segments, std::size_t most_notes) {
  constexpr std::size_t events_per_note = 8;
  std::size_t events = 0;
  for (const segment_ref& s : segments) events += s->head.events;
  return query::funnel_table::bytes_of(std::min(events / events_per_note, most_notes));
}

// What a segment must have for a visitor to take a step in it.
query::scope steps_scope(const query::funnel_question& q) {
  query::filter names{query::column::event_name, {}};
  for (const query::funnel_step& s : q.steps) names.any_of.push_back(s.event);
  return {q.in.range, {std::move(names)}};
}

}  // namespace

task<result<segment::identities>> segment_store::who_is_who(context& ctx) {
  const query::scope in{{0, query::end_of_time}, {{query::column::event_name, {"$identify"}}}};
  segment::identities out;
  for (const segment_ref& entry : catalog_.in(in.range)) {
    open_segment s(entry);
    segment::chosen_rows rows;
    auto some = co_await select(ctx, s, in, segment::identifications_need, rows);
    if (!some) co_return fail(some.error());
    if (*some && !segment::read_identifications(s.reader, rows, out))
      co_return fail(damaged(*entry));
    if (out.size() > most_identified) co_return fail(too_many_identified());
    make_room_for(out.size() * identified_bytes);
  }
  co_return out;
}

task<result<void>> segment_store::read_steps(context& ctx, const segment_ref& entry,
                                             const wanted_steps& wanted, tie_order ties,
                                             segment::funnel_work& work, segment::funnel_rows& to) {
  open_segment s(entry);
  segment::scope_scan of_steps(s.reader, wanted.names);
  auto values = co_await fetch(ctx, cache_, s, [&](const auto&) { return of_steps.values_need(); });
  if (!values) co_return fail(values.error());
  if (!of_steps.read_values()) co_return fail(damaged(*entry));
  if (of_steps.excludes_all()) co_return result<void>{};
  segment::funnel_scan scan(s.reader, wanted.q, wanted.known, ties, work);
  segment::selection rows;
  auto some = co_await select(
      ctx, s, wanted.q.in, [&](const auto&) { return scan.need(); }, rows);
  if (!some) co_return fail(some.error());
  if (*some && !scan.read(rows, wanted.of, to)) co_return fail(damaged(*entry));
  co_return result<void>{};
}

task<result<double>> segment_store::funnel_pass(context& ctx, const wanted_steps& wanted,
                                                const std::vector<segment_ref>& segments,
                                                query::funnel_table& to) {
  const std::vector<tie_order> ties = ties_in(segments);
  const auto part_done = [&](std::size_t n) {
    return static_cast<double>(n) / static_cast<double>(segments.size());
  };
  sweep merged(to);
  segment::funnel_work work;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (!merged.run_to(segments[i]->head.first)) co_return part_done(i);
    make_room_for(to.noted_bytes() + wanted.known.size() * identified_bytes);
    segment::funnel_rows found;
    auto read = co_await read_steps(ctx, segments[i], wanted, ties[i], work, found);
    if (!read) co_return fail(read.error());
    auto added = merged.add(std::move(found));
    if (!added) co_return fail(added.error());
    if (!*added) co_return part_done(i);
  }
  co_return merged.run_to(query::end_of_time) ? 1.0 : almost_all;
}

task<result<query::funnel_partial>> segment_store::funnel(context& ctx,
                                                          const query::funnel_question& q) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  auto segments = co_await segments_of(ctx, q.in);
  if (!segments) co_return fail(segments.error());
  segment::identities known;
  if (q.by == query::identity::person) {
    auto found = co_await who_is_who(ctx);
    if (!found) co_return fail(found.error());
    known = std::move(*found);
  }
  // Early, so that they come where chunks were, and not between those that are left.
  make_room_for(expected_bytes(*segments, limits_.funnel_events));
  const query::scope names = steps_scope(q);
  for (std::uint32_t passes = 1; passes <= query::max_funnel_passes; passes *= 2) {
    query::funnel_table table(q, limits_.funnel_events);
    std::vector<visitor_part> left = all_visitors(passes);
    bool fits = true;
    while (!left.empty() && fits) {
      const visitor_part now = left.back();
      left.pop_back();
      auto ran = co_await funnel_pass(ctx, {q, names, known, now}, *segments, table);
      if (!ran) co_return fail(ran.error());
      if (*ran == 1) {
        fits = table.count();
        continue;
      }
      table.drop_pass();
      if (!divide(now, *ran, left)) co_return fail(query::too_many_visitors());
    }
    if (fits) co_return table.take();
  }
  co_return fail(query::too_many_visitors());
}

task<result<funnel_rows_answer>> segment_store::funnel_rows(context& ctx,
                                                            const funnel_rows_request& q) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  const query::scope names = steps_scope(q.question);
  auto segments = co_await segments_of(ctx, q.question.in);
  if (!segments) co_return fail(segments.error());
  segment::identities known;
  if (q.question.by == query::identity::person) {
    auto found = co_await who_is_who(ctx);
    if (!found) co_return fail(found.error());
    known = std::move(*found);
  }
  const wanted_steps wanted{q.question, names, known, {q.pass, q.passes}};
  funnel_rows_answer out;
  segment::funnel_work work;
  std::vector<std::pair<std::int64_t, query::funnel_event>> rows;  // with their arrivals
  std::map<std::optional<std::string>, std::uint32_t> numbers;
  for (const segment_ref& entry : *segments) {
    segment::funnel_rows found;
    auto read = co_await read_steps(ctx, entry, wanted, tie_order::by_arrival, work, found);
    if (!read) co_return fail(read.error());
    if (rows.size() + found.events.size() > q.most) co_return funnel_rows_answer{true, {}, {}};
    for (std::size_t i = 0; i < found.events.size(); ++i) {
      query::funnel_event& e = found.events[i];
      const auto next = static_cast<std::uint32_t>(numbers.size());
      const auto [group, added] = numbers.try_emplace(found.groups[e.group], next);
      if (added) out.groups.push_back(group->first);
      e.group = group->second;
      rows.emplace_back(found.arrivals[i], e);
    }
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.second.at != b.second.at ? a.second.at < b.second.at : a.first < b.first;
  });
  for (const auto& [arrival, row] : rows) out.rows.push_back(row);
  co_return out;
}

}  // namespace millimetric::store
