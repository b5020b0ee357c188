#include "api/admin.h"

#include <array>

#include "api/admin_events.h"
#include "api/admin_registry.h"
#include "api/admin_shards.h"
#include "api/gateway.h"
#include "api/http.h"
#include "base/text.h"

namespace millimetric::api {
namespace {

using host::context;
using host::http_request;
using host::http_response;
using host::task;

result<void> check_token(const http_request& http, const settings& config) {
  if (config.admin_token.empty())
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
  if (equals_in_constant_time(token, config.admin_token)) return {};
  return fail(error_code::invalid_api_key, "This is not the deployment's ADMIN_TOKEN.");
}

using handler = task<http_response> (*)(context&, const http_request&, std::string_view id,
                                        services);

struct admin_route {
  std::string_view method;
  std::string_view path;  // ends in "/" when an id follows
  handler serve;
};

constexpr auto routes = std::to_array<admin_route>({
    {"GET", "/admin/accounts", list_accounts},
    {"POST", "/admin/accounts", create_account},
    {"PATCH", "/admin/accounts/", update_account},
    {"GET", "/admin/projects", list_projects},
    {"POST", "/admin/projects", create_project},
    {"PATCH", "/admin/projects/", update_project},
    {"GET", "/admin/keys", list_keys},
    {"POST", "/admin/keys", mint_key},
    {"DELETE", "/admin/keys/", revoke_key},
    {"GET", "/admin/usage", show_usage},
    {"POST", "/admin/import", import_events},
    {"GET", "/admin/export", export_events},
    {"GET", "/admin/shards", show_shards},
    {"POST", "/admin/shards", change_shards},
    {"POST", "/admin/retention", run_retention},
    {"GET", "/admin/storage", show_storage},
});

bool matches(const admin_route& r, std::string_view path) {
  if (!r.path.ends_with('/')) return path == r.path;
  return path.size() > r.path.size() && path.starts_with(r.path) &&
         path.find('/', r.path.size()) == std::string_view::npos;
}

}  // namespace

task<http_response> serve_admin(context& ctx, const http_request& http, std::string_view path,
                                services s) {
  if (auto ok = check_token(http, s.config); !ok) co_return refusal(ok.error());
  std::string allowed;
  for (const admin_route& r : routes) {
    if (!matches(r, path)) continue;
    if (r.method == http.method) {
      auto answered = co_await r.serve(ctx, http, path.substr(r.path.size()), s);
      answered.route = std::string(r.path);
      co_return answered;
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(r.method);
  }
  if (!allowed.empty()) co_return method_not_allowed(allowed);
  co_return refusal({error_code::not_found, "The admin API has no such route."});
}

}  // namespace millimetric::api
