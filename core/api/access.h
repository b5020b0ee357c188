#pragma once
// Who calls /v1, and what they may do there. Source: contract, sections 1 and 3.

#include <memory>

#include "control/directory.h"
#include "host/frames.h"
#include "host/request.h"

namespace millimetric::api {

enum class scope : std::uint8_t { ingest, read, forget };

// The verified holder of the request's key, allowed to do what `wanted` says; with exactly one
// project. A pk key's Origin has been checked.
// @return missing_bearer_token, malformed_api_key, invalid_api_key, key_kind_mismatch,
// insufficient_scope, forget_requires_secret_key, origin_not_allowed, upstream_failed.
host::task<result<std::shared_ptr<const control::principal>>> authorize(
    host::context& ctx, const host::http_request& http, control::directory& keys, scope wanted);

// Lets the page of this origin read the answer.
void allow_origin(host::http_response& r, std::string_view origin);

// @return unsupported_media_type, payload_too_large; invalid_payload when it broke off.
[[nodiscard]] result<void> check_json_body(const host::http_request& http);

}  // namespace millimetric::api
