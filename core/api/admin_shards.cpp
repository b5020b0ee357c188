#include "api/admin_shards.h"

#include "api/access.h"
#include "api/batch.h"
#include "api/http.h"
#include "event/url.h"
#include "json/writer.h"
#include "shards/reshard.h"

namespace millimetric::api {
namespace {

using host::context;
using host::http_request;
using host::http_response;
using host::task;

constexpr std::string_view phases[] = {"none", "copying", "emptying"};

std::string project_of(const http_request& http) {
  return event::query_parameter(query_of(http.target), "project").value_or(std::string());
}

http_response answer(const std::string& project, const result<shards::progress>& p) {
  if (!p) return refusal(p.error());
  const bool copying = p->is == shards::phase::copying;
  std::string body;
  json::writer w(body);
  w.begin_object().key("project_id").string(project);
  w.key("shards").unsigned_integer(p->at.shards);
  w.key("generation").integer(p->at.generation);
  w.key("phase").string(phases[static_cast<std::size_t>(p->is)]);
  w.key("to");
  copying ? w.unsigned_integer(p->other->shards) : w.null();
  w.key("copied").unsigned_integer(p->copied);
  w.key("total").unsigned_integer(p->total);
  w.key("done").boolean(p->is == shards::phase::none).end_object();
  http_response r = json_response(200, std::move(body));
  r.project = project;
  return r;
}

}  // namespace

task<http_response> show_shards(context& ctx, const http_request& http, std::string_view,
                                services) {
  const std::string project = project_of(http);
  auto now = co_await shards::look(ctx, project);
  co_return answer(project, now);
}

task<http_response> change_shards(context& ctx, const http_request& http, std::string_view,
                                  services s) {
  if (auto ok = check_json_body(http); !ok) co_return refusal(ok.error());
  std::optional<std::uint32_t> to;
  {
    json::parser_lease parser = s.parsers.lease();
    const auto body = read_object(parser, http);
    if (!body) co_return refusal(body.error());
    json::arguments in(&*body, s.parsers);
    if (const auto shards = in.integer("to", 1, store::max_shards))
      to = static_cast<std::uint32_t>(*shards);
    in.refuse_unknown(std::vector<std::string>{"to"});
    if (!in.errors().empty()) co_return refusal(wrong_fields(in.errors()));
  }
  const std::string project = project_of(http);
  auto now = co_await shards::take_step(ctx, project, to);
  co_return answer(project, now);
}

}  // namespace millimetric::api
