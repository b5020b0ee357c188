#include "native/world.h"

#include "json/reader.h"
#include "json/writer.h"

namespace millimetric::native {
namespace {

constexpr std::int64_t created_at = 1'790'000'000'000;

host::value or_null(const std::string& text) {
  return text.empty() ? host::value(std::monostate{}) : host::value(text);
}

}  // namespace

void add_account(native_host& host, const account_row& row) {
  host.control().ask("INSERT INTO accounts (id, name, plan, created_at) VALUES (?, ?, ?, ?)",
                     {row.id, "Account " + row.id, row.plan, created_at});
}

void add_project(native_host& host, const project_row& row) {
  host.control().ask(
      "INSERT INTO projects (id, account_id, slug, name, origins, retention_days, created_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      {row.id, row.account, row.slug.empty() ? row.id : row.slug, "Project " + row.id, row.origins,
       row.retention_days, created_at});
}

std::string add_key(native_host& host, const key_row& row) {
  host.control().ask(
      "INSERT INTO api_keys (prefix, kind, env, secret_hash, account_id, project_id, all_projects, "
      "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {row.prefix, row.kind, row.env, host.secret_hash(key_secret), row.account,
       or_null(row.project), std::int64_t{row.project.empty() && row.all_projects ? 1 : 0},
       created_at});
  return row.kind + "_" + row.env + "_" + row.prefix + "_" + std::string(key_secret);
}

void revoke_key(native_host& host, const std::string& prefix) {
  host.control().ask("UPDATE api_keys SET revoked_at = ? WHERE prefix = ?", {host.now, prefix});
}

world::world() {
  host.now = test_now;
  add_account(host, {.id = "acc_one"});
  add_project(host, {.id = "prj_a", .slug = "a", .retention_days = std::int64_t{0}});
  add_project(host, {.id = "prj_b", .slug = "b", .retention_days = std::int64_t{0}});
  sk_a = add_key(host, {.kind = "sk", .prefix = "aaaask01", .project = "prj_a"});
  rk_a = add_key(host, {.kind = "rk", .prefix = "aaaark01", .project = "prj_a"});
  pk_a = add_key(host, {.kind = "pk", .prefix = "aaaapk01", .project = "prj_a"});
  sk_b = add_key(host, {.kind = "sk", .prefix = "bbbbsk01", .project = "prj_b"});
  rk_b = add_key(host, {.kind = "rk", .prefix = "bbbbrk01", .project = "prj_b"});
  ak = add_key(host, {.kind = "ak", .prefix = "aaaaak01"});
}

host::http_response world::rpc(std::string_view key, std::string_view method,
                               std::string_view params) {
  std::string body;
  json::writer w(body);
  w.begin_object().key("jsonrpc").string("2.0").key("id").integer(1);
  w.key("method").string(method).key("params").raw(params).end_object();
  return host.post(key.starts_with("ak") ? "/mcp/account" : "/mcp", key, std::move(body));
}

host::http_response world::call_tool(std::string_view key, std::string_view tool,
                                     std::string_view arguments) {
  std::string params;
  json::writer w(params);
  w.begin_object().key("name").string(tool).key("arguments").raw(arguments).end_object();
  return rpc(key, "tools/call", params);
}

std::string world::rows(std::string_view key, std::string_view tool, std::string_view arguments) {
  const auto r = call_tool(key, tool, arguments);
  const std::string rows = json_at(r.body, "/result/structuredContent/rows");
  return rows == "(none)" ? r.body : rows;
}

std::string json_at(std::string_view text, std::string_view pointer) {
  json::parser_pool parsers;
  json::parser_lease parser = parsers.lease();
  const auto document = parser.parse(text);
  if (!document) return "(not JSON)";
  const auto found = document->at_pointer(pointer);
  return found.error() ? "(none)" : json::to_text(found.value_unsafe());
}

std::string text_of(const host::http_response& r) {
  json::parser_pool parsers;
  json::parser_lease parser = parsers.lease();
  const auto document = parser.parse(r.body);
  std::string_view text;
  if (document && !document->at_pointer("/result/content/0/text").get(text))
    return std::string(text);
  return "(no text in " + r.body + ")";
}

std::string field_errors_of(const host::http_response& r, std::string_view field) {
  return json_at(text_of(r), "/details/fieldErrors/" + std::string(field));
}

}  // namespace millimetric::native
