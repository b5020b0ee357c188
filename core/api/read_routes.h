#pragma once
// GET /v1/query, /v1/stats, /v1/sources and /v1/funnel: the read tools over query parameters.
// Source: contract, section 3.

#include "api/services.h"

namespace millimetric::api {

enum class read_route : std::uint8_t { query, stats, sources, funnel };

host::task<host::http_response> serve_read(host::context& ctx, const host::http_request& http,
                                           read_route route, services s);

}  // namespace millimetric::api
