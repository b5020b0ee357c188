// A body as JSON and as a JSON-RPC message. The core's parser and SQLite agree on what is JSON,
// what is written again reads the same, and a request has the id and the method that SQLite finds.

#include <algorithm>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "mcp/message.h"

namespace millimetric::fuzz {
namespace {

using mcp::message;

// SQLite's functions end a text at its first NUL.
bool has_nul(std::string_view json) { return json.find("\\u0000") != std::string_view::npos; }

// JSON that SQLite takes and the core may refuse: what is no UTF-8, escapes that are half of a
// surrogate pair, numbers beyond 64 bits, and what is nested deeply.
bool may_be_refused(std::string_view json) {
  constexpr std::ptrdiff_t deep = json::max_depth;
  const auto brackets =
      std::count_if(json.begin(), json.end(), [](char c) { return c == '[' || c == '{'; });
  const std::string lower = to_lower(json);
  std::size_t digits = 0;
  for (const char c : json) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits >= 19) return true;
  }
  const bool exponent =
      std::any_of(json.begin(), json.end(), [](char c) { return c == 'e' || c == 'E'; });
  return !is_utf8(json) || brackets >= deep || exponent || lower.find("\\ud") != std::string::npos;
}

void check_document(std::string_view input, const json::element& document) {
  const bool bom = input.starts_with("\xEF\xBB\xBF");
  const std::string_view json = bom ? input.substr(3) : input;
  require(second_parser::accepts(json), "what the core reads is JSON to SQLite as well", json);
  require(is_utf8(json), "what the core reads is UTF-8", json);
  const std::string written = json::to_text(document);
  require(second_parser::accepts(written), "what the core writes is JSON", written);
  require(is_utf8(written), "what the core writes is UTF-8", written);
  json::parser_pool parsers;
  json::parser_lease parser = parsers.lease();
  const auto again = parser.parse(written);
  require(again.has_value(), "the core reads what it wrote", written);
  require(json::to_text(*again) == written, "written twice is the same text", written);
}

void check_request(std::string_view json, const message& m) {
  if (has_nul(json)) return;  // SQLite reads names and texts up to the first
  if (second_parser::repeats_a_name(json)) return;
  require(second_parser::type_at(json, "$.method") == "text", "a method that is text", json);
  require(second_parser::text_at(json, "$.method") == m.method, "SQLite's method", json);
  const std::string type = second_parser::type_at(json, "$.id");
  if (m.is == message::kind::notification) {
    require(type.empty() && m.id == "null", "a notification has no id", m.id);
    return;
  }
  require(type == "text" || type == "integer", "an id that can be echoed", json);
  const auto echoed = second_parser::text_at(m.id, "$");
  require(second_parser::text_at(json, "$.id") == echoed, "SQLite's id", m.id);
  require(m.params.has_value() == (second_parser::type_at(json, "$.params") == "object"),
          "params when they are an object", json);
}

void check_message(std::string_view json, const json::element& document) {
  const mcp::parsed_message parsed = mcp::parse_message(document);
  require(second_parser::accepts(parsed.what.id), "an id that is JSON", parsed.what.id);
  if (parsed.wrong) {
    const std::string body = mcp::error_body(parsed.what.id, *parsed.wrong);
    require(second_parser::accepts(body), "an error that is JSON", body);
    require(is_utf8(body), "an error that is UTF-8", body);
    require(second_parser::type_at(body, "$.error.code") == "integer", "an error's code", body);
    return;
  }
  if (!has_nul(json) && !second_parser::repeats_a_name(json))
    require(second_parser::text_at(json, "$.jsonrpc") == "2.0", "JSON-RPC 2.0", json);
  if (parsed.what.is != message::kind::response) check_request(json, parsed.what);
}

}  // namespace

void run(std::string_view input) {
  json::parser_pool parsers;
  json::parser_lease parser = parsers.lease();
  const auto document = parser.parse(input);
  if (!document) {
    require(!second_parser::accepts(input) || may_be_refused(input),
            "the core reads what is JSON to SQLite", input);
    return;
  }
  check_document(input, *document);
  const bool bom = input.starts_with("\xEF\xBB\xBF");
  check_message(bom ? input.substr(3) : input, *document);
}

}  // namespace millimetric::fuzz
