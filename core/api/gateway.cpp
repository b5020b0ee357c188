#include "api/gateway.h"

#include <algorithm>
#include <array>

#include "api/admin.h"
#include "api/admin_events.h"
#include "api/http.h"
#include "api/ingest_routes.h"
#include "api/mcp_endpoint.h"
#include "api/openapi.h"
#include "api/read_routes.h"
#include "api/snippet.h"
#include "base/version.h"
#include "json/writer.h"

namespace millimetric::api {
namespace {

using host::context;
using host::http_request;
using host::http_response;
using host::task;
using query::endpoint;

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
                        : "There is nothing here. MCP is at /mcp and /mcp/account, the HTTP API at "
                          "/v1."});
}

template <endpoint where>
task<http_response> mcp(context& ctx, const http_request& http, services s) {
  return serve_mcp(ctx, http, where, s);
}
template <ingest_route which>
task<http_response> ingest(context& ctx, const http_request& http, services s) {
  return serve_ingest(ctx, http, which, s);
}
template <read_route which>
task<http_response> read(context& ctx, const http_request& http, services s) {
  return serve_read(ctx, http, which, s);
}
task<http_response> healthz(context&, const http_request& http, services) {
  co_return health(http);
}
task<http_response> openapi(context&, const http_request& http, services) {
  if (http.method != "GET" && http.method != "HEAD") co_return method_not_allowed("GET, HEAD");
  co_return json_response(200, openapi_document());
}
task<http_response> browser_snippet(context&, const http_request& http, services) {
  co_return serve_snippet(http);
}

struct route {
  std::string_view path;
  task<http_response> (*serve)(context&, const http_request&, services);
};

constexpr auto routes = std::to_array<route>({
    {"/mcp", mcp<endpoint::project>},
    {"/mcp/account", mcp<endpoint::account>},
    {"/v1/track", ingest<ingest_route::track>},
    {"/v1/batch", ingest<ingest_route::batch>},
    {"/v1/identify", ingest<ingest_route::identify>},
    {"/v1/forget", serve_forget},
    {"/v1/query", read<read_route::query>},
    {"/v1/stats", read<read_route::stats>},
    {"/v1/sources", read<read_route::sources>},
    {"/v1/funnel", read<read_route::funnel>},
    {"/v1/a.js", browser_snippet},
    {"/openapi.json", openapi},
    {"/healthz", healthz},
});

const route* find_route(std::string_view path) {
  const auto* found =
      std::find_if(routes.begin(), routes.end(), [&](const route& r) { return r.path == path; });
  return found == routes.end() ? nullptr : found;
}

// The route that a request is of, whatever became of it: the log is where guesses at the token and
// refusals under load are seen. Empty when there is none.
std::string_view route_of(const http_request& http) {
  const std::string_view path = path_of(http.target);
  const route* r = find_route(path);
  return r == nullptr ? admin_route_of(path) : r->path;
}

// One line for the log; the host adds how long it took. Never a secret, an address or an event.
std::string log_line(const http_response& r, const http_request& http, const std::string& id) {
  std::string out;
  json::writer w(out);
  w.begin_object();
  w.key("request_id").string(id);
  w.key("method").string(http.method.size() <= 16 ? http.method : "");
  w.key("route").string(r.route);
  w.key("status").integer(r.status);
  if (!r.project.empty()) w.key("project").string(r.project);
  if (r.rows) w.key("rows").unsigned_integer(*r.rows);
  w.end_object();
  return out;
}

std::string finished(http_response r, const http_request& http, random_stream& random) {
  const std::string id = make_uuid_v4(random);
  r.route = std::string(route_of(http));
  r.log = log_line(r, http, id);
  r.headers.emplace_back("x-request-id", id);
  return encode(r);
}

}  // namespace

task<http_response> gateway::route(context& ctx, const http_request& http) {
  const services s{settings_, keys_, parsers_, addresses_, classifications_};
  const std::string_view path = path_of(http.target);
  if (const struct route* r = find_route(path)) {
    auto answered = co_await r->serve(ctx, http, s);
    co_return answered;
  }
  if (path.starts_with("/admin/")) {
    auto answered = co_await serve_admin(ctx, http, path, s);
    co_return answered;
  }
  co_return not_found(path);
}

task<http_response> gateway::route_in_turn(context& ctx, const http_request& http) {
  std::optional<host::turns::turn> turn(std::in_place, answers_);
  for (;;) {
    ctx.hold_answers_in(&*turn);
    auto r = co_await route(ctx, http);
    ctx.hold_answers_in(nullptr);
    if (!turn->refused()) co_return r;
    // Only what is read is so large, and may be asked for again. There may be more of it by then.
    const std::size_t expected = 2 * turn->wanted();
    turn.reset();
    auto taken = co_await answers_.take(ctx, expected);
    if (!taken) co_return r;
    turn.emplace(std::move(*taken));
  }
}

task<std::string> gateway::serve(context& ctx, std::string_view frame) {
  const auto http = host::decode_http_request(frame);
  if (!http)
    co_return finished(refusal({error_code::internal_error, "The request could not be read."}), {},
                       ctx.random());
  const auto turn = co_await bodies_.take(ctx, http->body.size());
  if (!turn) co_return finished(refusal(turn.error()), *http, ctx.random());
  auto r = co_await route_in_turn(ctx, *http);
  co_return finished(std::move(r), *http, ctx.random());
}

task<std::string> gateway::run_daily(context& ctx) {
  auto summary = co_await apply_retention(ctx);
  if (summary) co_return std::move(*summary);
  co_return R"({"ok":false,"error":")" + std::string(describe(summary.error().code).name) + R"("})";
}

}  // namespace millimetric::api
