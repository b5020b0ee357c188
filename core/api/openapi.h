#pragma once
// GET /openapi.json: an OpenAPI 3.1 description of /v1, made from the tables that validation uses.

#include <string>

namespace millimetric::api {

[[nodiscard]] const std::string& openapi_document();

}  // namespace millimetric::api
