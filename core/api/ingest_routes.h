#pragma once
// POST /v1/track, /v1/batch, /v1/identify and /v1/forget. Source: contract, section 3.

#include <string_view>

#include "api/services.h"

namespace millimetric::api {

enum class ingest_route : std::uint8_t { track, batch, identify };

// Answers the call itself, its preflight, and every refusal.
host::task<host::http_response> serve_ingest(host::context& ctx, const host::http_request& http,
                                             ingest_route route, services s);
host::task<host::http_response> serve_forget(host::context& ctx, const host::http_request& http,
                                             services s);
// Deletes the visitor that the body names, for a caller who may. The project must live until the
// task ends. `only`: names of members, with spaces; others are refused. Empty: others are ignored.
host::task<host::http_response> forget_visitor(host::context& ctx, const host::http_request& http,
                                               const control::project& project, services s,
                                               std::string_view only = {});

}  // namespace millimetric::api
