#pragma once
// GET /v1/a.js: the browser snippet, built from snippet/a.js.

#include "host/frames.h"

namespace millimetric::api {

[[nodiscard]] host::http_response serve_snippet(const host::http_request& http);

}  // namespace millimetric::api
