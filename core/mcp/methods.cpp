#include "mcp/methods.h"

#include "base/text.h"
#include "json/writer.h"
#include "mcp/catalogue.h"
#include "mcp/prompts.h"
#include "mcp/tools.h"

namespace millimetric::mcp {
namespace {

using host::context;
using host::task;

// What never changes between releases may be kept for an hour; lists depend on the key.
constexpr std::int64_t static_ttl_ms = 60 * minute_ms;
constexpr cache_hint public_static{static_ttl_ms, "public"};
constexpr cache_hint private_static{static_ttl_ms, "private"};

constexpr std::string_view capabilities =
    R"({"tools":{},"resources":{},"prompts":{},"completions":{}})";

method_result discover(const session& s) {
  method_result out;
  json::writer w(out.members);
  w.key("supportedVersions").raw(supported_versions_json());
  w.key("capabilities").raw(capabilities);
  w.key("instructions").string(instructions(s.where));
  out.cache = public_static;
  return out;
}

method_result initialize(const session& s, const message& m) {
  json::element member;
  std::string_view wanted;
  if (m.param("protocolVersion", member)) static_cast<void>(json::as_string(member, wanted));
  method_result out;
  json::writer w(out.members);
  w.key("protocolVersion").string(is_legacy_version(wanted) ? wanted : newest_legacy_version);
  w.key("capabilities").raw(capabilities);
  w.key("serverInfo").raw(server_info(s.where));
  w.key("instructions").string(instructions(s.where));
  return out;
}

// Lists are one page, so no cursor was ever given out.
result<method_result> one_page(const message& m, std::string members, cache_hint cache) {
  json::element cursor;
  if (m.param("cursor", cursor) && !cursor.is_null())
    return fail(error_code::invalid_params, "This list has one page; leave \"cursor\" out.");
  return method_result{std::move(members), cache};
}

error unknown_method(const message& m) {
  return {error_code::method_not_found, "Method not found: " + shortened(m.method)};
}

}  // namespace

task<result<method_result>> call_method(context& ctx, const session& s, const message& m) {
  const std::string_view method = m.method;
  const bool legacy = s.in == era::legacy;
  if (method == "tools/list") co_return one_page(m, tools_list(s.who->kind), private_static);
  if (method == "tools/call") {
    auto called = co_await call_tool(ctx, s, m);
    co_return called;
  }
  if (method == "resources/list") co_return one_page(m, resources_list(s.where), private_static);
  if (method == "resources/templates/list")
    co_return one_page(m, R"("resourceTemplates":[])", public_static);
  if (method == "resources/read") {
    auto read = co_await read_resource(ctx, s, m);
    co_return read;
  }
  if (method == "prompts/list") co_return one_page(m, prompts_list(s.where), public_static);
  if (method == "prompts/get") co_return get_prompt(s, m, ctx.now());
  if (method == "completion/complete") {
    auto completed = co_await complete(ctx, s, m);
    co_return completed;
  }
  if (method == "server/discover") co_return discover(s);
  if (method == "initialize" && legacy) co_return initialize(s, m);
  if (method == "ping" && legacy) co_return method_result{};
  co_return fail(unknown_method(m));
}

}  // namespace millimetric::mcp
