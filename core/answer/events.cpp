// query_events and the resources that show events.

#include <algorithm>

#include "answer/notice.h"
#include "answer/questions.h"
#include "answer/rows.h"
#include "answer/scatter.h"

namespace millimetric::answer {
namespace {

using host::context;
using host::task;

constexpr std::uint32_t recent_limit = 100;      // contract: events://recent
constexpr millis schema_range_ms = 30 * day_ms;  // contract: schema://events

struct placed {
  const query::stored_event* event;
  const control::project* from;
};

// Newest first; at equal times by project, then later arrivals first.
bool comes_before(const placed& a, const placed& b) {
  if (a.event->what.timestamp != b.event->what.timestamp)
    return a.event->what.timestamp > b.event->what.timestamp;
  if (a.from->id != b.from->id) return a.from->id < b.from->id;
  return a.event->arrival > b.event->arrival;
}

// Where a project's page begins, behind the event that ended the page before.
std::optional<query::position> start_in(const control::project& p,
                                        const query::events_question& q) {
  if (!q.after || p.id == q.after_project) return q.after;
  const bool same_time_is_done = p.id < q.after_project;
  return query::position{q.after->timestamp, same_time_is_done ? 0 : query::last_arrival};
}

task<result<std::vector<query::page_partial>>> ask_pages(context& ctx, const subject& about,
                                                         const query::events_question& q) {
  std::vector<task<result<query::page_partial>>> tasks;
  for (const control::project& p : about.projects) {
    query::page_question page{q.in, q.limit, start_in(p, q)};
    tasks.push_back(ask<query::page_partial>(
        ctx, p.id, store::encode_request(store::operation::page, std::move(page))));
  }
  host::all<result<query::page_partial>> together(std::move(tasks));
  auto results = co_await together;
  std::vector<query::page_partial> pages;
  for (auto& r : results) {
    if (!r) co_return fail(r.error());
    pages.push_back(std::move(*r));
  }
  co_return pages;
}

std::vector<placed> newest_first(const std::vector<query::page_partial>& pages,
                                 const subject& about) {
  std::vector<placed> all;
  for (std::size_t i = 0; i < pages.size(); ++i)
    for (const query::stored_event& e : pages[i].events) all.push_back({&e, &about.projects[i]});
  std::sort(all.begin(), all.end(), comes_before);
  return all;
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
  auto pages = co_await ask_pages(ctx, about, q);
  if (!pages) co_return fail(pages.error());
  auto events = newest_first(*pages, about);
  outcome out;
  out.range = q.in.range;
  out.truncated = events.size() > q.limit ||
                  std::any_of(pages->begin(), pages->end(), [](const auto& p) { return p.more; });
  if (events.size() > q.limit) events.resize(q.limit);
  if (out.truncated) {
    const placed& last = events.back();
    out.next_cursor =
        query::make_cursor(q, {last.event->what.timestamp, last.event->arrival}, last.from->id);
  }
  out.row_count = events.size();
  out.rows = event_rows(events, about.many());
  if (!events.empty() || q.after) co_return out;
  auto notice = co_await explain(ctx, about, q.in, asked_events(q.in), emptiness::nothing_found);
  if (!notice) co_return fail(notice.error());
  out.notice = std::move(*notice);
  co_return out;
}

task<result<std::string>> recent_events(context& ctx, const subject& about) {
  query::events_question q;
  q.in.range = {0, query::end_of_time};
  q.limit = recent_limit;
  auto pages = co_await ask_pages(ctx, about, q);
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
  std::vector<query::frequent_value> all;
  for (query::values_partial& p : *parts) {
    for (query::frequent_value& v : p.values) {
      const auto same = std::find_if(all.begin(), all.end(),
                                     [&](const auto& known) { return known.value == v.value; });
      if (same == all.end())
        all.push_back(std::move(v));
      else
        same->count += v.count;
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  std::vector<std::string> names;
  for (query::frequent_value& v : all) names.push_back(std::move(v.value));
  co_return names;
}

}  // namespace millimetric::answer
