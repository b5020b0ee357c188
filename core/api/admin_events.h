#pragma once
// Events in bulk for the operator: import, export, forgetting, retention, storage. As in
// admin_registry.h.

#include "api/services.h"

namespace millimetric::api {

// Events of the past, outside the ingest buckets; all of a body or nothing.
host::task<host::http_response> import_events(host::context& ctx, const host::http_request& http,
                                              std::string_view id, services s);
// Those of a visitor, deleted.
host::task<host::http_response> forget_events(host::context& ctx, const host::http_request& http,
                                              std::string_view id, services s);
// A page of a project's events, oldest first.
host::task<host::http_response> export_events(host::context& ctx, const host::http_request& http,
                                              std::string_view id, services s);
// What a project's events weigh, and in which columns.
host::task<host::http_response> show_storage(host::context& ctx, const host::http_request& http,
                                             std::string_view id, services s);
// The daily job, now.
host::task<host::http_response> run_retention(host::context& ctx, const host::http_request& http,
                                              std::string_view id, services s);

// Which of `count` projects a day's job begins with: a platform's limit may end it before the last
// ones, and those must not be the same ones every day.
[[nodiscard]] std::size_t first_of_day(millis now, std::size_t count) noexcept;

// Deletes what is older than each project's retention, in bounded steps; may stop anywhere and be
// run again.
// @return a JSON summary; upstream_failed when the list of projects could not be read.
host::task<result<std::string>> apply_retention(host::context& ctx);

}  // namespace millimetric::api
