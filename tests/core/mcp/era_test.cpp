#include "mcp/era.h"

#include "../catch.h"

using namespace millimetric;

namespace {

using header = std::pair<std::string_view, std::string_view>;

constexpr std::string_view modern = "2026-07-28";
// Members of _meta that make a request modern.
const std::string claim = R"("io.modelcontextprotocol/protocolVersion":"2026-07-28")";
const std::string envelope = claim + R"(,"io.modelcontextprotocol/clientCapabilities":{})";

// "legacy" or "modern", and "400 name" behind it when refused.
std::string detected(std::string_view method, std::string_view params,
                     std::vector<header> headers = {}) {
  json::parser_pool pool;
  json::parser_lease parser = pool.lease();
  const auto document = parser.parse(R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) +
                                     R"(","params":)" + std::string(params) + "}");
  REQUIRE(document);
  const auto m = mcp::parse_message(*document);
  REQUIRE_FALSE(m.wrong);
  host::http_request http;
  http.headers = std::move(headers);
  const mcp::detected d = mcp::detect_era(m.what, http);
  std::string out = d.in == mcp::era::modern ? "modern" : "legacy";
  if (d.refused)
    out += " " + std::to_string(d.refused->http_status) + " " +
           std::string(describe(d.refused->why.code).name);
  return out;
}

std::string meta(const std::string& members, std::string_view more = "") {
  return "{\"_meta\":{" + members + "}" + std::string(more) + "}";
}

// A modern call of a tool, with these headers in place of the right ones.
std::string tool_call(std::string_view name, std::vector<header> headers) {
  return detected("tools/call", meta(envelope, ",\"name\":\"" + std::string(name) + "\""),
                  std::move(headers));
}

}  // namespace

TEST_CASE("row 1: a claim in the body is modern, also for initialize") {
  CHECK(detected("tools/list", meta(envelope),
                 {{"mcp-protocol-version", modern}, {"mcp-method", "tools/list"}}) == "modern");
  CHECK(detected("initialize", meta(envelope),
                 {{"mcp-protocol-version", modern}, {"mcp-method", "initialize"}}) == "modern");
}

TEST_CASE("row 2: a modern header without a claim is a malformed modern request") {
  for (const std::string& params :
       {std::string("{}"), meta(""), std::string(R"({"_meta":5})"),
        meta(R"("io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"})")})
    CHECK(detected("tools/list", params, {{"mcp-protocol-version", modern}}) ==
          "modern 400 invalid_params");
}

TEST_CASE("row 3: initialize without a claim is legacy, whatever its header") {
  for (const std::string_view version : {"2026-07-28", "2025-11-25", "2099-01-01", "nonsense"})
    CHECK(detected("initialize", "{}", {{"mcp-protocol-version", version}}) == "legacy");
  CHECK(detected("initialize", "{}") == "legacy");
}

TEST_CASE("row 4: a legacy header without a claim is served") {
  for (const std::string_view version :
       {"2025-11-25", "2025-06-18", "2025-03-26", " 2025-06-18\t", "2025-11-25, 2025-11-25"})
    CHECK(detected("tools/list", "{}", {{"mcp-protocol-version", version}}) == "legacy");
}

TEST_CASE("row 5: any other header without a claim is an unsupported version") {
  for (const std::string_view version :
       {"2099-01-01", "2024-11-05", "1", "2025-11-25, 2025-06-18", "2026-07-28x"})
    CHECK(detected("tools/list", "{}", {{"mcp-protocol-version", version}}) ==
          "legacy 400 unsupported_protocol_version");
}

TEST_CASE("row 6: neither header nor claim is legacy") {
  CHECK(detected("tools/list", "{}") == "legacy");
  CHECK(detected("tools/list", meta(R"("progressToken":1)")) == "legacy");
  CHECK(detected("tools/list", meta(R"("io.modelcontextprotocol/clientInfo":{})")) == "legacy");
  CHECK(detected("tools/list", "{}", {{"mcp-method", "tools/call"}, {"mcp-name", "x"}}) ==
        "legacy");
}

TEST_CASE("row 7: a claim of a legacy or unknown version is modern and unsupported") {
  for (const std::string version : {"2025-11-25", "2025-03-26", "v999.0.0", ""}) {
    const std::string members = R"("io.modelcontextprotocol/protocolVersion":")" + version +
                                R"(","io.modelcontextprotocol/clientCapabilities":{})";
    CHECK(detected("tools/list", meta(members),
                   {{"mcp-protocol-version", version}, {"mcp-method", "tools/list"}}) ==
          "modern 400 unsupported_protocol_version");
    CHECK(detected("tools/list", meta(members),
                   {{"mcp-protocol-version", modern}, {"mcp-method", "tools/list"}}) ==
          "modern 400 header_mismatch");
  }
}

TEST_CASE("an unsupported version is answered with those that are served, newest first") {
  json::parser_pool pool;
  json::parser_lease parser = pool.lease();
  const auto document = parser.parse(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  REQUIRE(document);
  const auto m = mcp::parse_message(*document);
  host::http_request http;
  http.headers = {{"mcp-protocol-version", "2099-01-01"}};
  const auto d = mcp::detect_era(m.what, http);
  REQUIRE(d.refused);
  CHECK(d.refused->why.details ==
        R"({"supported":["2026-07-28","2025-11-25","2025-06-18","2025-03-26"],)"
        R"("requested":"2099-01-01"})");
}

TEST_CASE("the envelope of a modern request is complete") {
  struct sample {
    std::string members;
    std::string_view is;
  };
  const sample samples[] = {
      {.members = envelope, .is = "modern"},
      {.members = claim, .is = "modern 400 invalid_params"},
      {.members = claim + R"(,"io.modelcontextprotocol/clientCapabilities":[])",
       .is = "modern 400 invalid_params"},
      {.members = R"("io.modelcontextprotocol/protocolVersion":5)",
       .is = "modern 400 invalid_params"},
      {.members = R"("io.modelcontextprotocol/protocolVersion":null)",
       .is = "modern 400 invalid_params"},
      {.members = envelope + R"(,"io.modelcontextprotocol/clientInfo":"c")",
       .is = "modern 400 invalid_params"},
      {.members = envelope + R"(,"io.modelcontextprotocol/clientInfo":{"name":"c"})",
       .is = "modern"},
  };
  for (const sample& s : samples) {
    INFO(s.members);
    CHECK(detected("tools/list", meta(s.members),
                   {{"mcp-protocol-version", modern}, {"mcp-method", "tools/list"}}) == s.is);
  }
}

TEST_CASE("the headers of a modern request mirror its body") {
  const header version{"mcp-protocol-version", modern};
  struct sample {
    std::vector<header> headers;
    std::string_view is;
  };
  const std::string_view mismatch = "modern 400 header_mismatch";
  const sample samples[] = {
      {.headers = {version, {"mcp-method", "tools/list"}}, .is = "modern"},
      {.headers = {{"MCP-Protocol-Version", modern}, {"Mcp-Method", "tools/list"}}, .is = "modern"},
      {.headers = {{"mcp-protocol-version", " 2026-07-28 "}, {"mcp-method", " tools/list\t"}},
       .is = "modern"},
      {.headers = {{"mcp-protocol-version", "2026-07-28, 2026-07-28"},
                   {"mcp-method", "tools/list, tools/list"}},
       .is = "modern"},
      {.headers = {}, .is = mismatch},
      {.headers = {version}, .is = mismatch},
      {.headers = {{"mcp-method", "tools/list"}}, .is = mismatch},
      {.headers = {version, {"mcp-method", ""}}, .is = mismatch},
      {.headers = {version, {"mcp-method", "TOOLS/LIST"}}, .is = mismatch},
      {.headers = {version, {"mcp-method", "tools/call"}}, .is = mismatch},
      {.headers = {version, {"mcp-method", "tools/list, tools/call"}}, .is = mismatch},
      {.headers = {{"mcp-protocol-version", "2025-11-25"}, {"mcp-method", "tools/list"}},
       .is = mismatch},
  };
  for (const sample& s : samples) CHECK(detected("tools/list", meta(envelope), s.headers) == s.is);
}

TEST_CASE("Mcp-Name mirrors the name or uri, plainly or in base64") {
  const auto with = [](std::string_view name, std::string_view sent) {
    return tool_call(
        name, {{"mcp-protocol-version", modern}, {"mcp-method", "tools/call"}, {"mcp-name", sent}});
  };
  const std::string_view mismatch = "modern 400 header_mismatch";
  CHECK(with("get_stats", "get_stats") == "modern");
  CHECK(with("get_stats", "  get_stats ") == "modern");
  CHECK(with("get_stats", "=?base64?Z2V0X3N0YXRz?=") == "modern");
  CHECK(with("\xC3\xA9t\xC3\xA9", "=?base64?w6l0w6k=?=") == "modern");
  CHECK(with("=?base64?eA==?=", "=?base64?PT9iYXNlNjQ/ZUE9PT89?=") == "modern");
  CHECK(with("get_stats", "get_stats, get_stats") == "modern");
  CHECK(with("get_stats", "=?base64?Z2V0X3N0YXRz?=,=?base64?Z2V0X3N0YXRz?=") == "modern");
  CHECK(with("a, a", "a, a") == "modern");
  CHECK(with("get_stats", "get_stats, funnel") == mismatch);
  CHECK(with("a, b", "a, a") == mismatch);
  CHECK(with("get_stats", "get_stat") == mismatch);
  CHECK(with("get_stats", "GET_STATS") == mismatch);
  CHECK(with("get_stats", "") == mismatch);
  CHECK(with("get_stats", "=?base64?Z2V0X3N0YXRz") == mismatch);
  CHECK(with("get_stats", "=?base64?Z2V0X3N0YXR?=") == mismatch);    // not canonical
  CHECK(with("get_stats", "=?base64?Z2V0X3N0YXRz=?=") == mismatch);  // not canonical
  CHECK(with("get_stats", "=?base64?!!!!?=") == mismatch);
  CHECK(with("get_stats", "=?base64?=") == mismatch);      // the marks overlap
  CHECK(with("\xC3\xA9", "=?base64?/w==?=") == mismatch);  // not UTF-8
}

TEST_CASE("Mcp-Name is asked of the three methods that name something, and of no other") {
  const auto named = [](std::string_view method, std::string_view member, bool with_header) {
    std::vector<header> headers{{"mcp-protocol-version", modern}, {"mcp-method", method}};
    if (with_header) headers.emplace_back("mcp-name", "x");
    return detected(method, meta(envelope, ",\"" + std::string(member) + "\":\"x\""), headers);
  };
  for (const auto& [method, member] :
       {std::pair("tools/call", "name"), std::pair("prompts/get", "name"),
        std::pair("resources/read", "uri")}) {
    CHECK(named(method, member, true) == "modern");
    CHECK(named(method, member, false) == "modern 400 header_mismatch");
  }
  CHECK(named("tools/list", "name", false) == "modern");
  CHECK(named("tools/list", "name", true) == "modern");
  CHECK(detected("tools/call", meta(envelope),
                 {{"mcp-protocol-version", modern}, {"mcp-method", "tools/call"}}) == "modern");
}
