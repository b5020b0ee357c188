#pragma once
// The operator's API under /admin, open only to the deployment's ADMIN_TOKEN; off when that is not
// set. docs/operating.md describes it.

#include "api/services.h"

namespace millimetric::api {

// Answers every route below /admin. `path` is the target's path.
host::task<host::http_response> serve_admin(host::context& ctx, const host::http_request& http,
                                            std::string_view path, services s);

// The route that a path is of, for the log; empty when there is none.
[[nodiscard]] std::string_view admin_route_of(std::string_view path);

}  // namespace millimetric::api
