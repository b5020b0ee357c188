// funnel.

#include <algorithm>

#include "answer/notice.h"
#include "answer/questions.h"
#include "answer/scatter.h"
#include "json/writer.h"
#include "shards/funnel.h"

namespace millimetric::answer {
namespace {

using host::context;
using host::task;

constexpr std::size_t most_groups = 100;  // of one answer: up to 1,000 rows, as elsewhere

struct found_funnel {
  const control::project* of;
  query::funnel_group* what;
};

std::optional<double> median_seconds(std::vector<std::int64_t>& durations) {
  if (durations.empty()) return std::nullopt;
  const std::size_t half = durations.size() / 2;
  const auto at_half = durations.begin() + static_cast<std::ptrdiff_t>(half);
  std::nth_element(durations.begin(), at_half, durations.end());
  const auto upper = static_cast<double>(*at_half);
  const double middle =
      durations.size() % 2 == 1
          ? upper
          : (static_cast<double>(*std::max_element(durations.begin(), at_half)) + upper) / 2.0;
  return middle / static_cast<double>(second_ms);
}

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

void write_steps(json::writer& w, const found_funnel& f, const query::funnel_question& q,
                 bool name_project) {
  const auto& visitors = f.what->visitors;
  for (std::size_t k = 0; k < q.steps.size(); ++k) {
    w.begin_object();
    if (name_project) w.key("project_id").string(f.of->id);
    if (q.group_by) w.key(query::describe(*q.group_by).name).optional_string(f.what->key);
    w.key("step").unsigned_integer(k + 1);
    w.key("event").string(q.steps[k].event);
    w.key("visitors").unsigned_integer(visitors[k]);
    w.key("conversion").number(ratio(visitors[k], visitors[0]));
    w.key("step_conversion").number(ratio(visitors[k], visitors[k == 0 ? 0 : k - 1]));
    w.key("median_seconds");
    const auto median = median_seconds(f.what->steps[k]);
    median ? w.number(*median) : w.null();
    w.end_object();
  }
}

// A funnel without groups has its rows also where nobody entered it.
void add_missing(std::vector<query::funnel_partial>& parts, const query::funnel_question& q) {
  if (q.group_by) return;
  for (query::funnel_partial& p : parts) {
    if (!p.groups.empty()) continue;
    query::funnel_group& g = p.groups.emplace_back();
    g.visitors.resize(q.steps.size());
    g.steps.resize(q.steps.size());
  }
}

std::vector<found_funnel> collect(std::vector<query::funnel_partial>& parts, const subject& about) {
  std::vector<found_funnel> out;
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (query::funnel_group& g : parts[i].groups) out.push_back({&about.projects[i], &g});
  std::sort(out.begin(), out.end(), [](const found_funnel& a, const found_funnel& b) {
    if (a.what->visitors[0] != b.what->visitors[0])
      return a.what->visitors[0] > b.what->visitors[0];
    return a.of->id != b.of->id ? a.of->id < b.of->id : a.what->key < b.what->key;
  });
  return out;
}

// The first step that nobody came to; as many as there are steps where somebody reached the end.
std::size_t first_empty_step(const std::vector<found_funnel>& groups, std::size_t steps) {
  std::size_t k = 0;
  for (; k < steps; ++k)
    if (std::none_of(groups.begin(), groups.end(),
                     [k](const found_funnel& f) { return f.what->visitors[k] > 0; }))
      break;
  return k;
}

}  // namespace

task<result<outcome>> funnel(context& ctx, const subject& about, const query::funnel_question& q) {
  std::size_t bytes = 0;
  std::vector<task<result<query::funnel_partial>>> tasks;
  for (const control::project& p : about.projects)
    tasks.push_back(within_bounds(shards::ask_funnel(ctx, p, q), bytes));
  auto parts = co_await gather<query::funnel_partial>(std::move(tasks));
  if (!parts) co_return fail(parts.error());
  add_missing(*parts, q);
  auto groups = collect(*parts, about);
  outcome out = outcome_of(q.in, about, ctx.now());
  out.truncated = groups.size() > most_groups;
  const std::size_t found = groups.size();
  if (out.truncated) groups.resize(most_groups);
  out.row_count = groups.size() * q.steps.size();
  out.rows.clear();
  json::writer w(out.rows);
  w.begin_array();
  for (const found_funnel& f : groups) write_steps(w, f, q, about.many());
  w.end_array();
  if (out.truncated)
    note_cut(most_groups, found, "groups, those that most visitors entered",
             "to see others, filter by their values", out);
  const std::size_t empty = first_empty_step(groups, q.steps.size());
  if (empty == q.steps.size()) co_return out;
  std::vector<std::string> events = asked_events(q.in);
  for (const query::funnel_step& s : q.steps) events.push_back(s.event);
  query::scope in = q.in;
  const asked_step step{empty + 1, in.filters.size()};
  const query::funnel_step& nobodys = q.steps[empty];
  in.filters.push_back({query::column::event_name, {nobodys.event}});
  if (nobodys.path) in.filters.push_back({query::column::path, {*nobodys.path}});
  counted of;
  if (q.by == query::identity::user_id) {
    of = {"a user_id", "by \"anonymous_id\" or \"person\" to follow anonymous visitors"};
    if (empty > 0)
      note("What users did before they had a user_id is not in it; by \"person\" has it.", out);
  }
  const emptiness how = empty == 0 ? emptiness::nothing_found : emptiness::some_found;
  auto noticed = co_await explain(ctx, about, in, std::move(events), how, out, of, step);
  if (!noticed) co_return fail(noticed.error());
  co_return out;
}

}  // namespace millimetric::answer
