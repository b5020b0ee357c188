#include "mcp/message.h"

#include "json/writer.h"

namespace millimetric::mcp {
namespace {

// Errors whose details also stand at the top of `data`, where the protocol wants them.
bool spreads_details(error_code code) {
  return code == error_code::unsupported_protocol_version || code == error_code::unknown_resource;
}

error not_json_rpc(std::string message) {
  return {error_code::invalid_request, std::move(message)};
}

// A string or a whole number; anything else cannot be echoed to a client that would know it.
bool read_id(const json::element& id, std::string& out) {
  std::string_view text;
  const bool is_text = json::as_string(id, text);
  if (!is_text && !id.is_int64() && !id.is_uint64()) return false;
  out = is_text ? json::quoted(text) : json::to_text(id);
  return true;
}

std::optional<error> read_params(const json::object& o, message& m) {
  json::element params;
  if (!json::find(o, "params", params) || params.is_null()) return std::nullopt;
  json::object members;
  if (json::as_object(params, members)) {
    m.params = members;
    return std::nullopt;
  }
  if (params.is_array())
    return error{error_code::invalid_params,
                 "\"params\" must be an object of named parameters; got an array."};
  return not_json_rpc("\"params\" must be an object; got " + std::string(json::kind_of(params)) +
                      ".");
}

}  // namespace

bool message::param(std::string_view name, json::element& out) const noexcept {
  return params && json::find(*params, name, out);
}

std::optional<error> read_arguments(const message& m, std::optional<json::object>& out) {
  json::element member;
  json::object given;
  if (!m.param("arguments", member) || member.is_null()) return std::nullopt;
  if (!json::as_object(member, given))
    return error{error_code::invalid_params, "\"arguments\" must be an object; got " +
                                                 std::string(json::kind_of(member)) + "."};
  out = given;
  return std::nullopt;
}

parsed_message parse_message(const json::element& document) {
  parsed_message out;
  json::object o;
  if (document.is_array()) {
    out.wrong = not_json_rpc("Batches are not served: send one JSON-RPC request per POST.");
    return out;
  }
  if (!json::as_object(document, o)) {
    out.wrong = not_json_rpc("The body must be a JSON-RPC 2.0 request object; got " +
                             std::string(json::kind_of(document)) + ".");
    return out;
  }
  json::element id;
  const bool has_id = json::find(o, "id", id);
  const bool good_id = has_id && read_id(id, out.what.id);
  json::element member;
  std::string_view version;
  if (!json::find(o, "jsonrpc", member) || !json::as_string(member, version) || version != "2.0") {
    out.wrong = not_json_rpc("\"jsonrpc\" must be \"2.0\".");
    return out;
  }
  if (!json::find(o, "method", member)) {
    const bool answers = json::find(o, "result", member) || json::find(o, "error", member);
    if (answers)
      out.what.is = message::kind::response;
    else
      out.wrong = not_json_rpc("\"method\" is missing: name the method to call.");
    return out;
  }
  if (!json::as_string(member, out.what.method)) {
    out.wrong = not_json_rpc("\"method\" must be a string; got " +
                             std::string(json::kind_of(member)) + ".");
    return out;
  }
  if (has_id && !good_id) {
    out.wrong = not_json_rpc("\"id\" must be a string or a whole number; got " +
                             std::string(json::kind_of(id)) + ".");
    return out;
  }
  if (has_id)
    out.wrong = read_params(o, out.what);
  else
    out.what.is = message::kind::notification;  // answered with nothing, whatever its params
  return out;
}

std::string error_body(std::string_view id, const error& e) {
  const error_entry& entry = describe(e.code);
  std::string out;
  json::writer w(out);
  w.begin_object();
  w.key("jsonrpc").string("2.0");
  w.key("id").raw(id);
  w.key("error").begin_object();
  w.key("code").integer(entry.rpc_code);
  w.key("message").string(e.message);
  w.key("data").begin_object();
  w.key("error").string(entry.name);
  if (!e.details.empty()) {
    if (spreads_details(e.code)) w.raw(std::string_view(e.details).substr(1, e.details.size() - 2));
    w.key("details").raw(e.details);
  }
  w.end_object().end_object().end_object();
  return out;
}

}  // namespace millimetric::mcp
