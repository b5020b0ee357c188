#include "mcp/era.h"

#include <algorithm>

#include "base/ids.h"
#include "base/text.h"
#include "json/writer.h"

namespace millimetric::mcp {
namespace {

constexpr std::string_view version_key = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view capabilities_key = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view client_key = "io.modelcontextprotocol/clientInfo";

// A header's value; copies that a proxy joined ("a, a") count as one.
std::string_view single_value(std::string_view value) {
  value = trim(value);
  const std::string_view first = trim(value.substr(0, value.find(',')));
  for (const std::string_view part : split(value, ','))
    if (part != first) return value;
  return first;
}

rejection reject(error_code code, std::string message, std::string details = {}) {
  return {{code, std::move(message), std::move(details)}, describe(code).http_status};
}

rejection bad_envelope(std::string message) {
  return {{error_code::invalid_params, std::move(message)}, 400};
}

rejection unsupported(std::string_view requested) {
  std::string details;
  json::writer w(details);
  w.begin_object();
  w.key("supported").raw(supported_versions_json());
  w.key("requested").string(is_utf8(requested) ? requested : "");
  w.end_object();
  std::string message =
      is_legacy_version(requested)
          ? std::string(requested) +
                " is reached through initialize, without params._meta; with it use \"" +
                std::string(modern_version) + "\"."
          : "This protocol version is not served; use one of " + supported_versions_json() + ".";
  return reject(error_code::unsupported_protocol_version, std::move(message), std::move(details));
}

// Decodes `=?base64?...?=`; other values stand for themselves.
bool decode_header(std::string_view value, std::string& out) {
  constexpr std::string_view opening = "=?base64?";
  constexpr std::string_view closing = "?=";
  if (value.size() < opening.size() + closing.size() || !value.starts_with(opening) ||
      !value.ends_with(closing)) {
    out = std::string(value);
    return true;
  }
  value.remove_prefix(opening.size());
  value.remove_suffix(closing.size());
  return from_base64(value, out) && is_utf8(out);
}

// The parameter that Mcp-Name mirrors for this method; empty when it mirrors none.
std::string_view name_parameter(std::string_view method) {
  if (method == "tools/call" || method == "prompts/get") return "name";
  if (method == "resources/read") return "uri";
  return {};
}

std::optional<rejection> check_method_header(const message& m, const host::http_request& http) {
  if (trim(single_value(http.header("mcp-method"))) == m.method) return std::nullopt;
  return reject(error_code::header_mismatch,
                "Send the header Mcp-Method with the same value as the body's method.");
}

std::optional<rejection> check_name_header(const message& m, const host::http_request& http) {
  const std::string_view parameter = name_parameter(m.method);
  json::element value;
  std::string_view wanted;
  if (parameter.empty() || !m.param(parameter, value) || !json::as_string(value, wanted))
    return std::nullopt;
  std::string got;
  std::string_view header = trim(http.header("mcp-name"));
  if (header != wanted) header = single_value(header);  // a name may have commas itself
  if (!header.empty() && decode_header(header, got) && got == wanted) return std::nullopt;
  return reject(error_code::header_mismatch,
                "Send the header Mcp-Name with the same value as params." + std::string(parameter) +
                    " of the body.");
}

std::optional<rejection> check_envelope(const json::object& meta, std::string_view& version) {
  json::element member;
  if (!json::find(meta, version_key, member) || !json::as_string(member, version))
    return bad_envelope("params._meta[\"" + std::string(version_key) + "\"] must be a string.");
  json::object members;
  if (!json::find(meta, capabilities_key, member) || !json::as_object(member, members))
    return bad_envelope("params._meta[\"" + std::string(capabilities_key) +
                        "\"] is required and must be an object; {} is enough.");
  if (json::find(meta, client_key, member) && !json::as_object(member, members))
    return bad_envelope("params._meta[\"" + std::string(client_key) + "\"] must be an object.");
  return std::nullopt;
}

std::optional<rejection> check_modern(const message& m, const json::object& meta,
                                      const host::http_request& http) {
  std::string_view version;
  if (auto bad = check_envelope(meta, version)) return bad;
  if (single_value(http.header("mcp-protocol-version")) != version)
    return reject(error_code::header_mismatch,
                  "Send the header MCP-Protocol-Version with the same value as the version in "
                  "params._meta.");
  if (version != modern_version) return unsupported(version);
  if (auto bad = check_method_header(m, http)) return bad;
  return check_name_header(m, http);
}

}  // namespace

bool is_legacy_version(std::string_view version) noexcept {
  return version != modern_version &&
         std::find(supported_versions.begin(), supported_versions.end(), version) !=
             supported_versions.end();
}

detected detect_era(const message& m, const host::http_request& http) {
  json::element member;
  json::object meta;
  const bool has_meta = m.param("_meta", member) && json::as_object(member, meta);
  const bool claims = has_meta && json::find(meta, version_key, member);
  if (claims) return {era::modern, check_modern(m, meta, http)};
  if (m.method == "initialize") return {};
  const std::string_view header = single_value(http.header("mcp-protocol-version"));
  if (header.empty() || is_legacy_version(header)) return {};
  if (header != modern_version) return {era::legacy, unsupported(header)};
  return {era::modern,
          bad_envelope("MCP " + std::string(modern_version) + " needs params._meta with \"" +
                       std::string(version_key) + "\" and \"" + std::string(capabilities_key) +
                       "\" in every request.")};
}

std::string supported_versions_json() {
  std::string out;
  json::writer w(out);
  w.begin_array();
  for (const std::string_view v : supported_versions) w.string(v);
  w.end_array();
  return out;
}

}  // namespace millimetric::mcp
