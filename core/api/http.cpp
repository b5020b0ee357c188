#include "api/http.h"

#include <algorithm>

#include "base/text.h"
#include "json/reader.h"
#include "json/writer.h"

namespace millimetric::api {
namespace {

// "http://localhost:*" allows "http://localhost" and "http://localhost:5173".
bool matches(std::string_view origin, std::string_view pattern) {
  if (!pattern.ends_with(":*")) return equals_ignoring_case(origin, pattern);
  pattern.remove_suffix(2);
  if (origin.size() < pattern.size() ||
      !equals_ignoring_case(origin.substr(0, pattern.size()), pattern))
    return false;
  std::string_view port = origin.substr(pattern.size());
  if (port.empty()) return true;
  if (port.front() != ':' || port.size() < 2) return false;
  port.remove_prefix(1);
  return std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

host::http_response json_response(int status, std::string body) {
  host::http_response r;
  r.status = status;
  r.headers.emplace_back("content-type", "application/json");
  r.body = std::move(body);
  return r;
}

host::http_response refusal(const error& e) {
  // Outside JSON-RPC there are no tools: storage that failed is an upstream that failed.
  const bool storage = e.code == error_code::tool_failed;
  const error_entry& entry = describe(storage ? error_code::upstream_failed : e.code);
  std::string body;
  json::writer w(body);
  w.begin_object();
  w.key("error").string(entry.name);
  w.key("error_description").string(e.message);
  if (e.retry_after_s > 0) w.key("retry_after_s").integer(e.retry_after_s);
  if (!e.details.empty()) w.key("details").raw(e.details);
  w.end_object();
  host::http_response r = json_response(entry.http_status, std::move(body));
  if (entry.http_status == 401) {
    const bool sent = e.code != error_code::missing_bearer_token;
    r.headers.emplace_back("www-authenticate",
                           sent ? R"(Bearer realm="millimetric", error="invalid_token")"
                                : R"(Bearer realm="millimetric")");
  }
  if (e.retry_after_s > 0) r.headers.emplace_back("retry-after", std::to_string(e.retry_after_s));
  return r;
}

error wrong_fields(const json::field_errors& errors) {
  return {error_code::invalid_payload,
          "Some fields are wrong; details.fieldErrors names each of them.", errors.details()};
}

error wrong_parameters(const json::field_errors& errors) {
  return {error_code::invalid_params,
          "Some parameters are wrong; details.fieldErrors names each of them.", errors.details()};
}

host::http_response method_not_allowed(std::string_view allowed) {
  host::http_response r =
      refusal({error_code::method_not_allowed, "Use " + std::string(allowed) + " here."});
  r.headers.emplace_back("allow", allowed);
  return r;
}

bool origin_allowed(std::string_view origin, std::string_view allowed) {
  for (const std::string_view pattern : split(allowed, ','))
    if (matches(trim(origin), pattern)) return true;
  return false;
}

bool is_json(std::string_view content_type) {
  return equals_ignoring_case(trim(content_type.substr(0, content_type.find(';'))),
                              "application/json");
}

std::string_view path_of(std::string_view target) {
  std::string_view path = target.substr(0, target.find('?'));
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

std::string_view query_of(std::string_view target) {
  const std::size_t at = target.find('?');
  return at == std::string_view::npos ? std::string_view() : target.substr(at + 1);
}

}  // namespace millimetric::api
