// Requests to a deployment of its own, as text: "METHOD target", headers, an empty line, the body;
// "%%" on a line stands between one and the next. Whatever comes, the answer is one of the
// product's: a status and a shape that are known, JSON to SQLite as well, the id that was sent.
// "!" at the end of a key stands for the secret that all keys of tests/data/control.sql have.

#include <algorithm>
#include <array>
#include <memory>

#include "base/error.h"
#include "base/text.h"
#include "fuzz/fuzz.h"
#include "native/files.h"
#include "native/native_host.h"

namespace millimetric::fuzz {
namespace {

using native::http_call;

constexpr millis now = 1'795'176'000'000;  // 2026-11-20T12:00:00Z: that of most cases
constexpr std::size_t most_requests = 4;
constexpr std::string_view secret = "_local-development-only-secret";
constexpr std::string_view pepper = "pepper-of-the-cases";
constexpr std::string_view admin_token = "admin-token-of-the-cases";

// What no answer says unless it was sent: secrets, what happens inside, and in a tool's answer that
// the server failed.
constexpr std::array<std::string_view, 10> internals{
    pepper,
    admin_token,
    "99b0ccbbd3d5e20b90a3bde5510d93b33fc3f32078de5d0fbcb47939f3586ed1",
    "secret_hash",
    "SELECT ",
    "sqlite",
    "std::",
    "simdjson",
    R"({\"error\":\"tool_failed)",
    R"({\"error\":\"internal_error)"};

// Making one takes longer than most requests, and few requests change it.
std::shared_ptr<native::sqlite_database> a_control_plane() {
  static const std::string rows = native::read_file("tests/data/control.sql");
  static std::shared_ptr<native::sqlite_database> kept;
  static std::int64_t changes = 0;
  if (kept && kept->changes() == changes) return kept;
  kept = native::empty_control_plane();
  kept->run_script(rows);
  changes = kept->changes();
  return kept;
}

std::unique_ptr<native::native_host> a_deployment() {
  auto host = std::make_unique<native::native_host>(native::host_settings{
      .pepper = std::string(pepper),
      .mcp_allowed_origins = "http://localhost:*,http://127.0.0.1:*,http://[::1]:*",
      .admin_token = std::string(admin_token),
      .control = a_control_plane()});
  host->now = now;
  return host;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// Nothing for what no host would hand over: hosts give text that is UTF-8.
std::optional<http_call> read_call(std::string_view text) {
  http_call call;
  std::string_view first = take_line(text);
  const std::size_t space = std::min(first.find(' '), first.size());
  call.method = first.substr(0, space);
  call.path = first.substr(std::min(space + 1, first.size()));
  bool utf8 = is_utf8(first);
  for (std::string_view line = take_line(text); !line.empty(); line = take_line(text)) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    std::string value(trim(line.substr(std::min(colon + 1, line.size()))));
    if (value.ends_with('!')) value.replace(value.size() - 1, 1, secret);
    utf8 = utf8 && is_utf8(line);
    call.headers.emplace_back(std::string(line.substr(0, colon)), std::move(value));
  }
  call.body = text;
  return utf8 ? std::optional(std::move(call)) : std::nullopt;
}

std::vector<std::string_view> parts_of(std::string_view input) {
  constexpr std::string_view between = "\n%%\n";
  std::vector<std::string_view> out;
  while (out.size() < most_requests) {
    const std::size_t end = input.find(between);
    out.push_back(input.substr(0, end));
    if (end == std::string_view::npos) break;
    input.remove_prefix(end + between.size());
  }
  return out;
}

const error_entry* entry_named(std::string_view name) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(error_code::count_); ++i)
    if (const error_entry& e = describe(static_cast<error_code>(i)); e.name == name) return &e;
  return nullptr;
}

// Nothing failed here, so no answer may say that the server did.
bool is_ours(error_code code) {
  return code == error_code::internal_error || code == error_code::upstream_failed ||
         code == error_code::tool_failed;
}

void check_status(int status) {
  constexpr std::array<int, 14> known{200, 201, 202, 204, 304, 400, 401,
                                      403, 404, 405, 409, 413, 415, 429};
  require(std::find(known.begin(), known.end(), status) != known.end(), "a status that is known",
          std::to_string(status));
}

void check_refusal(int status, const std::string& body) {
  const std::string name = second_parser::text_at(body, "$.error").value_or("");
  const error_entry* e = entry_named(name);
  require(e != nullptr, "an error of the table", body);
  require(!is_ours(e->code), "an error of the request, not of the server", body);
  require(e->http_status == status, "the error's status", body);
  require(second_parser::type_at(body, "$.error_description") == "text", "what to do", body);
}

// The id that was sent comes back, where it can be found at all.
void check_id(const http_call& call, const std::string& body) {
  if (!second_parser::accepts(call.body) || !is_utf8(call.body)) return;
  if (second_parser::repeats_a_name(call.body)) return;
  const std::string type = second_parser::type_at(call.body, "$.id");
  const std::string echoed = second_parser::type_at(body, "$.id");
  if (echoed == "null") return;  // the request could not be read so far
  // SQLite's functions end a text at its first NUL.
  if (call.body.find("\\u0000") != std::string::npos) return;
  require(type == echoed, "an id of the type that was sent", body);
  require(second_parser::text_at(call.body, "$.id") == second_parser::text_at(body, "$.id"),
          "the id that was sent", body);
}

void check_rpc(const http_call& call, const std::string& body) {
  require(second_parser::text_at(body, "$.jsonrpc") == "2.0", "JSON-RPC 2.0", body);
  require(!second_parser::type_at(body, "$.id").empty(), "an id", body);
  const std::string result = second_parser::type_at(body, "$.result");
  const std::string error = second_parser::type_at(body, "$.error");
  require(result.empty() != error.empty(), "a result or an error", body);
  check_id(call, body);
  if (error.empty()) {
    require(result == "object", "a result that is an object", body);
    require(second_parser::type_at(body, "$.id") != "null", "a result for somebody", body);
    return;
  }
  const error_entry* e =
      entry_named(second_parser::text_at(body, "$.error.data.error").value_or(""));
  require(e != nullptr && e->rpc_code != 0, "an error of the table", body);
  require(!is_ours(e->code), "an error of the request, not of the server", body);
  require(second_parser::text_at(body, "$.error.code") == std::to_string(e->rpc_code),
          "the error's code", body);
}

bool is_rpc(const http_call& call) {
  const std::string_view path = std::string_view(call.path).substr(0, call.path.find('?'));
  return path.starts_with("/mcp");
}

void check_json(const http_call& call, const host::http_response& r) {
  require(second_parser::accepts(r.body), "JSON", r.body);
  require(second_parser::type_at(r.body, "$") == "object", "a JSON object", r.body);
  const bool rpc = !second_parser::type_at(r.body, "$.jsonrpc").empty();
  if (rpc)
    check_rpc(call, r.body);
  else if (r.status >= 400)
    check_refusal(r.status, r.body);
  else
    require(!is_rpc(call), "JSON-RPC at the endpoints of MCP", r.body);
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

void check_request_id(std::string_view id) {
  require(id.size() == 36, "a request id", id);
  for (std::size_t i = 0; i < id.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    require(hyphen ? id[i] == '-' : is_hex(id[i]), "a UUID", id);
  }
}

void check_headers(const host::http_response& r) {
  check_request_id(native::header_of(r, "x-request-id"));
  for (const auto& [name, value] : r.headers) {
    require(name == to_lower(name) && !name.empty(), "a header's name in lower case", name);
    require(value.find_first_of("\r\n") == std::string::npos, "a header of one line", value);
  }
}

void check_answer(const http_call& call, const host::http_response& r) {
  check_status(r.status);
  check_headers(r);
  require(second_parser::accepts(r.log) && is_utf8(r.log), "a log line that is JSON", r.log);
  require(is_utf8(r.body), "a body that is UTF-8", r.body);
  const std::string type = native::header_of(r, "content-type");
  if (type == "application/json")
    check_json(call, r);
  else if (type.empty())
    require(r.body.empty(), "a type for what has a body", r.body);
  else
    require(type == "text/javascript; charset=utf-8", "a type that is known", type);
}

void check_internals(std::string_view sent, const host::http_response& r) {
  for (const std::string_view name : internals)
    if (sent.find(name) == std::string_view::npos && r.route != "/v1/a.js")
      require(r.body.find(name) == std::string::npos, "nothing of the inside", r.body);
}

}  // namespace

void run(std::string_view input) {
  const auto host = a_deployment();
  for (const std::string_view part : parts_of(input)) {
    const auto call = read_call(part);
    if (!call) return;
    const host::http_response r = host->serve(*call);
    check_answer(*call, r);
    check_internals(input, r);
    host->now += 1000;
  }
}

}  // namespace millimetric::fuzz
