#pragma once
// GET and POST /admin/shards?project=ID: how a project is spread over stores, and changing it.

#include "api/services.h"

namespace millimetric::api {

// How many shards there are, and how far a change is.
host::task<host::http_response> show_shards(host::context& ctx, const host::http_request& http,
                                            std::string_view, services s);
// Takes one step of a change; a body {"to": N} begins one. To be repeated until "done".
host::task<host::http_response> change_shards(host::context& ctx, const host::http_request& http,
                                              std::string_view, services s);

}  // namespace millimetric::api
