#include "mcp/tools.h"

#include <algorithm>

#include "answer/questions.h"
#include "base/text.h"
#include "json/writer.h"
#include "mcp/catalogue.h"
#include "mcp/prompts.h"
#include "mcp/render.h"
#include "mcp/subject.h"
#include "mcp/track.h"

namespace millimetric::mcp {
namespace {

using answer::outcome;
using answer::subject;
using host::context;
using host::task;
using json::arguments;
using query::endpoint;

// What the stores refuse of a question is the caller's to mend, as a wrong argument is.
result<method_result> refused_question(arguments& in, const error& why) {
  if (why.code != error_code::invalid_params) return fail(why);
  query::note_refusal(in, why.message);
  return refused_arguments(in.errors());
}

// Reads a question, refuses wrong arguments, chooses the projects, asks, renders. `Read` gives the
// question from the arguments; `ask` answers it.
template <class Question, class Read>
task<result<method_result>> answer_question(context& ctx, const session& s, arguments& in,
                                            const std::vector<std::string>& known, Read read,
                                            task<result<outcome>> (*ask)(context&, const subject&,
                                                                         const Question&)) {
  in.refuse_unknown(known);
  const Question q = read(in);
  query::selection wanted = query::read_selection(in, s.where);
  if (!in.errors().empty()) co_return refused_arguments(in.errors());
  auto about = co_await choose_projects(ctx, s, std::move(wanted));
  if (!about) co_return fail(about.error());
  auto answered = co_await ask(ctx, *about, q);
  if (answered) co_return tool_rows(*answered, *about);
  co_return refused_question(in, answered.error());
}

task<result<method_result>> list_projects(context& ctx, const session& s, arguments& in) {
  in.refuse_unknown({});
  if (!in.errors().empty()) co_return refused_arguments(in.errors());
  auto fresh = co_await s.keys.verify(ctx, s.key, control::freshness::from_storage);
  if (!fresh) co_return fail(fresh.error());
  const subject about{(*fresh)->projects};
  auto answered = co_await answer::list_projects(ctx, about);
  if (!answered) co_return fail(answered.error());
  co_return tool_rows(*answered, about);
}

task<result<method_result>> call(context& ctx, const session& s, std::string_view name,
                                 arguments& in) {
  const millis now = ctx.now();
  const endpoint where = s.where;
  if (name == "query_events")
    return answer_question<query::events_question>(
        ctx, s, in, query::query_events_arguments(where),
        [now](arguments& a) { return query::read_query_events(a, now); }, answer::query_events);
  if (name == "get_stats")
    return answer_question<query::stats_question>(
        ctx, s, in, query::get_stats_arguments(where),
        [now, where](arguments& a) { return query::read_get_stats(a, where, now); },
        answer::get_stats);
  if (name == "top_sources")
    return answer_question<query::sources_question>(
        ctx, s, in, query::top_sources_arguments(where),
        [now](arguments& a) { return query::read_top_sources(a, now); }, answer::top_sources);
  if (name == "funnel")
    return answer_question<query::funnel_question>(
        ctx, s, in, query::funnel_arguments(where),
        [now](arguments& a) { return query::read_funnel(a, now); }, answer::funnel);
  if (name == "compare_projects")
    return answer_question<query::aggregate_question>(
        ctx, s, in, query::compare_projects_arguments(),
        [now](arguments& a) { return query::read_compare_projects(a, now); },
        answer::compare_projects);
  if (name == "track_event") return track_event(ctx, s, in);
  return list_projects(ctx, s, in);
}

error unknown_tool(std::string_view name, control::key_kind kind) {
  const auto names = tool_names(kind);
  const auto nearest = nearest_names(name, names, 1);
  std::string message = "There is no tool " + json::quoted(shortened(name)) + " here";
  if (!nearest.empty()) message += "; did you mean \"" + nearest.front() + "\"?";
  message += nearest.empty() ? "; there are " : " There are ";
  return {error_code::unknown_tool, message + quoted_list(names, " and ") + "."};
}

// Values that continue what was typed; of a comma list, its last item.
std::vector<std::string> continuations(const std::vector<std::string>& values,
                                       std::string_view typed, json::arguments::commas rule) {
  constexpr std::size_t most_kept = 101;  // the protocol shows 100; one more tells that there are
  const bool is_list = rule == json::arguments::commas::separate;
  const std::size_t comma = is_list ? typed.rfind(',') : std::string_view::npos;
  const std::size_t at = comma == std::string_view::npos ? 0 : comma + 1;
  const std::string_view before = typed.substr(0, at);
  const std::string wanted = to_lower(trim(typed.substr(at)));
  std::vector<std::string> out;
  for (const std::string& v : values) {
    if (!to_lower(v).starts_with(wanted)) continue;
    if (is_list && v.find(',') != std::string::npos) continue;  // it would be two items
    out.push_back(std::string(before) + v);
    if (out.size() == most_kept) break;
  }
  return out;
}

method_result completion(std::vector<std::string> values) {
  constexpr std::size_t most_shown = 100;
  const bool more = values.size() > most_shown;
  if (more) values.resize(most_shown);
  method_result out;
  json::writer w(out.members);
  w.key("completion").begin_object().key("values").begin_array();
  for (const std::string& v : values) w.string(v);
  w.end_array();
  if (!more) w.key("total").unsigned_integer(values.size());
  w.key("hasMore").boolean(more).end_object();
  return out;
}

// The project that the client has filled in for the same prompt; empty when there is none.
std::string project_in_context(const session& s, const message& m) {
  json::element member;
  json::object about;
  json::object filled;
  std::string_view slug;
  const bool has_arguments = s.where == endpoint::account && m.param("context", member) &&
                             json::as_object(member, about) &&
                             json::find(about, "arguments", member) &&
                             json::as_object(member, filled);
  if (has_arguments && json::find(filled, "project", member))
    static_cast<void>(json::as_string(member, slug));
  return to_lower(trim(slug));
}

// `project`: the slug of the one to look at; empty for all.
task<result<std::vector<std::string>>> candidates(context& ctx, const session& s,
                                                  completes_from source, std::string project) {
  std::vector<std::string> names;
  if (source == completes_from::frameworks) names = framework_names();
  if (source == completes_from::project_slugs)
    for (const control::project& p : s.who->projects) names.push_back(p.slug);
  const bool from_events =
      source == completes_from::event_names || source == completes_from::sources;
  if (!from_events || s.who->projects.empty()) co_return names;
  const auto col =
      source == completes_from::sources ? query::column::source : query::column::event_name;
  query::selection wanted;
  if (!project.empty()) wanted = {query::selection::by::slug, {std::move(project)}};
  auto about = co_await choose_projects(ctx, s, std::move(wanted));
  if (!about && about.error().code == error_code::unknown_project_slug) co_return names;
  if (!about) co_return fail(about.error());
  auto found = co_await answer::frequent_values(ctx, *about, col);
  co_return found;
}

}  // namespace

task<result<method_result>> call_tool(context& ctx, const session& s, const message& m) {
  json::element member;
  std::string_view name;
  if (!m.param("name", member) || !json::as_string(member, name))
    co_return fail(error_code::invalid_params, "tools/call needs \"name\", a string.");
  std::optional<json::object> given;
  if (auto wrong = read_arguments(m, given)) co_return fail(std::move(*wrong));
  switch (access(name, s.who->kind)) {
    case tool_access::unknown: co_return fail(unknown_tool(name, s.who->kind));
    case tool_access::not_allowed:
      co_return fail(error_code::insufficient_scope,
                     "This key may only read; " + std::string(name) + " needs an sk_ key.");
    case tool_access::allowed: break;
  }
  arguments in(given ? &*given : nullptr, s.parsers);
  auto called = co_await call(ctx, s, name, in);
  co_return called;
}

task<result<method_result>> read_resource(context& ctx, const session& s, const message& m) {
  json::element member;
  std::string_view uri;
  if (!m.param("uri", member) || !json::as_string(member, uri))
    co_return fail(error_code::invalid_params, "resources/read needs \"uri\", a string.");
  const auto uris = resource_uris(s.where);
  if (std::find(uris.begin(), uris.end(), uri) == uris.end()) {
    std::string details;
    json::writer w(details);
    w.begin_object().key("uri").string(uri).end_object();
    co_return fail(error_code::unknown_resource,
                   "There is no resource " + json::quoted(shortened(uri)) + "; there are " +
                       quoted_list(uris, " and ") + ".",
                   std::move(details));
  }
  std::string text;
  if (uri == "projects://all") {
    auto fresh = co_await s.keys.verify(ctx, s.key, control::freshness::from_storage);
    if (!fresh) co_return fail(fresh.error());
    const subject about{(*fresh)->projects};
    auto listed = co_await answer::list_projects(ctx, about);
    if (!listed) co_return fail(listed.error());
    text = std::move(listed->rows);
  } else {
    auto about = co_await choose_projects(ctx, s, {});
    if (!about) co_return fail(about.error());
    const bool recent = uri == "events://recent";
    auto read = recent ? answer::recent_events(ctx, *about) : answer::event_schema(ctx, *about);
    auto got = co_await read;
    if (!got) co_return fail(got.error());
    text = std::move(*got);
  }
  co_return resource_text(uri, text);
}

task<result<method_result>> complete(context& ctx, const session& s, const message& m) {
  json::element member;
  json::object ref;
  json::object argument;
  const bool well_formed = m.param("ref", member) && json::as_object(member, ref) &&
                           m.param("argument", member) && json::as_object(member, argument);
  std::string_view name;
  std::string_view typed;
  const bool has_argument = well_formed && json::find(argument, "name", member) &&
                            json::as_string(member, name) &&
                            json::find(argument, "value", member) && json::as_string(member, typed);
  if (!has_argument)
    co_return fail(error_code::invalid_params,
                   "completion/complete needs \"ref\" and \"argument\" {\"name\",\"value\"}.");
  std::string_view prompt;
  if (json::find(ref, "name", member)) static_cast<void>(json::as_string(member, prompt));
  const completes_from source = completion_source(prompt, name, s.where);
  if (source == completes_from::nothing) co_return completion({});
  const std::string wanted(typed);
  auto values = co_await candidates(ctx, s, source, project_in_context(s, m));
  if (!values) co_return fail(values.error());
  // Of the arguments only the funnel's steps are a list.
  const auto rule = source == completes_from::event_names ? json::arguments::commas::separate
                                                          : json::arguments::commas::are_text;
  co_return completion(continuations(*values, wanted, rule));
}

}  // namespace millimetric::mcp
