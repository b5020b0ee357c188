#pragma once
// HTTP answers: JSON bodies, refusals, allowed origins.

#include <string>
#include <string_view>

#include "base/result.h"
#include "host/frames.h"
#include "json/arguments.h"

namespace millimetric::api {

[[nodiscard]] host::http_response json_response(int status, std::string body);

// {"error","error_description","details"?} with the status of the code, and the headers that go
// with it (WWW-Authenticate, Retry-After).
[[nodiscard]] host::http_response refusal(const error& e);
// invalid_payload and invalid_params, for what a body or a query string has wrong fields of.
[[nodiscard]] error wrong_fields(const json::field_errors& errors);
[[nodiscard]] error wrong_parameters(const json::field_errors& errors);

// 405 with Allow.
[[nodiscard]] host::http_response method_not_allowed(std::string_view allowed);

// Whether an Origin header is one of a comma list of origins; `http://host:*` stands for any port.
// Compared without case, as a browser sends it: scheme, host, port.
[[nodiscard]] bool origin_allowed(std::string_view origin, std::string_view allowed);

// Whether the body is declared to be JSON (parameters aside).
[[nodiscard]] bool is_json(std::string_view content_type);

// `target` up to the query, and without one trailing slash; and the query behind it.
[[nodiscard]] std::string_view path_of(std::string_view target);
[[nodiscard]] std::string_view query_of(std::string_view target);

}  // namespace millimetric::api
