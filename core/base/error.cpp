#include "base/error.h"

#include <array>
#include <cstddef>
#include <utility>

namespace millimetric {
namespace {

using enum error_code;

constexpr std::array<error_entry, static_cast<std::size_t>(count_)> table{{
    {missing_bearer_token, "missing_bearer_token", 401, 0},
    {malformed_api_key, "malformed_api_key", 401, 0},
    {invalid_api_key, "invalid_api_key", 401, 0},
    {key_kind_mismatch, "key_kind_mismatch", 401, 0},
    {key_kind_not_allowed, "key_kind_not_allowed", 403, 0},
    {account_key_required, "account_key_required", 403, 0},
    {insufficient_scope, "insufficient_scope", 403, -32000},
    {origin_not_allowed, "origin_not_allowed", 403, 0},
    {forget_requires_secret_key, "forget_requires_secret_key", 403, 0},
    {not_found, "not_found", 404, 0},
    {method_not_allowed, "method_not_allowed", 405, 0},
    {conflict, "conflict", 409, 0},
    {payload_too_large, "payload_too_large", 413, 0},
    {unsupported_media_type, "unsupported_media_type", 415, 0},
    {rate_limited, "rate_limited", 429, -32000},
    {internal_error, "internal_error", 500, -32603},
    {upstream_failed, "upstream_failed", 502, -32000},
    {invalid_payload, "invalid_payload", 400, 0},
    {invalid_params, "invalid_params", 400, -32602},
    {invalid_group_by, "invalid_group_by", 400, 0},
    {parse_error, "parse_error", 400, -32700},
    {invalid_request, "invalid_request", 400, -32600},
    {method_not_found, "method_not_found", 404, -32601},
    {unknown_tool, "unknown_tool", 200, -32602},
    {unknown_resource, "unknown_resource", 200, -32602},
    {unknown_prompt, "unknown_prompt", 200, -32602},
    {tool_failed, "tool_failed", 200, -32000},
    {plan_limit, "plan_limit", 200, -32002},
    {unknown_project_id, "unknown_project_id", 200, -32004},
    {unknown_project_slug, "unknown_project_slug", 200, -32004},
    {no_projects_visible, "no_projects_visible", 200, -32005},
    {header_mismatch, "header_mismatch", 400, -32020},
    {unsupported_protocol_version, "unsupported_protocol_version", 400, -32022},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].code) != i || table[i].name.empty()) return false;
  return true;
}
static_assert(in_order(), "one row per code, in the order of the enumeration");

}  // namespace

const error_entry& describe(error_code code) noexcept {
  return table[static_cast<std::size_t>(code)];
}

error rate_limited(std::string message, std::uint32_t retry_after_s) {
  return {error_code::rate_limited, std::move(message),
          R"({"retry_after_s":)" + std::to_string(retry_after_s) + "}", retry_after_s};
}

}  // namespace millimetric
