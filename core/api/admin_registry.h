#pragma once
// Accounts, projects, keys and usage for the operator. Every function answers one route, whose
// token has been checked; `id` is the last part of its path, where it has one.

#include "api/services.h"

namespace millimetric::api {

host::task<host::http_response> list_accounts(host::context& ctx, const host::http_request& http,
                                              std::string_view id, services s);
host::task<host::http_response> create_account(host::context& ctx, const host::http_request& http,
                                               std::string_view id, services s);
host::task<host::http_response> update_account(host::context& ctx, const host::http_request& http,
                                               std::string_view id, services s);
host::task<host::http_response> list_projects(host::context& ctx, const host::http_request& http,
                                              std::string_view id, services s);
host::task<host::http_response> create_project(host::context& ctx, const host::http_request& http,
                                               std::string_view id, services s);
host::task<host::http_response> update_project(host::context& ctx, const host::http_request& http,
                                               std::string_view id, services s);
host::task<host::http_response> list_keys(host::context& ctx, const host::http_request& http,
                                          std::string_view id, services s);
host::task<host::http_response> mint_key(host::context& ctx, const host::http_request& http,
                                         std::string_view id, services s);
host::task<host::http_response> revoke_key(host::context& ctx, const host::http_request& http,
                                           std::string_view id, services s);
host::task<host::http_response> show_usage(host::context& ctx, const host::http_request& http,
                                           std::string_view id, services s);

}  // namespace millimetric::api
