#include "sql_store/sql_store.h"

#include <algorithm>
#include <map>

#include "base/hash.h"
#include "native/append_records.h"
#include "sql_store/funnel_definition.h"
#include "sql_store/sql_text.h"

namespace millimetric::store {
namespace {

using host::context;
using host::rows;
using host::sql_answer;
using host::statement;
using host::task;

constexpr std::uint32_t most_known_events = 1000;  // names offered for a misspelt one

query::group_key read_key(const rows& r, std::size_t row, std::size_t columns) {
  query::group_key key;
  for (std::size_t c = 1; c <= columns; ++c) {
    if (r.is_null(row, c))
      key.emplace_back();
    else
      key.emplace_back(std::string(r.text(row, c)));
  }
  return key;
}

result<void> add_counts(const rows& r, const query::aggregate_question& q,
                        query::group_table& groups) {
  const std::size_t columns = q.group_by.size();
  for (std::size_t row = 0; row < r.size(); ++row) {
    auto place = groups.place_of(r.integer(row, 0), read_key(r, row, columns));
    if (!place) return fail(place.error());
    query::group& g = groups[*place];
    g.events += static_cast<std::uint64_t>(r.integer(row, columns + 1));
    if (q.paid) g.paid += static_cast<std::uint64_t>(r.integer(row, columns + 2));
  }
  return {};
}

result<void> add_distinct(const rows& r, std::size_t columns, query::group_table& groups) {
  for (std::size_t row = 0; row < r.size(); ++row) {
    auto place = groups.place_of(r.integer(row, 0), read_key(r, row, columns));
    if (!place) return fail(place.error());
    groups[*place].distinct.insert(hash64(r.text(row, columns + 1)), groups.exact_limit());
  }
  return groups.inserted(r.size());
}

// Feeds the rows of funnel_statement, visitor after visitor, into the groups of the answer.
class funnel_reader {
 public:
  explicit funnel_reader(const query::funnel_question& q)
      : q_(q), shape_{q.steps.size(), q.window} {}

  void add(const rows& r) {
    for (std::size_t row = 0; row < r.size(); ++row) {
      if (!started_ || r.text(row, 0) != visitor_) next_visitor(r.text(row, 0));
      const std::uint32_t fits = steps_of(r, row);
      if (fits == 0) continue;
      events_.push_back({r.integer(row, 1), 0, 0, fits});
      remember_group(r, row);
    }
  }

  query::funnel_partial take() {
    finish_visitor();
    query::funnel_partial out;
    for (auto& [key, group] : groups_) out.groups.push_back(std::move(group));
    return out;
  }

 private:
  [[nodiscard]] std::uint32_t steps_of(const rows& r, std::size_t row) const {
    std::uint32_t fits = 0;
    for (std::size_t k = 0; k < q_.steps.size(); ++k) {
      const query::funnel_step& step = q_.steps[k];
      if (step.event != r.text(row, 2)) continue;
      if (step.path && (r.is_null(row, 3) || *step.path != r.text(row, 3))) continue;
      fits |= 1U << k;
    }
    return fits;
  }
  void remember_group(const rows& r, std::size_t row) {
    if (!q_.group_by) return;
    if (r.is_null(row, 4))
      keys_.emplace_back();
    else
      keys_.emplace_back(std::string(r.text(row, 4)));
  }
  void next_visitor(std::string_view visitor) {
    finish_visitor();
    visitor_ = std::string(visitor);
    started_ = true;
  }
  void finish_visitor() {
    const std::vector<std::size_t> run = query::run_by_definition(events_, shape_);
    if (!run.empty()) count(run, q_.group_by ? keys_[run.front()] : std::nullopt);
    events_.clear();
    keys_.clear();
  }
  void count(const std::vector<std::size_t>& run, const std::optional<std::string>& key) {
    query::funnel_group& group = groups_[key];
    group.key = key;
    group.visitors.resize(q_.steps.size());
    group.steps.resize(q_.steps.size());
    for (std::size_t k = 0; k < run.size(); ++k) {
      ++group.visitors[k];
      if (k > 0) group.steps[k].push_back(events_[run[k]].at - events_[run[k - 1]].at);
    }
  }

  const query::funnel_question& q_;
  query::funnel_shape shape_;
  bool started_ = false;
  std::string visitor_;
  std::vector<query::funnel_event> events_;       // of the visitor
  std::vector<std::optional<std::string>> keys_;  // their groups' values
  std::map<std::optional<std::string>, query::funnel_group> groups_;
};

std::uint32_t count_returned(const std::vector<rows>& results) {
  std::size_t n = 0;
  for (const rows& r : results) n += r.size();
  return static_cast<std::uint32_t>(n);
}

// A scope with only the first filters, for telling which one removed the last row.
query::scope first_filters(const query::scope& in, std::size_t n) {
  query::scope out = in;
  out.filters.resize(n);
  return out;
}

statement seen_names_statement(std::uint32_t limit) {
  return {"SELECT event_name, COUNT(*) FROM events GROUP BY event_name ORDER BY 2 DESC, 1 LIMIT ?",
          {static_cast<std::int64_t>(limit)}};
}

// The rows of one statement, all of them.
task<result<rows>> ask(context& ctx, statement what) {
  std::vector<statement> one;
  one.push_back(std::move(what));
  auto got = co_await ctx.sql(std::move(one));
  if (!got) co_return fail(got.error());
  co_return std::move(got->results.front());
}

std::optional<millis> optional_time(const rows& r, std::size_t column) {
  if (r.size() == 0 || r.is_null(0, column)) return std::nullopt;
  return r.integer(0, column);
}

}  // namespace

task<result<void>> sql_store::make_ready(context& ctx) {
  if (ready_) co_return result<void>{};
  auto made = co_await ctx.sql(schema_statements());
  if (!made) co_return fail(made.error());
  ready_ = true;
  co_return result<void>{};
}

task<result<std::vector<std::uint8_t>>> sql_store::append(context& ctx,
                                                          const segment::event_columns& events) {
  auto ready = co_await make_ready(ctx);
  if (!ready) co_return fail(ready.error());
  const millis remembered_from = ctx.now() - idempotency_ms;
  std::vector<statement> statements;
  statements.push_back(usage_statement(ctx.now(), usage_edge::before));
  std::vector<std::size_t> inserts;  // their places among the statements
  for (const event::record& r : records_of(events)) {
    inserts.push_back(statements.size());
    statements.push_back(insert_statement(r, remembered_from));
    if (r.client_event_id) statements.push_back(note_id_statement(r, ctx.now(), remembered_from));
  }
  statements.push_back(usage_statement(ctx.now(), usage_edge::behind));
  statements.push_back(
      {"DELETE FROM event_ids WHERE event_id IN (SELECT event_id FROM event_ids "
       "WHERE received_at <= ? ORDER BY received_at LIMIT 100)",
       {remembered_from}});
  auto inserted = co_await ctx.sql(std::move(statements));
  if (!inserted) co_return fail(inserted.error());
  std::vector<std::uint8_t> out;
  for (const std::size_t place : inserts)
    out.push_back(inserted->results[place].size() > 0 ? 1 : 0);
  co_return out;
}

task<result<void>> sql_store::count_distinct(context& ctx, const query::aggregate_question& q,
                                             query::group_table& groups) {
  auto got = co_await ask(ctx, distinct_statement(q));
  if (!got) co_return fail(got.error());
  auto added = add_distinct(*got, q.group_by.size(), groups);
  co_return added;
}

task<result<query::aggregate_partial>> sql_store::aggregate(context& ctx,
                                                            const query::aggregate_question& q) {
  auto ready = co_await make_ready(ctx);
  if (!ready) co_return fail(ready.error());
  query::group_table groups;
  auto got = co_await ask(ctx, count_statement(q));
  if (!got) co_return fail(got.error());
  auto added = add_counts(*got, q, groups);
  if (!added) co_return fail(added.error());
  if (q.of != query::metric::count) {
    auto counted = co_await count_distinct(ctx, q, groups);
    if (!counted) co_return fail(counted.error());
  }
  query::aggregate_partial out{groups.take()};
  if (!q.merges)
    for (query::group& g : out.groups) g.distinct.finish();
  co_return out;
}

task<result<query::funnel_partial>> sql_store::funnel(context& ctx,
                                                      const query::funnel_question& q) {
  auto ready = co_await make_ready(ctx);
  if (!ready) co_return fail(ready.error());
  funnel_reader reader(q);
  auto got = co_await ask(ctx, funnel_statement(q));
  if (!got) co_return fail(got.error());
  reader.add(*got);
  co_return reader.take();
}

task<result<query::page_partial>> sql_store::page(context& ctx, const query::page_question& q) {
  auto ready = co_await make_ready(ctx);
  if (!ready) co_return fail(ready.error());
  auto got = co_await ask(ctx, page_statement(q));
  if (!got) co_return fail(got.error());
  const rows& r = *got;
  query::page_partial out;
  out.more = r.size() > q.limit;
  for (std::size_t row = 0; row < std::min<std::size_t>(r.size(), q.limit); ++row)
    out.events.push_back({r.integer(row, 0), read_event(r, row)});
  co_return out;
}

task<result<query::schema_partial>> sql_store::schema(context& ctx, const schema_request& q) {
  auto ready = co_await make_ready(ctx);
  if (!ready) co_return fail(ready.error());
  std::vector<statement> statements;
  statements.push_back(
      {"SELECT event_name, COUNT(*), MIN(ts), MAX(ts) FROM events WHERE ts >= ? "
       "GROUP BY event_name ORDER BY 2 DESC, 1",
       {q.since}});
  statements.push_back(
      {"SELECT DISTINCT event_name, p.key, CASE p.type WHEN 'true' THEN 'boolean' "
       "WHEN 'false' THEN 'boolean' WHEN 'integer' THEN 'number' WHEN 'real' THEN "
       "'number' WHEN 'text' THEN 'string' ELSE p.type END FROM events, "
       "json_each(properties) AS p WHERE ts >= ? ORDER BY 1, 2, 3",
       {q.since}});
  auto got = co_await ctx.sql(std::move(statements));
  if (!got) co_return fail(got.error());
  query::schema_partial out;
  std::map<std::string, std::size_t, std::less<>> index;
  const rows& names = got->results[0];
  for (std::size_t row = 0; row < names.size(); ++row) {
    index.emplace(names.text(row, 0), row);
    out.events.push_back({std::string(names.text(row, 0)),
                          static_cast<std::uint64_t>(names.integer(row, 1)),
                          names.integer(row, 2),
                          names.integer(row, 3),
                          {}});
  }
  const rows& keys = got->results[1];
  for (std::size_t row = 0; row < keys.size(); ++row) {
    const auto found = index.find(keys.text(row, 0));
    if (found == index.end()) continue;
    auto& properties = out.events[found->second].properties;
    if (properties.empty() || properties.back().key != keys.text(row, 1))
      properties.push_back({std::string(keys.text(row, 1)), {}});
    properties.back().types.emplace_back(keys.text(row, 2));
  }
  co_return out;
}

task<result<query::values_partial>> sql_store::values(context& ctx, const values_request& q) {
  auto ready = co_await make_ready(ctx);
  if (!ready) co_return fail(ready.error());
  const std::string column(query::describe(q.col).name);
  auto got = co_await ask(ctx, {"SELECT " + column + ", COUNT(*) FROM events WHERE " + column +
                                    " IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
                                {static_cast<std::int64_t>(q.limit)}});
  if (!got) co_return fail(got.error());
  const rows& r = *got;
  query::values_partial out;
  for (std::size_t row = 0; row < r.size(); ++row)
    out.values.push_back(
        {std::string(r.text(row, 0)), static_cast<std::uint64_t>(r.integer(row, 1))});
  co_return out;
}

task<result<query::explanation>> sql_store::explain(context& ctx, const explain_request& q) {
  auto ready = co_await make_ready(ctx);
  if (!ready) co_return fail(ready.error());
  std::vector<statement> statements;
  statements.push_back({"SELECT COUNT(*), MIN(ts), MAX(ts) FROM events", {}});
  statements.push_back(seen_names_statement(most_known_events));
  for (std::size_t n = 0; n <= q.in.filters.size(); ++n)
    statements.push_back(scope_count_statement(first_filters(q.in, n)));
  for (const std::string& name : q.events)
    statements.push_back({"SELECT EXISTS (SELECT 1 FROM events WHERE event_name = ?)", {name}});
  auto got = co_await ctx.sql(std::move(statements));
  if (!got) co_return fail(got.error());
  const auto& r = got->results;
  query::explanation out;
  out.events = static_cast<std::uint64_t>(r[0].integer(0, 0));
  out.first = optional_time(r[0], 1);
  out.last = optional_time(r[0], 2);
  for (std::size_t row = 0; row < r[1].size(); ++row)
    out.known_events.push_back(
        {std::string(r[1].text(row, 0)), static_cast<std::uint64_t>(r[1].integer(row, 1))});
  out.in_range = static_cast<std::uint64_t>(r[2].integer(0, 0));
  for (std::size_t n = 1; n <= q.in.filters.size(); ++n)
    out.left.push_back(static_cast<std::uint64_t>(r[2 + n].integer(0, 0)));
  for (std::size_t i = 0; i < q.events.size(); ++i)
    if (r[3 + q.in.filters.size() + i].integer(0, 0) == 0)
      out.unknown_events.push_back(q.events[i]);
  co_return out;
}

task<result<query::summary_partial>> sql_store::summary(context& ctx, const summary_request& q) {
  auto ready = co_await make_ready(ctx);
  if (!ready) co_return fail(ready.error());
  std::vector<statement> statements;
  statements.push_back(
      {"SELECT COUNT(*) FROM events WHERE ts >= ? AND ts < ?", {q.since, ctx.now()}});
  statements.push_back({"SELECT MAX(ts) FROM events", {}});
  statements.push_back({"SELECT COALESCE(SUM(events), 0) FROM usage WHERE month = ?",
                        {format_month(q.month.value_or(ctx.now()))}});
  auto got = co_await ctx.sql(std::move(statements));
  if (!got) co_return fail(got.error());
  query::summary_partial out;
  out.events = static_cast<std::uint64_t>(got->results[0].integer(0, 0));
  out.last_event = optional_time(got->results[1], 0);
  out.events_of_month = static_cast<std::uint64_t>(got->results[2].integer(0, 0));
  co_return out;
}

task<result<neighbours>> sql_store::around(context& ctx, millis instant) {
  auto ready = co_await make_ready(ctx);
  if (!ready) co_return fail(ready.error());
  std::vector<statement> statements;
  statements.push_back({"SELECT MAX(ts) FROM events WHERE ts < ?", {instant}});
  statements.push_back({"SELECT MIN(ts) FROM events WHERE ts >= ?", {instant}});
  auto got = co_await ctx.sql(std::move(statements));
  if (!got) co_return fail(got.error());
  co_return neighbours{optional_time(got->results[0], 0), optional_time(got->results[1], 0)};
}

task<result<expire_answer>> sql_store::expire(context& ctx, const expire_request& q) {
  auto ready = co_await make_ready(ctx);
  if (!ready) co_return fail(ready.error());
  const std::string old = "seq IN (SELECT seq FROM events WHERE ts < ? ORDER BY ts LIMIT ?)";
  const std::vector<host::value> params{q.before, static_cast<std::int64_t>(q.limit)};
  std::vector<statement> statements;
  statements.push_back(forget_ids_statement(old, params));
  statements.push_back({"DELETE FROM events WHERE " + old + " RETURNING 1", params});
  auto got = co_await ctx.sql(std::move(statements));
  if (!got) co_return fail(got.error());
  expire_answer out;
  out.deleted = count_returned(got->results);
  out.more = out.deleted == q.limit;
  co_return out;
}

task<result<forget_answer>> sql_store::forget(context& ctx, const forget_request& q) {
  auto ready = co_await make_ready(ctx);
  if (!ready) co_return fail(ready.error());
  auto got = co_await ctx.sql(forget_statements(q));
  if (!got) co_return fail(got.error());
  co_return forget_answer{static_cast<std::uint64_t>(got->results[1].integer(0, 0))};
}

task<result<maintain_answer>> sql_store::maintain(context&, const maintain_request&) {
  co_return maintain_answer{};
}

task<result<storage_answer>> sql_store::storage(context&, const storage_request&) {
  co_return storage_answer{};
}

}  // namespace millimetric::store
