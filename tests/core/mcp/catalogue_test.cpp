#include "mcp/catalogue.h"

#include <set>

#include "../catch.h"
#include "base/text.h"
#include "event/receive.h"
#include "json/reader.h"
#include "mcp/schemas.h"

using namespace millimetric;
using control::key_kind;
using query::endpoint;

namespace {

using names = std::vector<std::string>;

constexpr std::size_t most_list_bytes = 24'000;  // 6,000 tokens of 4 bytes
constexpr std::size_t most_schema_bytes = 8 * 1024;
constexpr std::size_t most_instructions = 2'048;  // clients cut there

const names project_tools{"query_events", "get_stats", "top_sources", "funnel"};
const names account_tools{"list_projects", "query_events", "get_stats",
                          "top_sources",   "funnel",       "compare_projects"};

endpoint endpoint_of(key_kind kind) {
  return kind == key_kind::account ? endpoint::account : endpoint::project;
}

// The document of some JSON, alive as long as this is.
struct document {
  json::parser_pool pool;
  json::parser_lease parser = pool.lease();
  json::element root;
  explicit document(const std::string& text) {
    const auto parsed = parser.parse(text);
    REQUIRE(parsed);
    root = *parsed;
  }
};

std::string text(const json::element& e, std::string_view pointer) {
  std::string_view out;
  return e.at_pointer(pointer).get(out) ? "(none)" : std::string(out);
}

names keys(const json::element& e, std::string_view pointer) {
  json::object o;
  REQUIRE_FALSE(e.at_pointer(pointer).get(o));
  names out;
  for (const auto member : o) out.emplace_back(member.key);
  return out;
}

names expected_arguments(std::string_view tool, endpoint where) {
  if (tool == "query_events") return query::query_events_arguments(where);
  if (tool == "get_stats") return query::get_stats_arguments(where);
  if (tool == "top_sources") return query::top_sources_arguments(where);
  if (tool == "funnel") return query::funnel_arguments(where);
  if (tool == "compare_projects") return query::compare_projects_arguments();
  if (tool == "track_event") return event::sent_fields();
  CHECK(tool == "list_projects");
  return {};
}

}  // namespace

TEST_CASE("each kind of key is offered exactly its tools, in the contract's order") {
  names with_track = project_tools;
  with_track.emplace_back("track_event");
  CHECK(mcp::tool_names(key_kind::read) == project_tools);
  CHECK(mcp::tool_names(key_kind::secret) == with_track);
  CHECK(mcp::tool_names(key_kind::account) == account_tools);
  CHECK(mcp::tool_names(key_kind::publishable).empty());
}

TEST_CASE("access tells unknown tools from those that a key may not call") {
  using mcp::tool_access;
  CHECK(mcp::access("get_stats", key_kind::read) == tool_access::allowed);
  CHECK(mcp::access("track_event", key_kind::secret) == tool_access::allowed);
  CHECK(mcp::access("track_event", key_kind::read) == tool_access::not_allowed);
  CHECK(mcp::access("track_event", key_kind::account) == tool_access::unknown);
  CHECK(mcp::access("list_projects", key_kind::read) == tool_access::unknown);
  CHECK(mcp::access("list_projects", key_kind::account) == tool_access::allowed);
  CHECK(mcp::access("Get_Stats", key_kind::read) == tool_access::unknown);
  CHECK(mcp::access("", key_kind::read) == tool_access::unknown);
}

TEST_CASE("tools/list costs a model at most 6,000 tokens, whatever the key") {
  for (const key_kind kind : {key_kind::secret, key_kind::read, key_kind::account}) {
    INFO(control::name_of(kind));
    CHECK(mcp::tools_list(kind).size() < most_list_bytes);
  }
}

TEST_CASE("every tool has a name, a title, a description, both schemas and annotations") {
  for (const key_kind kind : {key_kind::secret, key_kind::read, key_kind::account}) {
    const document d("{" + mcp::tools_list(kind) + "}");
    json::array tools;
    REQUIRE_FALSE(d.root.at_pointer("/tools").get(tools));
    names listed;
    for (const json::element tool : tools) {
      const std::string name = text(tool, "/name");
      INFO(control::name_of(kind) << " " << name);
      listed.push_back(name);
      CHECK(text(tool, "/title").size() > 3);
      CHECK(text(tool, "/description").size() > 80);
      CHECK(text(tool, "/outputSchema/type") == "object");
      CHECK(keys(tool, "/annotations") ==
            names{"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"});
      bool read_only = false;
      CHECK_FALSE(tool.at_pointer("/annotations/readOnlyHint").get(read_only));
      CHECK(read_only == (name != "track_event"));
    }
    CHECK(listed == mcp::tool_names(kind));
  }
}

TEST_CASE("an input schema is an object of exactly the arguments that the tool reads") {
  for (const key_kind kind : {key_kind::secret, key_kind::account}) {
    for (const std::string& tool : mcp::tool_names(kind)) {
      INFO(control::name_of(kind) << " " << tool);
      const std::string schema = mcp::input_schema(tool, endpoint_of(kind));
      CHECK(schema.size() < most_schema_bytes);
      const document d(schema);
      CHECK(text(d.root, "/type") == "object");
      CHECK(keys(d.root, "/properties") == expected_arguments(tool, endpoint_of(kind)));
      bool more = true;
      CHECK_FALSE(d.root.at_pointer("/additionalProperties").get(more));
      CHECK_FALSE(more);
      for (const std::string& key : keys(d.root, ""))
        CHECK((key != "oneOf" && key != "anyOf" && key != "allOf"));  // refused by model APIs
    }
  }
}

TEST_CASE("a schema names the choices that the argument's reader takes") {
  using reader = void (*)(json::arguments&);
  struct choice {
    std::string tool;
    std::string argument;
    reader read;
  };
  const reader stats = [](json::arguments& in) {
    static_cast<void>(query::read_get_stats(in, endpoint::account, 0));
  };
  const reader sources = [](json::arguments& in) {
    static_cast<void>(query::read_top_sources(in, 0));
  };
  const reader funnel = [](json::arguments& in) { static_cast<void>(query::read_funnel(in, 0)); };
  const reader comparison = [](json::arguments& in) {
    static_cast<void>(query::read_compare_projects(in, 0));
  };
  for (const choice& c : {choice{"get_stats", "metric", stats},
                          {"get_stats", "interval", stats},
                          {"top_sources", "breakdown", sources},
                          {"funnel", "by", funnel},
                          {"compare_projects", "metric", comparison}}) {
    INFO(c.tool << " " << c.argument);
    const document d(mcp::argument_schema_of(c.tool, c.argument, endpoint::account));
    json::array listed;
    REQUIRE_FALSE(d.root.at_pointer("/enum").get(listed));
    names choices;
    for (const json::element e : listed) choices.push_back(text(e, ""));
    json::parser_pool pool;
    json::arguments wrong({{c.argument, "none of them"}}, pool);
    c.read(wrong);
    const document details(wrong.errors().details());
    CHECK(text(details.root, "/fieldErrors/" + c.argument + "/0") ==
          "must be one of " + quoted_list(choices) + "; got \"none of them\"");
  }
}

TEST_CASE("every argument's schema says its type or its values") {
  for (const key_kind kind : {key_kind::secret, key_kind::account}) {
    for (const std::string& tool : mcp::tool_names(kind)) {
      const document d(mcp::input_schema(tool, endpoint_of(kind)));
      for (const std::string& argument : keys(d.root, "/properties")) {
        INFO(tool << " " << argument);
        CHECK_FALSE(d.root.at_pointer("/properties/" + argument + "/type").error());
      }
    }
  }
}

TEST_CASE("required arguments are those that a tool cannot do without") {
  const auto required = [](std::string_view tool, endpoint where) {
    const document d(mcp::input_schema(tool, where));
    return text(d.root, "/required/0");
  };
  CHECK(required("funnel", endpoint::project) == "steps");
  CHECK(required("track_event", endpoint::project) == "event");
  for (const std::string& tool : account_tools)
    if (tool != "funnel") CHECK(required(tool, endpoint::account) == "(none)");
}

TEST_CASE("resources are the contract's, by endpoint, each listed with its uri") {
  const names account{"projects://all", "schema://events"};
  CHECK(mcp::resource_uris(endpoint::project) == names{"events://recent", "schema://events"});
  CHECK(mcp::resource_uris(endpoint::account) == account);
  for (const endpoint where : {endpoint::project, endpoint::account}) {
    const document d("{" + mcp::resources_list(where) + "}");
    names listed;
    json::array resources;
    REQUIRE_FALSE(d.root.at_pointer("/resources").get(resources));
    for (const json::element r : resources) {
      listed.push_back(text(r, "/uri"));
      CHECK(text(r, "/name") != "(none)");
      CHECK(text(r, "/description").size() > 10);
      CHECK(text(r, "/mimeType") == "application/json");
    }
    CHECK(listed == mcp::resource_uris(where));
  }
}

TEST_CASE("instructions fit what clients keep, and each endpoint has a name of its own") {
  std::set<std::string> servers;
  for (const endpoint where : {endpoint::project, endpoint::account}) {
    CHECK(mcp::instructions(where).size() < most_instructions);
    CHECK(mcp::instructions(where).size() > 200);
    const document d(mcp::server_info(where));
    servers.insert(text(d.root, "/name"));
    CHECK(text(d.root, "/version") != "(none)");
  }
  CHECK(servers.size() == 2);
}
