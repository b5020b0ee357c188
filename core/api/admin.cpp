#include "api/admin.h"

#include <array>

#include "api/admin_events.h"
#include "api/admin_registry.h"
#include "api/admin_shards.h"
#include "api/batch.h"
#include "api/gateway.h"
#include "api/http.h"
#include "base/text.h"
#include "event/url.h"

namespace millimetric::api {
namespace {

using host::context;
using host::http_request;
using host::http_response;
using host::task;

result<void> check_token(const http_request& http, const settings& config) {
  const std::string_view wanted = trim(config.admin_token);  // a file's last line break aside
  if (wanted.empty())
    return fail(error_code::not_found,
                "The admin API is off. To use it, set the deployment's secret ADMIN_TOKEN.");
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view sent = trim(http.header("authorization"));
  if (sent.empty())
    return fail(error_code::missing_bearer_token,
                "Send the header \"Authorization: Bearer <ADMIN_TOKEN>\".");
  const bool bearer =
      sent.size() > scheme.size() && equals_ignoring_case(sent.substr(0, scheme.size()), scheme);
  const std::string_view token = bearer ? trim(sent.substr(scheme.size())) : std::string_view();
  if (equals_in_constant_time(token, wanted)) return {};
  return fail(error_code::invalid_api_key, "This is not the deployment's ADMIN_TOKEN.");
}

using handler = task<http_response> (*)(context&, const http_request&, std::string_view id,
                                        services);

struct admin_route {
  std::string_view method;
  std::string_view path;  // ends in "/" when an id follows
  handler serve;
  std::string_view parameters;  // all that its query may have, separated by spaces
  bool takes_body = false;
};

// The parameters of a route that looks at its query itself.
constexpr std::string_view its_own = "*";

constexpr auto routes = std::to_array<admin_route>({
    {"GET", "/admin/accounts", list_accounts, ""},
    {"POST", "/admin/accounts", create_account, "", true},
    {"PATCH", "/admin/accounts/", update_account, "", true},
    {"GET", "/admin/projects", list_projects, "account"},
    {"POST", "/admin/projects", create_project, "", true},
    {"PATCH", "/admin/projects/", update_project, "", true},
    {"GET", "/admin/keys", list_keys, "account project"},
    {"POST", "/admin/keys", mint_key, "", true},
    {"DELETE", "/admin/keys/", revoke_key, ""},
    {"GET", "/admin/usage", show_usage, "account month"},
    {"POST", "/admin/import", import_events, "project", true},
    {"POST", "/admin/forget", forget_events, "project", true},
    {"GET", "/admin/export", export_events, its_own},
    {"GET", "/admin/shards", show_shards, "project"},
    {"POST", "/admin/shards", change_shards, "project", true},
    {"POST", "/admin/retention", run_retention, ""},
    {"GET", "/admin/storage", show_storage, "project"},
});

bool matches(const admin_route& r, std::string_view path) {
  if (!r.path.ends_with('/')) return path == r.path;
  return path.size() > r.path.size() && path.starts_with(r.path) &&
         path.find('/', r.path.size()) == std::string_view::npos;
}

// What is not understood is refused: a filter that was dropped would make a call about everything.
result<void> check_query(const admin_route& r, const http_request& http, services s) {
  if (r.parameters == its_own) return {};
  return check_names(event::query_parameters(query_of(http.target)), r.parameters,
                     error_code::invalid_params, s.parsers);
}

// Of a route that takes no body: nothing, or an object that says nothing.
result<void> check_no_body(const admin_route& r, const http_request& http, services s) {
  if (r.takes_body || (http.body.empty() && !http.body_cut && !http.body_broken)) return {};
  json::parser_lease parser = s.parsers.lease();
  const auto body = read_object(parser, http);
  if (!body) return fail(body.error());
  return check_members(*body, "", s.parsers);
}

}  // namespace

task<http_response> serve_admin(context& ctx, const http_request& http, std::string_view path,
                                services s) {
  if (auto ok = check_token(http, s.config); !ok) co_return refusal(ok.error());
  std::string allowed;
  for (const admin_route& r : routes) {
    if (!matches(r, path)) continue;
    if (r.method == http.method) {
      auto ok = check_query(r, http, s);
      if (ok) ok = check_no_body(r, http, s);
      if (!ok) co_return refusal(ok.error());
      auto answered = co_await r.serve(ctx, http, path.substr(r.path.size()), s);
      co_return answered;
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(r.method);
  }
  if (!allowed.empty()) co_return method_not_allowed(allowed);
  co_return refusal({error_code::not_found, "The admin API has no such route."});
}

std::string_view admin_route_of(std::string_view path) {
  for (const admin_route& r : routes)
    if (matches(r, path)) return r.path;
  return {};
}

}  // namespace millimetric::api
