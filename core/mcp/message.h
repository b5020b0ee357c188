#pragma once
// JSON-RPC 2.0 messages as MCP uses them: one object per request, no batches.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/reader.h"

namespace millimetric::mcp {

// A message whose parts live in the parser that read it.
struct message {
  enum class kind : std::uint8_t { request, notification, response };
  kind is = kind::request;
  std::string id = "null";  // the id's JSON, to be echoed
  std::string_view method;
  std::optional<json::object> params;

  // A member of params, if there is one.
  [[nodiscard]] bool param(std::string_view name, json::element& out) const noexcept;
};

// The member "arguments" of params, where there is one that is not null.
// @return invalid_params when it is not an object.
[[nodiscard]] std::optional<error> read_arguments(const message& m,
                                                  std::optional<json::object>& out);

struct parsed_message {
  message what;
  std::optional<error> wrong;  // parse_error is not among these; invalid_request, invalid_params
};

[[nodiscard]] parsed_message parse_message(const json::element& document);

// {"jsonrpc":"2.0","id":...,"error":{"code","message","data":{"error","details"?}}}
[[nodiscard]] std::string error_body(std::string_view id, const error& e);

}  // namespace millimetric::mcp
