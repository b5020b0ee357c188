#include "api/admin.h"

#include "api/http.h"
#include "base/text.h"
#include "event/url.h"
#include "ingest/ingest.h"
#include "json/writer.h"

namespace millimetric::api {
namespace {

using host::http_request;
using host::http_response;

constexpr std::size_t max_batch_events = 1000;   // contract, section 3
constexpr std::size_t max_reported_events = 50;  // wrong ones that are named in one answer

error invalid(std::string message, std::string details = {}) {
  return {error_code::invalid_payload, std::move(message), std::move(details)};
}

result<void> check_token(const http_request& http, const settings& config) {
  if (config.admin_token.empty())
    return fail(error_code::not_found, "The admin API is off: set the secret ADMIN_TOKEN.");
  const std::string expected = "Bearer " + config.admin_token;
  if (http.header("authorization").empty())
    return fail(error_code::missing_bearer_token, "Send the header \"Authorization: Bearer "
                                                  "<ADMIN_TOKEN>\".");
  if (!equals_in_constant_time(trim(http.header("authorization")), expected))
    return fail(error_code::invalid_api_key, "This is not the deployment's ADMIN_TOKEN.");
  return {};
}

result<json::array> read_batch(json::parser_lease& parser, const http_request& http) {
  if (http.body_cut)
    return fail(error_code::payload_too_large,
                "The body is larger than " + std::to_string(host::max_body_bytes) + " bytes.");
  const auto document = parser.parse(http.body);
  if (!document) return fail(invalid(document.error().message));
  json::object o;
  json::element member;
  json::array events;
  if (!json::as_object(*document, o) || !json::find(o, "events", member) ||
      !json::as_array(member, events) || events.size() == 0 || events.size() > max_batch_events)
    return fail(invalid("The body must be {\"events\":[...]} with 1 to " +
                        std::to_string(max_batch_events) + " events."));
  return events;
}

// Reads every event; the errors of wrong ones are named by their index.
result<std::vector<event::received>> read_events(const json::array& batch,
                                                 const event::circumstances& about,
                                                 random_stream& random,
                                                 json::parser_pool& parsers) {
  std::vector<event::received> out;
  std::string wrong;
  json::writer w(wrong);
  std::size_t reported = 0;
  std::size_t index = 0;
  w.begin_array();
  for (const json::element item : batch) {
    json::object o;
    const bool is_object = json::as_object(item, o);
    json::arguments in(is_object ? &o : nullptr, parsers);
    out.push_back(event::receive(in, about, random));
    if (!is_object) in.errors().add("", "an event must be an object");
    if (!in.errors().empty() && reported++ < max_reported_events) {
      w.begin_object().key("index").unsigned_integer(index);
      w.raw(std::string_view(in.errors().details()).substr(1, in.errors().details().size() - 2));
      w.end_object();
    }
    ++index;
  }
  w.end_array();
  if (reported == 0) return out;
  return fail(invalid(std::to_string(reported) + " of the events are wrong; nothing was stored.",
                      "{\"events\":" + wrong + "}"));
}

}  // namespace

host::task<http_response> import_events(host::context& ctx, const http_request& http,
                                        const settings& config, json::parser_pool& parsers) {
  if (auto ok = check_token(http, config); !ok) co_return refusal(ok.error());
  if (http.method != "POST") co_return method_not_allowed("POST");
  const std::string id = event::query_parameter(query_of(http.target), "project").value_or("");
  auto project = co_await control::find_project(ctx, id);
  if (!project) co_return refusal(project.error());
  if (!*project)
    co_return refusal({error_code::not_found, "There is no project with the id \"" +
                                                  shortened(id) + "\"."});
  json::parser_lease parser = parsers.lease();
  const auto batch = read_batch(parser, http);
  if (!batch) co_return refusal(batch.error());
  auto about = ingest::circumstances_of(http, ctx.now(), **project, true);
  about.user_agent = {};  // the importer's own agent and address say nothing of the visitors
  about.hints = {};
  about.ip = {};
  about.country = {};
  about.host = {};
  auto events = read_events(*batch, about, ctx.random(), parsers);
  if (!events) co_return refusal(events.error());
  auto stored = co_await ingest::store_events(ctx, id, std::move(*events), store::bucket::none);
  if (!stored) co_return refusal(stored.error());
  std::string body;
  json::writer w(body);
  w.begin_object().key("ok").boolean(true);
  w.key("count").unsigned_integer(stored->stored + stored->duplicates);
  w.key("duplicates").unsigned_integer(stored->duplicates).end_object();
  co_return json_response(200, std::move(body));
}

}  // namespace millimetric::api
