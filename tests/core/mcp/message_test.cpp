#include "mcp/message.h"

#include "../catch.h"

using namespace millimetric;

namespace {

// "kind id method" of a message, or "error code id: message".
std::string parsed(std::string_view text) {
  json::parser_pool pool;
  json::parser_lease parser = pool.lease();
  const auto document = parser.parse(text);
  REQUIRE(document);
  const auto m = mcp::parse_message(*document);
  if (m.wrong)
    return std::string(describe(m.wrong->code).name) + " " + m.what.id + ": " + m.wrong->message;
  constexpr std::string_view kinds[] = {"request", "notification", "response"};
  return std::string(kinds[static_cast<std::size_t>(m.what.is)]) + " " + m.what.id + " " +
         std::string(m.what.method) + (m.what.params ? " with params" : "");
}

}  // namespace

TEST_CASE("requests have an id that is a string or a whole number, and is echoed as it came") {
  struct sample {
    std::string_view id, echoed;
  };
  const sample samples[] = {
      {.id = "1", .echoed = "1"},
      {.id = "-7", .echoed = "-7"},
      {.id = "0", .echoed = "0"},
      {.id = "18446744073709551615", .echoed = "18446744073709551615"},
      {.id = R"("a")", .echoed = R"("a")"},
      {.id = R"("")", .echoed = R"("")"},
      {.id = R"("\u202e\"")", .echoed = R"("\u202e\"")"},
  };
  for (const sample& s : samples) {
    INFO(s.id);
    const std::string id(s.id);
    CHECK(parsed(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"ping"})") ==
          "request " + std::string(s.echoed) + " ping");
  }
  for (const std::string_view id : {"null", "1.5", "true", "[1]", "{}"}) {
    INFO(id);
    const std::string text = R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":"ping"})";
    CHECK(parsed(text).starts_with(
        "invalid_request null: \"id\" must be a string or a whole number; got "));
  }
}

TEST_CASE("params are an object") {
  const auto with = [](std::string_view params) {
    return parsed(R"({"jsonrpc":"2.0","id":1,"method":"m","params":)" + std::string(params) + "}");
  };
  CHECK(with("{}") == "request 1 m with params");
  CHECK(with("[]") ==
        "invalid_params 1: \"params\" must be an object of named parameters; got an array.");
  CHECK(with("null") == "request 1 m");  // as if left out
  CHECK(with("5") == "invalid_request 1: \"params\" must be an object; got a number.");
}

TEST_CASE("a message without an id is a notification, and one without a method a response") {
  CHECK(parsed(R"({"jsonrpc":"2.0","method":"notifications/initialized"})") ==
        "notification null notifications/initialized");
  CHECK(parsed(R"({"jsonrpc":"2.0","method":"notifications/x","params":[1]})") ==
        "notification null notifications/x");
  CHECK(parsed(R"({"jsonrpc":"2.0","id":1,"result":{}})") == "response 1 ");
  CHECK(parsed(R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}})") == "response 1 ");
}

TEST_CASE("what is JSON but no request is refused by name") {
  CHECK(parsed("[]") ==
        "invalid_request null: Batches are not served: send one JSON-RPC request per POST.");
  CHECK(parsed("5") ==
        "invalid_request null: The body must be a JSON-RPC 2.0 request object; got a number.");
  CHECK(parsed("null") ==
        "invalid_request null: The body must be a JSON-RPC 2.0 request object; got null.");
  CHECK(parsed("{}") == "invalid_request null: \"jsonrpc\" must be \"2.0\".");
  CHECK(parsed(R"({"jsonrpc":"1.0","id":3,"method":"m"})") ==
        "invalid_request 3: \"jsonrpc\" must be \"2.0\".");
  CHECK(parsed(R"({"jsonrpc":2.0,"id":3,"method":"m"})") ==
        "invalid_request 3: \"jsonrpc\" must be \"2.0\".");
  CHECK(parsed(R"({"jsonrpc":"2.0","id":3})") ==
        "invalid_request 3: \"method\" is missing: name the method to call.");
  CHECK(parsed(R"({"jsonrpc":"2.0","id":3,"method":7})") ==
        "invalid_request 3: \"method\" must be a string; got a number.");
}

TEST_CASE("an error's data has its code, and its details where the protocol wants them") {
  CHECK(mcp::error_body("1", {error_code::tool_failed, "Say \"again\"."}) ==
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"Say \"again\".",)"
        R"("data":{"error":"tool_failed"}}})");
  CHECK(mcp::error_body("null", {error_code::rate_limited, "m", R"({"retry_after_s":3})"}) ==
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"m",)"
        R"("data":{"error":"rate_limited","details":{"retry_after_s":3}}}})");
  CHECK(mcp::error_body("\"x\"", {error_code::unknown_resource, "m", R"({"uri":"u"})"}) ==
        R"({"jsonrpc":"2.0","id":"x","error":{"code":-32602,"message":"m",)"
        R"("data":{"error":"unknown_resource","uri":"u","details":{"uri":"u"}}}})");
}
