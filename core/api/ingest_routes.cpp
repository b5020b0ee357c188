#include "api/ingest_routes.h"

#include "api/access.h"
#include "api/batch.h"
#include "api/http.h"
#include "ingest/ingest.h"
#include "json/writer.h"
#include "shards/forget.h"

namespace millimetric::api {
namespace {

using control::key_kind;
using host::context;
using host::http_request;
using host::http_response;
using host::task;

result<event::batch> read_track(const json::object& body, const event::circumstances& about,
                                random_stream& random, json::parser_pool& parsers) {
  event::batch out;
  json::field_errors errors;
  event::receiver(about, random, parsers, out).receive(body, errors);
  if (!errors.empty()) return fail(invalid_fields(errors));
  return out;
}

// An identify is an event named $identify whose properties are the traits.
result<event::batch> read_identify(const json::object& body, const event::circumstances& about,
                                   random_stream& random, json::parser_pool& parsers) {
  json::arguments in(&body, parsers);
  in.set("event", "$identify");
  in.rename("traits", "properties");
  event::batch out;
  event::receiver(about, random, parsers, out).receive(in);
  for (const std::string_view name : {"anonymous_id", "user_id"})
    if (!in.has(name)) in.errors().add(name, "is required");
  in.errors().rename("properties", "traits");
  if (!in.errors().empty()) return fail(invalid_fields(in.errors()));
  return out;
}

result<event::batch> read_events(ingest_route route, const json::object& body,
                                 const event::circumstances& about, random_stream& random,
                                 services s) {
  if (route == ingest_route::track) return read_track(body, about, random, s.parsers);
  if (route == ingest_route::identify) return read_identify(body, about, random, s.parsers);
  return read_batch(body, about, random, s);
}

http_response ingested(ingest_route route, const event::batch& events, std::uint32_t duplicates) {
  std::string body;
  json::writer w(body);
  w.begin_object().key("ok").boolean(true);
  if (route == ingest_route::track) w.key("event_id").string(events.events.front().what.event_id);
  if (route == ingest_route::batch) w.key("count").unsigned_integer(events.events.size());
  if (route == ingest_route::batch && duplicates > 0)
    w.key("duplicates").unsigned_integer(duplicates);
  w.end_object();
  return json_response(route == ingest_route::identify ? 200 : 202, std::move(body));
}

task<http_response> accept(context& ctx, const http_request& http, ingest_route route, services s,
                           const control::principal& who) {
  if (auto ok = check_json_body(http); !ok) co_return refusal(ok.error());
  json::parser_lease parser = s.parsers.lease();
  const auto body = read_object(parser, http);
  if (!body) co_return refusal(body.error());
  const control::project& project = who.projects.front();
  const auto about = ingest::circumstances_of(http, ctx.now(), project, who.kind);
  auto events = read_events(route, *body, about, ctx.random(), s);
  if (!events) co_return refusal(events.error());
  parser.keep_strings();
  const auto draws_from =
      route == ingest_route::batch ? store::bucket::batch : store::bucket::track;
  auto stored = co_await ingest::store_events(ctx, s.addresses, project, *events, draws_from);
  if (!stored) co_return refusal(stored.error());
  http_response r = ingested(route, *events, stored->duplicates);
  r.rows = events->events.size();
  co_return r;
}

// A preflight carries no key, so any project's origin is let through; the key decides afterwards.
task<http_response> preflight(context& ctx, const http_request& http, control::directory& keys) {
  const std::string_view origin = http.header("origin");
  http_response r;
  r.status = 204;
  if (origin.empty()) co_return r;
  auto listed = co_await keys.any_project_allows(ctx, std::string(origin));
  if (!listed) co_return refusal(listed.error());
  if (!*listed) co_return r;
  allow_origin(r, origin);
  r.headers.emplace_back("access-control-allow-methods", "POST");
  r.headers.emplace_back("access-control-allow-headers", "Authorization, Content-Type");
  r.headers.emplace_back("access-control-max-age", "86400");
  co_return r;
}

// A refusal that the page can read, so that its script knows not to try again. The key did not say
// whose page it is, so any project's origin will do, as for a preflight.
task<http_response> readable_refusal(context& ctx, const http_request& http,
                                     control::directory& keys, error why) {
  http_response r = refusal(why);
  const std::string_view origin = http.header("origin");
  if (origin.empty() || why.code == error_code::origin_not_allowed) co_return r;
  auto listed = co_await keys.any_project_allows(ctx, std::string(origin));
  if (listed && *listed) allow_origin(r, origin);
  co_return r;
}

result<store::forget_request> read_forget(const json::object& body, json::parser_pool& parsers) {
  json::arguments in(&body, parsers);
  store::forget_request out;
  out.user_id = in.text("user_id", event::max_user_id);
  out.anonymous_id = in.text("anonymous_id", event::max_anonymous_id);
  if (in.has("user_id") == in.has("anonymous_id"))
    in.errors().add("user_id", "give exactly one of \"user_id\" and \"anonymous_id\"");
  if (!in.errors().empty())
    return fail(error_code::invalid_payload, "Name the visitor to forget; see details.fieldErrors.",
                in.errors().details());
  return out;
}

}  // namespace

task<http_response> serve_ingest(context& ctx, const http_request& http, ingest_route route,
                                 services s) {
  if (http.method == "OPTIONS") {
    auto r = co_await preflight(ctx, http, s.keys);
    co_return r;
  }
  if (http.method != "POST") co_return method_not_allowed("POST, OPTIONS");
  auto who = co_await authorize(ctx, http, s.keys, scope::ingest);
  if (!who) {
    auto refused = co_await readable_refusal(ctx, http, s.keys, who.error());
    co_return refused;
  }
  auto r = co_await accept(ctx, http, route, s, **who);
  r.project = (*who)->projects.front().id;
  if ((*who)->kind == key_kind::publishable) allow_origin(r, http.header("origin"));
  co_return r;
}

task<http_response> serve_forget(context& ctx, const http_request& http, services s) {
  if (http.method != "POST") co_return method_not_allowed("POST");
  auto who = co_await authorize(ctx, http, s.keys, scope::forget);
  if (!who) co_return refusal(who.error());
  auto answered = co_await forget_visitor(ctx, http, (*who)->projects.front(), s);
  co_return answered;
}

task<http_response> forget_visitor(context& ctx, const http_request& http,
                                   const control::project& project, services s,
                                   std::string_view only) {
  if (auto ok = check_json_body(http); !ok) co_return refusal(ok.error());
  json::parser_lease parser = s.parsers.lease();
  const auto body = read_object(parser, http);
  if (!body) co_return refusal(body.error());
  if (!only.empty())
    if (auto ok = check_members(*body, only, s.parsers); !ok) co_return refusal(ok.error());
  auto request = read_forget(*body, s.parsers);
  if (!request) co_return refusal(request.error());
  auto deleted = co_await shards::forget(ctx, project, std::move(*request));
  if (!deleted) co_return refusal(deleted.error());
  std::string text;
  json::writer w(text);
  w.begin_object().key("ok").boolean(true);
  w.key("deleted").unsigned_integer(*deleted).end_object();
  http_response r = json_response(200, std::move(text));
  r.project = project.id;
  r.rows = *deleted;
  co_return r;
}

}  // namespace millimetric::api
