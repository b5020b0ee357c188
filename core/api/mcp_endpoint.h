#pragma once
// POST /mcp and POST /mcp/account. Source: contract, sections 1 and 2; the order of checks is path,
// origin, preflight, method, key, content type and size, JSON, JSON-RPC, era, plan, method.

#include "api/services.h"
#include "query/read.h"

namespace millimetric::api {

host::task<host::http_response> serve_mcp(host::context& ctx, const host::http_request& http,
                                          query::endpoint where, services s);

}  // namespace millimetric::api
