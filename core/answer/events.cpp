// query_events and the resources that show events.

#include <algorithm>

#include "answer/notice.h"
#include "answer/questions.h"
#include "answer/rows.h"
#include "answer/scatter.h"
#include "shards/pages.h"

namespace millimetric::answer {
namespace {

using host::context;
using host::task;

constexpr std::uint32_t recent_limit = 100;      // contract: events://recent
constexpr millis schema_range_ms = 30 * day_ms;  // contract: schema://events

struct placed {
  const query::stored_event* event;
  const query::page_partial* page;
  const control::project* from;
  std::uint32_t shard;
};

// Newest first; at equal times by project and shard, then later arrivals first.
bool comes_before(const placed& a, const placed& b) {
  if (a.event->what.timestamp != b.event->what.timestamp)
    return a.event->what.timestamp > b.event->what.timestamp;
  if (a.from->id != b.from->id) return a.from->id < b.from->id;
  return a.shard != b.shard ? a.shard < b.shard : a.event->arrival > b.event->arrival;
}

task<result<std::vector<shards::pages>>> ask_pages(context& ctx, const subject& about,
                                                   const query::events_question& q,
                                                   const shards::event_place& last) {
  std::vector<task<result<shards::pages>>> tasks;
  query::page_question page{q.in, q.limit, q.after};
  page.most_bytes = query::share_of_page(page.most_bytes, about.projects.size());
  for (const control::project& p : about.projects)
    tasks.push_back(shards::ask_pages(ctx, p, page, last));
  return gather<shards::pages>(std::move(tasks));
}

// The events of all pages, as far as they are certain.
std::vector<placed> newest_first(const std::vector<shards::pages>& pages, const subject& about) {
  std::vector<placed> all;
  for (std::size_t i = 0; i < pages.size(); ++i)
    for (std::uint32_t s = 0; s < pages[i].of.size(); ++s)
      for (const query::stored_event& e : pages[i].of[s].events)
        all.push_back({&e, &pages[i].of[s], &about.projects[i], s});
  std::sort(all.begin(), all.end(), comes_before);
  all.resize(shards::certain(all));
  return all;
}

// Their ids, where they are several.
std::vector<std::string> several(const subject& about) {
  std::vector<std::string> out;
  if (!about.many()) return out;
  for (const control::project& p : about.projects) out.push_back(p.id);
  std::sort(out.begin(), out.end());
  return out;
}

bool any_more(const std::vector<shards::pages>& pages) {
  for (const shards::pages& of_project : pages)
    for (const query::page_partial& p : of_project.of)
      if (p.more) return true;
  return false;
}

// What an event has in a column of names.
std::string_view name_in(const event::record& r, query::column c) {
  if (c == query::column::event_name) return r.event_name;
  if (c == query::column::source) return r.source;
  if (c == query::column::medium) return r.medium;
  return r.campaign ? std::string_view(*r.campaign) : std::string_view();
}

void note_absent_names(const std::vector<placed>& all, const query::scope& in, outcome& out) {
  for (const query::filter& f : in.filters) {
    if (!names_several(f)) continue;
    std::set<std::string_view> found;
    for (const placed& p : all) found.insert(name_in(p.event->what, f.col));
    note_absent(f, found, out);
  }
}

std::string event_rows(const std::vector<placed>& events, bool name_project) {
  std::string out;
  json::writer w(out);
  w.begin_array();
  for (const placed& p : events)
    write_event(w, p.event->what, name_project ? &p.from->id : nullptr);
  w.end_array();
  return out;
}

void write_shape(json::writer& w, const query::event_shape& e, const std::string* project_id) {
  w.begin_object();
  if (project_id != nullptr) w.key("project_id").string(*project_id);
  w.key("event_name").string(e.event_name);
  w.key("count").unsigned_integer(e.count);
  w.key("first").string(format_iso8601(e.first));
  w.key("last").string(format_iso8601(e.last));
  w.key("properties").begin_object();
  for (const query::property_shape& p : e.properties) {
    w.key(p.key).begin_array();
    for (const std::string& type : p.types) w.string(type);
    w.end_array();
  }
  w.end_object().end_object();
}

}  // namespace

task<result<outcome>> query_events(context& ctx, const subject& about,
                                   const query::events_question& q) {
  const shards::event_place last_place = shards::read_place(q.after_place);
  const std::uint64_t question = query::question_of(q.in, several(about));
  const bool of_another = !about.many() && last_place.project != about.projects.front().id;
  if (q.after && (of_another || q.after_question != question))
    co_return fail(error_code::invalid_params, std::string(query::of_another_question));
  auto pages = co_await ask_pages(ctx, about, q, last_place);
  if (!pages) co_return fail(pages.error());
  auto events = newest_first(*pages, about);
  outcome out = outcome_of(q.in, about, ctx.now());
  out.truncated = events.size() > q.limit || any_more(*pages);
  if (events.size() > q.limit) events.resize(q.limit);
  if (out.truncated) {
    const placed& last = events.back();
    const auto project = static_cast<std::size_t>(last.from - about.projects.data());
    const shards::event_place place{last.from->id, (*pages)[project].at.generation, last.shard};
    out.next_cursor = query::make_cursor(
        q, question, {last.event->what.timestamp, last.event->arrival}, shards::text_of(place));
  }
  out.row_count = events.size();
  out.rows = event_rows(events, about.many());
  if (!out.truncated && !q.after) note_absent_names(events, q.in, out);
  if (q.after) co_return out;
  auto noticed = co_await explain(
      ctx, about, q.in, events.empty() ? emptiness::nothing_found : emptiness::some_found, out);
  if (!noticed) co_return fail(noticed.error());
  co_return out;
}

task<result<std::string>> recent_events(context& ctx, const subject& about) {
  query::events_question q;
  q.in.range = {0, query::end_of_time};
  q.limit = recent_limit;
  const shards::event_place nowhere;
  auto pages = co_await ask_pages(ctx, about, q, nowhere);
  if (!pages) co_return fail(pages.error());
  auto events = newest_first(*pages, about);
  if (events.size() > q.limit) events.resize(q.limit);
  co_return event_rows(events, about.many());
}

task<result<std::string>> event_schema(context& ctx, const subject& about) {
  store::schema_request request{ctx.now() - schema_range_ms};
  auto parts = co_await ask_all<query::schema_partial>(
      ctx, about, store::encode_request(store::operation::schema, request));
  if (!parts) co_return fail(parts.error());
  std::string out;
  json::writer w(out);
  w.begin_array();
  for (std::size_t i = 0; i < parts->size(); ++i)
    for (const query::event_shape& e : (*parts)[i].events)
      write_shape(w, e, about.many() ? &about.projects[i].id : nullptr);
  w.end_array();
  co_return out;
}

task<result<std::vector<std::string>>> frequent_values(context& ctx, const subject& about,
                                                       query::column col) {
  constexpr std::uint32_t enough = 500;  // a completion shows at most 100 of them
  store::values_request request{col, enough};
  auto parts = co_await ask_all<query::values_partial>(
      ctx, about, store::encode_request(store::operation::values, request));
  if (!parts) co_return fail(parts.error());
  query::values_partial all = shards::merge(std::move(*parts));
  std::vector<std::string> names;
  for (query::frequent_value& v : all.values) names.push_back(std::move(v.value));
  co_return names;
}

}  // namespace millimetric::answer
