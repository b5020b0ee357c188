#include "api/read_routes.h"

#include <type_traits>

#include "answer/questions.h"
#include "answer/render.h"
#include "api/access.h"
#include "api/http.h"
#include "base/text.h"
#include "event/url.h"
#include "json/writer.h"

namespace millimetric::api {
namespace {

using answer::outcome;
using answer::subject;
using host::context;
using host::http_request;
using host::http_response;
using host::task;
using json::arguments;
using query::endpoint;

// What stands beside the rows: {"metric":"count"}.
struct echo {
  std::string_view name;
  std::string value;
};

void require_range(arguments& in) {
  for (const std::string_view name : {"from", "to"})
    if (!in.has(name))
      in.errors().add(name, "is required: an ISO 8601 date or time such as \"2026-01-31\"");
}

// `groups`: whether the route takes group_by.
http_response refuse(const json::field_errors& errors, bool groups) {
  if (groups && errors.only("group_by")) {
    std::string details;
    json::writer w(details);
    w.begin_object().key("allowed").begin_array();
    for (const std::string& name : query::group_names(endpoint::project)) w.string(name);
    w.end_array();
    const std::string fields = errors.details();
    w.raw(std::string_view(fields).substr(1, fields.size() - 2)).end_object();
    return refusal({error_code::invalid_group_by,
                    "group_by takes the columns that details.allowed lists.", std::move(details)});
  }
  return refusal(wrong_parameters(errors));
}

http_response refuse_question(arguments& in, const error& why, bool groups) {
  if (why.code != error_code::invalid_params) return refusal(why);
  query::note_refusal(in, why.message);
  return refuse(in.errors(), groups);
}

http_response rendered(const outcome& o, const subject& about, const echo& beside) {
  std::string body;
  json::writer w(body);
  w.begin_object();
  w.key("rows").raw(o.rows);
  if (!beside.name.empty()) w.key(beside.name).string(beside.value);
  answer::write_beside_rows(w, o, about);
  w.end_object();
  http_response r = json_response(200, std::move(body));
  r.rows = o.row_count;
  return r;
}

// Refuses wrong arguments, asks, renders.
template <class Question>
task<http_response> answer_question(context& ctx, const subject& about, arguments& in,
                                    const std::vector<std::string>& known, Question q,
                                    task<result<outcome>> (*ask)(context&, const subject&,
                                                                 const Question&),
                                    echo beside) {
  constexpr bool groups = std::is_same_v<Question, query::stats_question> ||
                          std::is_same_v<Question, query::funnel_question>;
  in.refuse_unknown(known);
  require_range(in);
  if (!in.errors().empty()) co_return refuse(in.errors(), groups);
  auto answered = co_await ask(ctx, about, q);
  if (answered) co_return rendered(*answered, about, beside);
  co_return refuse_question(in, answered.error(), groups);
}

task<http_response> dispatch(context& ctx, const subject& about, arguments& in, read_route route) {
  const millis now = ctx.now();
  constexpr endpoint here = endpoint::project;
  switch (route) {
    case read_route::query:
      return answer_question(ctx, about, in, query::query_events_arguments(here),
                             query::read_query_events(in, now), answer::query_events, {});
    case read_route::stats: {
      auto q = query::read_get_stats(in, here, now);
      const std::string metric = query::metric_names()[static_cast<std::size_t>(q.what.of)];
      return answer_question(ctx, about, in, query::get_stats_arguments(here), std::move(q),
                             answer::get_stats, {"metric", metric});
    }
    case read_route::sources: {
      auto q = query::read_top_sources(in, now);
      const std::string breakdown = q.what.group_by.size() > 1 ? "source_medium" : "source";
      return answer_question(ctx, about, in, query::top_sources_arguments(here), std::move(q),
                             answer::top_sources, {"breakdown", breakdown});
    }
    case read_route::funnel: break;
  }
  return answer_question(ctx, about, in, query::funnel_arguments(here), query::read_funnel(in, now),
                         answer::funnel, {});
}

}  // namespace

task<http_response> serve_read(context& ctx, const http_request& http, read_route route,
                               services s) {
  if (http.method != "GET") co_return method_not_allowed("GET");
  auto who = co_await authorize(ctx, http, s.keys, scope::read);
  if (!who) co_return refusal(who.error());
  arguments in(event::query_parameters(query_of(http.target)), s.parsers);
  const subject about{(*who)->projects};
  auto r = co_await dispatch(ctx, about, in, route);
  r.project = about.projects.front().id;
  co_return r;
}

}  // namespace millimetric::api
