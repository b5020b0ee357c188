#include "api/gateway.h"

#include "answer/scatter.h"
#include "api/admin.h"
#include "api/http.h"
#include "api/mcp_endpoint.h"
#include "base/version.h"
#include "json/writer.h"

namespace millimetric::api {
namespace {

using host::http_request;
using host::http_response;

constexpr std::uint32_t expire_step = 2000;  // events deleted in one call: some milliseconds

http_response health(const http_request& http) {
  if (http.method != "GET" && http.method != "HEAD") return method_not_allowed("GET, HEAD");
  std::string body;
  json::writer w(body);
  w.begin_object().key("ok").boolean(true).key("version").string(version).end_object();
  return json_response(200, std::move(body));
}

// Clients that meet a 401 look for OAuth; the answer tells their users what to do instead.
http_response not_found(std::string_view path) {
  const bool oauth = path.starts_with("/.well-known/") || path == "/register";
  return refusal({error_code::not_found,
                  oauth ? "This server uses API keys, not OAuth: send \"Authorization: Bearer "
                          "<key>\"."
                        : "There is nothing here. MCP is at /mcp and /mcp/account."});
}

// Finishes a response: every answer has an id for the log.
std::string finished(http_response r, random_stream& random) {
  r.headers.emplace_back("x-request-id", make_uuid_v4(random));
  return encode(r);
}

host::task<result<std::uint64_t>> expire_project(host::context& ctx, std::string id,
                                                 millis before) {
  std::uint64_t deleted = 0;
  for (;;) {
    store::expire_request request{before, expire_step};
    auto step = co_await answer::ask<store::expire_answer>(
        ctx, id, store::encode_request(store::operation::expire, request));
    if (!step) co_return fail(step.error());
    deleted += step->deleted;
    if (!step->more) co_return deleted;
  }
}

}  // namespace

host::task<http_response> gateway::route(host::context& ctx, const http_request& http) {
  const std::string_view path = path_of(http.target);
  if (path == "/mcp" || path == "/mcp/account") {
    const auto where = path == "/mcp" ? query::endpoint::project : query::endpoint::account;
    auto r = co_await serve_mcp(ctx, http, where, {settings_, keys_, parsers_});
    co_return r;
  }
  if (path == "/healthz") co_return health(http);
  if (path == "/admin/import") {
    auto r = co_await import_events(ctx, http, settings_, parsers_);
    co_return r;
  }
  co_return not_found(path);
}

host::task<std::string> gateway::serve(host::context& ctx, std::string_view frame) {
  const auto http = host::decode_http_request(frame);
  if (!http)
    co_return finished(refusal({error_code::internal_error, "The request could not be read."}),
                       ctx.random());
  auto r = co_await route(ctx, *http);
  co_return finished(std::move(r), ctx.random());
}

host::task<std::string> gateway::run_daily(host::context& ctx) {
  std::uint64_t deleted = 0;
  std::uint64_t failed = 0;
  auto projects = co_await control::all_projects(ctx);
  if (!projects) co_return std::string(R"({"ok":false})");
  for (const control::project& p : *projects) {
    if (p.retention_days == 0) continue;
    auto expired = co_await expire_project(ctx, p.id, ctx.now() - p.retention_days * day_ms);
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
