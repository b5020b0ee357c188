// get_stats, top_sources, compare_projects and list_projects.

#include <algorithm>
#include <numeric>

#include "answer/notice.h"
#include "answer/questions.h"
#include "answer/scatter.h"
#include "json/writer.h"

namespace millimetric::answer {
namespace {

using host::context;
using host::task;

// One group of one project.
struct found_group {
  const control::project* of;
  const query::group* what;
  std::uint64_t value;
};

std::uint64_t value_of(const query::group& g, query::metric of) {
  // An estimate can be far off where the values were made for it; it is never more than this.
  return of == query::metric::count ? g.events : std::min(g.events, g.distinct.count());
}

task<result<query::aggregate_partial>> ask_aggregate(context& ctx, const control::project& p,
                                                     query::aggregate_question q) {
  q.merges = q.merges || p.at.shards > 1;
  for (;;) {
    auto got = co_await shards::call(ctx, p.id, p.at,
                                     store::encode_request(store::operation::aggregate, q));
    if (!got) co_return fail(got.error());
    // Numbers of several shards, of which there was one when the key was looked up, do not merge.
    if (got->of.size() == 1 || q.merges)
      co_return shards::merged<query::aggregate_partial>(got->of);
    q.merges = true;
  }
}

task<result<std::vector<query::aggregate_partial>>> ask_aggregates(context& ctx,
                                                                   const subject& about,
                                                                   query::aggregate_question q) {
  q.merges = about.many();
  std::size_t bytes = 0;
  std::vector<task<result<query::aggregate_partial>>> tasks;
  for (const control::project& p : about.projects)
    tasks.push_back(within_bounds(ask_aggregate(ctx, p, q), bytes));
  auto parts = co_await gather<query::aggregate_partial>(std::move(tasks));
  co_return parts;
}

// Brings every counter of a wide answer to the limit for wide answers, also where each project by
// itself had few groups.
void limit_counters(std::vector<query::aggregate_partial>& parts) {
  std::size_t groups = 0;
  for (const auto& p : parts) groups += p.groups.size();
  if (groups <= query::many_groups) return;
  for (auto& p : parts)
    for (query::group& g : p.groups) g.distinct.limit(query::exact_limit_many_groups);
}

// A question without groups has one group per project, also where nothing happened.
void add_missing_totals(std::vector<query::aggregate_partial>& parts,
                        const query::aggregate_question& q) {
  if (!q.group_by.empty() || q.every != query::interval::none) return;
  for (auto& p : parts)
    if (p.groups.empty()) p.groups.emplace_back();
}

std::vector<found_group> collect(const std::vector<query::aggregate_partial>& parts,
                                 const subject& about, query::metric of) {
  std::vector<found_group> out;
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (const query::group& g : parts[i].groups)
      out.push_back({&about.projects[i], &g, value_of(g, of)});
  return out;
}

// A total of several names is asked for name by name, which reads no more, to see which of them
// there are. Only counts add up.
query::aggregate_question by_name(query::aggregate_question q) {
  const bool total = q.group_by.empty() && q.every == query::interval::none;
  if (!total || q.of != query::metric::count) return q;
  const auto named = std::find_if(q.in.filters.begin(), q.in.filters.end(), names_several);
  if (named != q.in.filters.end()) q.group_by = {named->col};
  return q;
}

void add_up(std::vector<query::aggregate_partial>& parts) {
  for (auto& p : parts) {
    query::group total;
    for (const query::group& g : p.groups) total.events += g.events;
    p.groups.assign(1, std::move(total));
  }
}

void note_absent_names(const std::vector<query::aggregate_partial>& parts,
                       const query::aggregate_question& q, outcome& out) {
  for (const query::filter& f : q.in.filters) {
    const auto column = std::find(q.group_by.begin(), q.group_by.end(), f.col);
    if (column == q.group_by.end()) continue;
    const auto at = static_cast<std::size_t>(column - q.group_by.begin());
    std::set<std::string_view> found;
    for (const auto& p : parts)
      for (const query::group& g : p.groups)
        if (g.key[at]) found.insert(*g.key[at]);
    note_absent(f, found, out);
  }
}

// Everything together, over groups and projects: a visitor of two of them counts once.
query::distinct_counter merged(const std::vector<query::aggregate_partial>& parts) {
  query::distinct_counter all;
  for (const auto& p : parts)
    for (const query::group& g : p.groups) all.merge(g.distinct, query::exact_limit_few_groups);
  all.limit(query::exact_limit_few_groups);
  return all;
}

std::uint64_t events_of(const std::vector<query::aggregate_partial>& parts) {
  std::uint64_t sum = 0;
  for (const auto& p : parts)
    for (const query::group& g : p.groups) sum += g.events;
  return sum;
}

void add_total(const std::vector<query::aggregate_partial>& parts, const subject& about,
               query::metric of, outcome& out) {
  if (!about.many()) return;
  if (of != query::metric::count) {
    const query::distinct_counter all = merged(parts);
    out.total = std::min(events_of(parts), all.count());
    out.exact = out.exact && all.exact();
    return;
  }
  out.total = events_of(parts);
}

bool all_exact(const std::vector<found_group>& groups) {
  return std::all_of(groups.begin(), groups.end(),
                     [](const found_group& g) { return g.what->distinct.exact(); });
}

// The order of ties: by the group columns, with the project where it stands among them.
bool key_before(const found_group& a, const found_group& b, std::size_t project_column) {
  const auto& x = a.what->key;
  const auto& y = b.what->key;
  for (std::size_t c = 0; c <= x.size(); ++c) {
    if (c == project_column && a.of->id != b.of->id) return a.of->id < b.of->id;
    if (c < x.size() && x[c] != y[c]) return x[c] < y[c];
  }
  return false;
}

using order = bool(const found_group&, const found_group&, std::size_t project_column);

// A function for all orders: to sort is long code.
void sort(std::vector<found_group>& groups, order* before, std::size_t project_column = 0) {
  std::sort(groups.begin(), groups.end(), [&](const found_group& a, const found_group& b) {
    return before(a, b, project_column);
  });
}

bool statistics_before(const found_group& a, const found_group& b, std::size_t project_column) {
  if (a.what->bucket != b.what->bucket) return a.what->bucket < b.what->bucket;
  if (a.value != b.value) return a.value > b.value;
  return key_before(a, b, project_column);
}

bool source_before(const found_group& a, const found_group& b, std::size_t project_column) {
  if (a.what->events != b.what->events) return a.what->events > b.what->events;
  return key_before(a, b, project_column);
}

bool project_before(const found_group& a, const found_group& b, std::size_t) {
  return a.value != b.value ? a.value > b.value : a.of->id < b.of->id;
}

// Every event has an anonymous_id and a session_id, so that only users may be lacking.
counted counted_by(query::metric of) {
  if (of != query::metric::users) return {};
  return {"a user_id", "metric \"uniques\" to count anonymous visitors"};
}

void note_part(millis bucket, std::string_view ends, millis at, outcome& out) {
  note("The bucket " + format_iso8601(bucket) + " is not whole: it " + std::string(ends) + " at " +
           format_iso8601(at) + '.',
       out);
}

// Notes of which buckets the range has a part only, or time itself so far: it may look like a fall
// or a rise.
void note_parts(const std::vector<found_group>& groups, const query::aggregate_question& q,
                millis now, outcome& out) {
  if (q.every == query::interval::none || groups.empty()) return;
  const auto [from, to] = q.in.range;
  const millis first = groups.front().what->bucket;
  const millis last = groups.back().what->bucket;
  if (first < from) note_part(first, "begins", from, out);
  const auto holds_now = [&, every = q.every](const found_group& g) {
    return g.what->bucket <= now && now < query::next_bucket(every, g.what->bucket);
  };
  const auto open = std::find_if(groups.begin(), groups.end(), holds_now);
  const bool ends_now = now < q.in.range.to && open != groups.end();
  if (ends_now) note_part(open->what->bucket, "ends", now, out);
  if (ends_now && open->what->bucket == last) return;
  if (query::next_bucket(q.every, last) > q.in.range.to)
    note_part(last, "ends", q.in.range.to, out);
}

void write_stats_row(json::writer& w, const found_group& g, const query::stats_question& q,
                     std::optional<std::size_t> project_column) {
  w.begin_object();
  if (q.what.every != query::interval::none) w.key("bucket").string(format_iso8601(g.what->bucket));
  for (std::size_t c = 0; c <= q.what.group_by.size(); ++c) {
    if (project_column == c) w.key("project_id").string(g.of->id);
    if (c < q.what.group_by.size())
      w.key(query::describe(q.what.group_by[c]).name).optional_string(g.what->key[c]);
  }
  w.key("value").unsigned_integer(g.value).end_object();
}

void write_source_row(json::writer& w, const found_group& g, bool name_project) {
  const query::group& what = *g.what;
  w.begin_object();
  if (name_project) w.key("project_id").string(g.of->id);
  w.key("source").optional_string(what.key[0]);
  if (what.key.size() > 1) w.key("medium").optional_string(what.key[1]);
  w.key("events").unsigned_integer(what.events);
  w.key("uniques").unsigned_integer(g.value);
  w.key("paid_share").number(static_cast<double>(what.paid) / static_cast<double>(what.events));
  w.end_object();
}

template <class Write>
std::string rows_of(const std::vector<found_group>& groups, Write write) {
  std::string out;
  json::writer w(out);
  w.begin_array();
  for (const found_group& g : groups) write(w, g);
  w.end_array();
  return out;
}

// As the advice of a cut answer says.
static_assert(query::max_rows == 1000 && query::max_source_rows == 200);

// Cuts to the limit, and says so where it is the one that nobody asked for.
void cut(std::vector<found_group>& groups, std::size_t limit, std::size_t by_default,
         std::string_view of, std::string_view advice, outcome& out) {
  out.truncated = groups.size() > limit;
  if (!out.truncated) return;
  if (limit == by_default) note_cut(limit, groups.size(), of, advice, out);
  groups.resize(limit);
}

emptiness emptiness_of(const std::vector<found_group>& groups) {
  const bool none =
      std::all_of(groups.begin(), groups.end(), [](const found_group& g) { return g.value == 0; });
  return none ? emptiness::nothing_found : emptiness::some_found;
}

}  // namespace

task<result<outcome>> get_stats(context& ctx, const subject& about,
                                const query::stats_question& q) {
  const query::aggregate_question asked = by_name(q.what);
  auto parts = co_await ask_aggregates(ctx, about, asked);
  if (!parts) co_return fail(parts.error());
  outcome out = outcome_of(q.what.in, about, ctx.now());
  note_absent_names(*parts, asked, out);
  if (asked.group_by != q.what.group_by) add_up(*parts);
  limit_counters(*parts);
  add_missing_totals(*parts, q.what);
  auto groups = collect(*parts, about, q.what.of);
  const std::optional<std::size_t> project_column =
      q.project_column || !about.many() ? q.project_column : std::optional<std::size_t>(0);
  // Groups that only hold events without the counted id say nothing of it.
  const bool grouped = !q.what.group_by.empty() || q.what.every != query::interval::none;
  if (grouped) std::erase_if(groups, [](const found_group& g) { return g.value == 0; });
  sort(groups, statistics_before, project_column.value_or(0));
  out.exact = all_exact(groups);
  add_total(*parts, about, q.what.of, out);
  if (q.what.every == query::interval::none)
    cut(groups, q.limit, query::default_rows, "rows, those of the largest values",
        "give a larger limit (1000 at most) for more", out);
  else
    cut(groups, q.limit, query::default_rows, "rows, the latest left out",
        "give a larger limit (1000 at most), a longer interval or a shorter range", out);
  out.row_count = groups.size();
  out.rows = rows_of(groups, [&](json::writer& w, const found_group& g) {
    write_stats_row(w, g, q, project_column);
  });
  note_parts(groups, q.what, ctx.now(), out);
  auto noticed =
      co_await explain(ctx, about, q.what.in, emptiness_of(groups), out, counted_by(q.what.of));
  if (!noticed) co_return fail(noticed.error());
  co_return out;
}

task<result<outcome>> top_sources(context& ctx, const subject& about,
                                  const query::sources_question& q) {
  auto parts = co_await ask_aggregates(ctx, about, q.what);
  if (!parts) co_return fail(parts.error());
  limit_counters(*parts);
  auto groups = collect(*parts, about, q.what.of);
  sort(groups, source_before);
  outcome out = outcome_of(q.what.in, about, ctx.now());
  note_absent_names(*parts, q.what, out);
  out.exact = all_exact(groups);
  cut(groups, q.limit, query::default_source_rows, "rows, those of most events",
      "give a larger limit (200 at most) for more", out);
  out.row_count = groups.size();
  out.rows = rows_of(
      groups, [&](json::writer& w, const found_group& g) { write_source_row(w, g, about.many()); });
  auto noticed = co_await explain(ctx, about, q.what.in, emptiness_of(groups), out);
  if (!noticed) co_return fail(noticed.error());
  co_return out;
}

task<result<outcome>> compare_projects(context& ctx, const subject& about,
                                       const query::aggregate_question& q) {
  const query::aggregate_question asked = by_name(q);
  auto parts = co_await ask_aggregates(ctx, about, asked);
  if (!parts) co_return fail(parts.error());
  outcome out = outcome_of(q.in, about, ctx.now());
  note_absent_names(*parts, asked, out);
  if (asked.group_by != q.group_by) add_up(*parts);
  add_missing_totals(*parts, q);
  auto groups = collect(*parts, about, q.of);
  sort(groups, project_before);
  const std::uint64_t total =
      std::accumulate(groups.begin(), groups.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const found_group& g) { return sum + g.value; });
  out.exact = all_exact(groups);
  add_total(*parts, about, q.of, out);
  out.row_count = groups.size();
  out.rows = rows_of(groups, [&](json::writer& w, const found_group& g) {
    w.begin_object();
    w.key("project_id").string(g.of->id);
    w.key("slug").string(g.of->slug);
    w.key("name").string(g.of->name);
    w.key("value").unsigned_integer(g.value);
    w.key("share").number(total == 0 ? 0.0
                                     : static_cast<double>(g.value) / static_cast<double>(total));
    w.end_object();
  });
  auto noticed = co_await explain(ctx, about, q.in, emptiness_of(groups), out, counted_by(q.of));
  if (!noticed) co_return fail(noticed.error());
  co_return out;
}

task<result<outcome>> list_projects(context& ctx, const subject& about) {
  constexpr millis recent_ms = 30 * day_ms;  // contract: events_30d
  outcome out;
  out.range = {ctx.now() - recent_ms, ctx.now()};
  if (about.projects.empty()) {
    out.notice = "This key sees no project. Create one, or mint a key that sees one.";
    co_return out;
  }
  store::summary_request request{ctx.now() - recent_ms};
  auto parts = co_await ask_all<query::summary_partial>(
      ctx, about, store::encode_request(store::operation::summary, request));
  if (!parts) co_return fail(parts.error());
  out.row_count = parts->size();
  out.rows.clear();
  json::writer w(out.rows);
  w.begin_array();
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const control::project& p = about.projects[i];
    const query::summary_partial& s = (*parts)[i];
    w.begin_object();
    w.key("project_id").string(p.id);
    w.key("slug").string(p.slug);
    w.key("name").string(p.name);
    w.key("plan").string(control::describe(p.on).name);
    w.key("created_at").string(format_iso8601(p.created_at));
    w.key("events_30d").unsigned_integer(s.events);
    w.key("last_event_at");
    s.last_event ? w.string(format_iso8601(*s.last_event)) : w.null();
    w.end_object();
  }
  w.end_array();
  co_return out;
}

}  // namespace millimetric::answer
