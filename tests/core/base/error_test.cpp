#include "base/error.h"

#include "../catch.h"

using millimetric::describe;
using millimetric::error_code;

namespace {

struct row {
  error_code code;
  std::string_view name;
  int http;
  int rpc = 0;
};

// The contract's tables, sections 1 to 3, and the protocol's own two.
constexpr row rows[] = {
    {.code = error_code::missing_bearer_token, .name = "missing_bearer_token", .http = 401},
    {.code = error_code::malformed_api_key, .name = "malformed_api_key", .http = 401},
    {.code = error_code::invalid_api_key, .name = "invalid_api_key", .http = 401},
    {.code = error_code::key_kind_mismatch, .name = "key_kind_mismatch", .http = 401},
    {.code = error_code::key_kind_not_allowed, .name = "key_kind_not_allowed", .http = 403},
    {.code = error_code::account_key_required, .name = "account_key_required", .http = 403},
    {.code = error_code::insufficient_scope,
     .name = "insufficient_scope",
     .http = 403,
     .rpc = -32000},
    {.code = error_code::origin_not_allowed, .name = "origin_not_allowed", .http = 403},
    {.code = error_code::forget_requires_secret_key,
     .name = "forget_requires_secret_key",
     .http = 403},
    {.code = error_code::not_found, .name = "not_found", .http = 404},
    {.code = error_code::method_not_allowed, .name = "method_not_allowed", .http = 405},
    {.code = error_code::conflict, .name = "conflict", .http = 409},
    {.code = error_code::payload_too_large, .name = "payload_too_large", .http = 413},
    {.code = error_code::unsupported_media_type, .name = "unsupported_media_type", .http = 415},
    {.code = error_code::rate_limited, .name = "rate_limited", .http = 429, .rpc = -32000},
    {.code = error_code::internal_error, .name = "internal_error", .http = 500, .rpc = -32603},
    {.code = error_code::upstream_failed, .name = "upstream_failed", .http = 502, .rpc = -32000},
    {.code = error_code::invalid_payload, .name = "invalid_payload", .http = 400},
    {.code = error_code::invalid_params, .name = "invalid_params", .http = 400, .rpc = -32602},
    {.code = error_code::invalid_group_by, .name = "invalid_group_by", .http = 400},
    {.code = error_code::parse_error, .name = "parse_error", .http = 400, .rpc = -32700},
    {.code = error_code::invalid_request, .name = "invalid_request", .http = 400, .rpc = -32600},
    {.code = error_code::method_not_found, .name = "method_not_found", .http = 404, .rpc = -32601},
    {.code = error_code::unknown_tool, .name = "unknown_tool", .http = 200, .rpc = -32602},
    {.code = error_code::unknown_resource, .name = "unknown_resource", .http = 200, .rpc = -32602},
    {.code = error_code::unknown_prompt, .name = "unknown_prompt", .http = 200, .rpc = -32602},
    {.code = error_code::tool_failed, .name = "tool_failed", .http = 200, .rpc = -32000},
    {.code = error_code::plan_limit, .name = "plan_limit", .http = 200, .rpc = -32002},
    {.code = error_code::unknown_project_id,
     .name = "unknown_project_id",
     .http = 200,
     .rpc = -32004},
    {.code = error_code::unknown_project_slug,
     .name = "unknown_project_slug",
     .http = 200,
     .rpc = -32004},
    {.code = error_code::no_projects_visible,
     .name = "no_projects_visible",
     .http = 200,
     .rpc = -32005},
    {.code = error_code::header_mismatch, .name = "header_mismatch", .http = 400, .rpc = -32020},
    {.code = error_code::unsupported_protocol_version,
     .name = "unsupported_protocol_version",
     .http = 400,
     .rpc = -32022},
};

}  // namespace

TEST_CASE("the error table is the contract's, row by row") {
  REQUIRE(std::size(rows) == static_cast<std::size_t>(error_code::count_));
  std::size_t index = 0;
  for (const row& r : rows) {
    INFO(r.name);
    CHECK(static_cast<std::size_t>(r.code) == index++);
    const millimetric::error_entry& entry = describe(r.code);
    CHECK(entry.code == r.code);
    CHECK(entry.name == r.name);
    CHECK(entry.http_status == r.http);
    CHECK(entry.rpc_code == r.rpc);
  }
}
