#include "api/mcp_endpoint.h"

#include "api/access.h"
#include "api/gateway.h"
#include "api/http.h"
#include "mcp/methods.h"
#include "mcp/render.h"

namespace millimetric::api {
namespace {

using control::key_kind;
using host::http_request;
using host::http_response;
using query::endpoint;

constexpr std::string_view allowed_request_headers =
    "Authorization, Content-Type, Accept, MCP-Protocol-Version, Mcp-Method, Mcp-Name, "
    "Mcp-Session-Id, Last-Event-ID";

http_response accepted() {
  http_response r;
  r.status = 202;
  return r;
}

http_response preflight() {
  http_response r;
  r.status = 204;
  r.headers.emplace_back("access-control-allow-methods", "POST, OPTIONS");
  r.headers.emplace_back("access-control-allow-headers", allowed_request_headers);
  r.headers.emplace_back("access-control-max-age", "86400");
  return r;
}

result<void> check_kind(endpoint where, key_kind kind) {
  if (where == endpoint::account && kind != key_kind::account)
    return fail(error_code::account_key_required,
                kind == key_kind::publishable
                    ? "/mcp/account takes account keys (ak_). pk_ keys only send events."
                    : "/mcp/account takes account keys (ak_). Use this key at /mcp.");
  if (where == endpoint::project && kind == key_kind::account)
    return fail(error_code::key_kind_not_allowed,
                "/mcp takes project keys (sk_ or rk_). Use this account key at /mcp/account.");
  if (where == endpoint::project && kind == key_kind::publishable)
    return fail(error_code::key_kind_not_allowed,
                "pk_ keys only send events. Use an rk_ key to read, or an sk_ key.");
  return {};
}

result<void> check_plan(endpoint where, const control::principal& who) {
  const control::plan_entry& plan = control::describe(who.on);
  if (where == endpoint::account ? plan.account_mcp : plan.project_mcp) return {};
  return fail(error_code::plan_limit,
              "The account's plan \"" + std::string(plan.name) + "\" does not include " +
                  (where == endpoint::account ? "/mcp/account; it needs the plan business."
                                              : "/mcp; it needs the plan pro or business."));
}

int status_of(const error& e, mcp::era in) {
  const int status = describe(e.code).http_status;
  switch (e.code) {
    case error_code::method_not_found: return in == mcp::era::modern ? status : 200;
    case error_code::rate_limited:
    case error_code::upstream_failed: return status;
    default: return 200;
  }
}

http_response rpc_error(std::string_view id, const error& e, int status) {
  http_response r = refusal(e);                  // for the headers
  if (describe(e.code).rpc_code == 0) return r;  // a key that was revoked during its cached minute
  r.status = status;
  r.body = mcp::error_body(id, e);
  return r;
}

host::task<http_response> answer_message(host::context& ctx, const http_request& http,
                                         endpoint where, services s, control::presented_key key,
                                         std::shared_ptr<const control::principal> who) {
  json::parser_lease parser = s.parsers.lease();
  const auto document = parser.parse(http.body);
  if (!document) co_return rpc_error("null", document.error(), 400);
  const mcp::parsed_message parsed = mcp::parse_message(*document);
  const mcp::message& m = parsed.what;
  if (parsed.wrong) {
    const bool malformed = parsed.wrong->code == error_code::invalid_request ||
                           mcp::detect_era(m, http).in == mcp::era::modern;
    co_return rpc_error(m.id, *parsed.wrong, malformed ? 400 : 200);
  }
  if (m.is != mcp::message::kind::request) co_return accepted();
  const mcp::detected found = mcp::detect_era(m, http);
  if (found.refused) co_return rpc_error(m.id, found.refused->why, found.refused->http_status);
  if (auto ok = check_plan(where, *who); !ok)
    co_return rpc_error(m.id, ok.error(), status_of(ok.error(), found.in));
  const mcp::session session{where, found.in, key,       std::move(who),
                             http,  s.keys,   s.parsers, s.addresses};
  auto called = co_await mcp::call_method(ctx, session, m);
  if (!called) co_return rpc_error(m.id, called.error(), status_of(called.error(), found.in));
  http_response r = json_response(200, mcp::success_body(m.id, found.in, where, *called));
  r.rows = called->rows;
  co_return r;
}

host::task<http_response> serve_allowed(host::context& ctx, const http_request& http,
                                        endpoint where, services s) {
  if (http.method == "OPTIONS") co_return preflight();
  if (http.method != "POST") co_return method_not_allowed("POST");
  const auto key = control::read_authorization(http.header("authorization"));
  if (!key) co_return refusal(key.error());
  auto who = co_await s.keys.verify(ctx, *key);
  if (!who) co_return refusal(who.error());
  if (auto ok = check_kind(where, (*who)->kind); !ok) co_return refusal(ok.error());
  if (auto ok = check_json_body(http); !ok) co_return refusal(ok.error());
  auto answered = co_await answer_message(ctx, http, where, s, *key, *who);
  if (where == endpoint::project) answered.project = (*who)->projects.front().id;
  co_return answered;
}

}  // namespace

host::task<http_response> serve_mcp(host::context& ctx, const http_request& http, endpoint where,
                                    services s) {
  const std::string_view origin = http.header("origin");
  if (!origin.empty() && !origin_allowed(origin, s.config.mcp_allowed_origins))
    co_return refusal({error_code::origin_not_allowed,
                       "Pages of this origin may not call MCP here; the operator can add it to "
                       "MCP_ALLOWED_ORIGINS."});
  auto r = co_await serve_allowed(ctx, http, where, s);
  if (!origin.empty()) {
    r.headers.emplace_back("access-control-allow-origin", origin);
    r.headers.emplace_back("access-control-expose-headers", "WWW-Authenticate, Retry-After");
    r.headers.emplace_back("vary", "Origin");
  }
  co_return r;
}

}  // namespace millimetric::api
