#pragma once
// The operator's API under /admin, open only to the deployment's ADMIN_TOKEN.

#include "api/gateway.h"

namespace millimetric::api {

// POST /admin/import?project=ID with {"events":[1-1000]}: events of the past, outside the ingest
// buckets; all or nothing.
// Answers 200 {"ok","count","duplicates"}; refuses with missing_bearer_token, invalid_api_key,
// not_found, invalid_payload and what storing gives.
host::task<host::http_response> import_events(host::context& ctx, const host::http_request& http,
                                              const settings& config, json::parser_pool& parsers);

}  // namespace millimetric::api
