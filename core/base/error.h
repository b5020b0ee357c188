#pragma once
// The stable error codes of the product, once, in code. A code names what went wrong for the
// caller; the table gives the HTTP status and the JSON-RPC code under which it travels.
// Source: contract, sections 1 (HTTP refusals), 2 (JSON-RPC errors) and 3 (REST).

#include <cstdint>
#include <string>
#include <string_view>

namespace millimetric {

enum class error_code : std::uint8_t {
  missing_bearer_token,          // no Authorization: Bearer
  malformed_api_key,             // not of the form kind_env_prefix_secret
  invalid_api_key,               // unknown prefix, wrong secret or revoked
  key_kind_mismatch,             // right prefix and secret, another kind
  key_kind_not_allowed,          // pk or ak at /mcp
  account_key_required,          // anything but ak at /mcp/account
  insufficient_scope,            // the key may not do this
  origin_not_allowed,            // Origin header not on the allow-list
  forget_requires_secret_key,    // /v1/forget without sk
  not_found,                     // no such route
  method_not_allowed,            // route exists, method does not
  conflict,                      // the name is taken, or another change is under way
  payload_too_large,             // body over the limit
  unsupported_media_type,        // body is not application/json
  rate_limited,                  // token bucket empty
  internal_error,                // our fault
  upstream_failed,               // the control plane or a store did not answer
  invalid_payload,               // REST body refused
  invalid_params,                // REST query or MCP params refused
  invalid_group_by,              // REST group_by refused
  parse_error,                   // body is not JSON
  invalid_request,               // JSON, but not JSON-RPC
  method_not_found,              // unknown JSON-RPC method
  unknown_tool,                  // tools/call with an unknown name
  unknown_resource,              // resources/read with an unknown uri
  unknown_prompt,                // prompts/get with an unknown name
  tool_failed,                   // the tool could not finish; safe to retry
  plan_limit,                    // plan too low for this endpoint
  unknown_project_id,            // no such project, or not visible
  unknown_project_slug,          // no such project, or not visible
  no_projects_visible,           // data was asked for and the key sees no project
  header_mismatch,               // MCP 2026-07-28: header missing or unlike the body
  unsupported_protocol_version,  // MCP: a revision that is not served
  count_                         // number of codes; not a code
};

struct error_entry {
  error_code code;
  std::string_view name;  // the stable wire name
  int http_status;        // status when the error is the whole HTTP answer
  int rpc_code;           // JSON-RPC code; 0 when it never travels as JSON-RPC
};

// The row of the table for a code. Never fails: every code has a row (tested).
[[nodiscard]] const error_entry& describe(error_code code) noexcept;

// An error as a value. `message` says how to mend the request and never holds internals.
struct error {
  error_code code = error_code::internal_error;
  std::string message;
  std::string details = {};         // a JSON value, or empty when there is none
  std::uint32_t retry_after_s = 0;  // of rate_limited, which has it in its details too
};

// rate_limited, with details {"retry_after_s"}.
[[nodiscard]] error rate_limited(std::string message, std::uint32_t retry_after_s);

}  // namespace millimetric
