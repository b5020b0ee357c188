#include "api/admin_events.h"

#include <algorithm>

#include "answer/rows.h"
#include "answer/scatter.h"
#include "api/access.h"
#include "api/batch.h"
#include "api/http.h"
#include "api/ingest_routes.h"
#include "base/text.h"
#include "event/url.h"
#include "ingest/ingest.h"
#include "json/writer.h"
#include "query/read.h"
#include "shards/forget.h"
#include "shards/pages.h"

namespace millimetric::api {
namespace {

using host::context;
using host::http_request;
using host::http_response;
using host::task;

task<result<control::project>> named_project(context& ctx, const http_request& http) {
  const std::string id =
      event::query_parameter(query_of(http.target), "project").value_or(std::string());
  auto found = co_await control::find_project(ctx, id);
  if (!found) co_return fail(found.error());
  if (!*found)
    co_return fail(error_code::not_found,
                   "Name the project by its id, ?project=ID; there is none with the id " +
                       json::quoted(shortened(id)) + ".");
  co_return std::move(**found);
}

struct exported {
  const query::stored_event* event;
  const query::page_partial* page;
  std::uint32_t shard;
};

// Oldest first; at equal times by shard, then arrival. As far as they are certain.
std::vector<exported> in_order(const shards::pages& pages) {
  std::vector<exported> all;
  for (std::uint32_t s = 0; s < pages.of.size(); ++s)
    for (const query::stored_event& e : pages.of[s].events) all.push_back({&e, &pages.of[s], s});
  std::sort(all.begin(), all.end(), [](const exported& a, const exported& b) {
    if (a.event->what.timestamp != b.event->what.timestamp)
      return a.event->what.timestamp < b.event->what.timestamp;
    return a.shard != b.shard ? a.shard < b.shard : a.event->arrival < b.event->arrival;
  });
  all.resize(shards::certain(all));
  return all;
}

std::string export_body(const shards::pages& pages, const query::export_question& q,
                        const std::string& project, std::size_t& rows) {
  std::vector<exported> events = in_order(pages);
  bool more = events.size() > q.page.limit;
  for (const query::page_partial& p : pages.of) more = more || p.more;
  if (events.size() > q.page.limit) events.resize(q.page.limit);
  rows = events.size();
  std::string body;
  json::writer w(body);
  w.begin_object().key("rows").begin_array();
  for (const exported& e : events) answer::write_event(w, e.event->what, nullptr);
  w.end_array();
  if (more) {
    const query::stored_event& last = *events.back().event;
    const shards::event_place place{project, pages.at.generation, events.back().shard};
    w.key("next_cursor")
        .string(query::make_export_cursor(q, {last.what.timestamp, last.arrival},
                                          shards::text_of(place)));
  }
  w.end_object();
  return body;
}

std::string storage_body(const store::storage_answer& s) {
  std::string body;
  json::writer w(body);
  const auto time = [&](std::string_view name, const std::optional<millis>& t) {
    w.key(name);
    t ? w.string(format_iso8601(*t)) : w.null();
  };
  w.begin_object().key("events").unsigned_integer(s.events);
  w.key("bytes").unsigned_integer(s.bytes);
  w.key("segments").unsigned_integer(s.small_segments + s.large_segments + s.damaged_segments);
  w.key("small_segments").unsigned_integer(s.small_segments);
  w.key("large_segments").unsigned_integer(s.large_segments);
  w.key("damaged_segments").unsigned_integer(s.damaged_segments);
  w.key("merge_debt").unsigned_integer(s.merge_debt);
  time("first", s.first);
  time("last", s.last);
  w.key("columns").begin_array();
  for (const store::column_weight& c : s.columns) {
    w.begin_object().key("column").string(c.column);
    w.key("bytes").unsigned_integer(c.bytes).end_object();
  }
  w.end_array().end_object();
  return body;
}

}  // namespace

task<http_response> import_events(context& ctx, const http_request& http, std::string_view,
                                  services s) {
  auto project = co_await named_project(ctx, http);
  if (!project) co_return refusal(project.error());
  if (auto ok = check_json_body(http); !ok) co_return refusal(ok.error());
  json::parser_lease parser = s.parsers.lease();
  const auto body = read_object(parser, http);
  if (!body) co_return refusal(body.error());
  if (auto ok = check_members(*body, "events", s.parsers); !ok) co_return refusal(ok.error());
  // The importer's own agent, address and country say nothing of the visitors.
  event::circumstances about;
  about.now = ctx.now();
  about.retention_days = project->retention_days;
  about.context_counts = true;
  auto events = read_batch(*body, about, ctx.random(), s);
  if (!events) co_return refusal(events.error());
  parser.keep_strings();
  const std::size_t count = events->events.size();
  auto stored =
      co_await ingest::store_events(ctx, s.addresses, *project, *events, store::bucket::none);
  if (!stored) co_return refusal(stored.error());
  std::string text;
  json::writer w(text);
  w.begin_object().key("ok").boolean(true);
  w.key("count").unsigned_integer(count);
  w.key("duplicates").unsigned_integer(stored->duplicates).end_object();
  http_response r = json_response(200, std::move(text));
  r.project = project->id;
  r.rows = count;
  co_return r;
}

task<http_response> forget_events(context& ctx, const http_request& http, std::string_view,
                                  services s) {
  auto project = co_await named_project(ctx, http);
  if (!project) co_return refusal(project.error());
  auto answered = co_await forget_visitor(ctx, http, *project, s, "user_id anonymous_id");
  co_return answered;
}

task<http_response> export_events(context& ctx, const http_request& http, std::string_view,
                                  services s) {
  static const std::vector<std::string> known{"project", "from", "to", "limit", "cursor"};
  auto project = co_await named_project(ctx, http);
  if (!project) co_return refusal(project.error());
  json::arguments in(event::query_parameters(query_of(http.target)), s.parsers);
  const query::export_question q = query::read_export(in);
  const shards::event_place last = shards::read_place(q.after_place);
  if (q.page.after && last.project != project->id)
    in.errors().add("cursor", std::string(query::of_no_export));
  in.refuse_unknown(known);
  if (!in.errors().empty()) co_return refusal(wrong_parameters(in.errors()));
  auto pages = co_await shards::ask_pages(ctx, *project, q.page, last);
  if (!pages) co_return refusal(pages.error());
  std::size_t rows = 0;
  http_response r = json_response(200, export_body(*pages, q, project->id, rows));
  r.project = project->id;
  r.rows = rows;
  co_return r;
}

task<http_response> show_storage(context& ctx, const http_request& http, std::string_view,
                                 services) {
  auto project = co_await named_project(ctx, http);
  if (!project) co_return refusal(project.error());
  auto found = co_await answer::ask<store::storage_answer>(
      ctx, *project, store::encode_request(store::operation::storage, store::storage_request{}));
  if (!found) co_return refusal(found.error());
  http_response r = json_response(200, storage_body(*found));
  r.project = project->id;
  co_return r;
}

task<http_response> run_retention(context& ctx, const http_request&, std::string_view, services) {
  auto summary = co_await apply_retention(ctx);
  if (!summary) co_return refusal(summary.error());
  co_return json_response(200, std::move(*summary));
}

std::size_t first_of_day(millis now, std::size_t count) noexcept {
  // Multiples of the golden ratio lie evenly on a circle, however many of them there are.
  const std::uint32_t turn = static_cast<std::uint32_t>(now / day_ms) * 0x9e3779b9U;
  return static_cast<std::size_t>((std::uint64_t{turn} * count) >> 32U);
}

task<result<std::string>> apply_retention(context& ctx) {
  std::uint64_t deleted = 0;
  std::uint64_t failed = 0;
  auto projects = co_await control::all_projects(ctx);
  if (!projects) co_return fail(projects.error());
  const std::size_t count = projects->size();
  const std::size_t first = first_of_day(ctx.now(), count);
  for (std::size_t i = 0; i < count; ++i) {
    const control::project& p = (*projects)[(first + i) % count];
    if (p.retention_days == 0) continue;
    auto expired = co_await shards::expire(ctx, p, ctx.now() - p.retention_days * day_ms);
    if (expired)
      deleted += *expired;
    else
      ++failed;  // the next day's run comes back to it
  }
  std::string out;
  json::writer w(out);
  w.begin_object().key("ok").boolean(failed == 0);
  w.key("deleted").unsigned_integer(deleted);
  w.key("failed_projects").unsigned_integer(failed).end_object();
  co_return out;
}

}  // namespace millimetric::api
