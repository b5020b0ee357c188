#pragma once
// POST /mcp and POST /mcp/account. Source: contract, sections 1 and 2; the order of checks is path,
// origin, preflight, method, key, content type and size, JSON, JSON-RPC, era, plan, method.

#include "api/gateway.h"
#include "query/read.h"

namespace millimetric::api {

struct mcp_services {
  const settings& config;
  control::directory& keys;
  json::parser_pool& parsers;
};

host::task<host::http_response> serve_mcp(host::context& ctx, const host::http_request& http,
                                          query::endpoint where, mcp_services services);

}  // namespace millimetric::api
