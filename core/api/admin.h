#pragma once
// The operator's API under /admin, open only to the deployment's ADMIN_TOKEN; off when that is not
// set. docs/operating.md describes it.

#include "api/services.h"

namespace millimetric::api {

// Answers every route below /admin. `path` is the target's path.
host::task<host::http_response> serve_admin(host::context& ctx, const host::http_request& http,
                                            std::string_view path, services s);

}  // namespace millimetric::api
