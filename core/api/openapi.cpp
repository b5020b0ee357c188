#include "api/openapi.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "api/batch.h"
#include "base/version.h"
#include "event/circumstances.h"
#include "json/writer.h"
#include "mcp/schemas.h"

namespace millimetric::api {
namespace {

using query::endpoint;

// A route that takes a JSON body.
struct body_route {
  std::string_view path;
  std::string_view summary;
  std::string_view schema;  // of components/schemas
  std::string_view success;
  std::string_view answer;  // the answer's schema
  std::string_view refusals;
};

constexpr std::array<body_route, 4> body_routes{{
    {"/v1/track", "Store one event", "Event", "202",
     R"({"type":"object","properties":{"ok":{"const":true},"event_id":{"type":"string"}},"required":["ok","event_id"]})",
     "400 401 403 413 415 429 500 502"},
    {"/v1/batch", "Store 1 to 1000 events, all or nothing", "Batch", "202",
     R"({"type":"object","properties":{"ok":{"const":true},"count":{"type":"integer"},"duplicates":{"type":"integer"}},"required":["ok","count"]})",
     "400 401 403 413 415 429 500 502"},
    {"/v1/identify", "Say which user an anonymous visitor is", "Identify", "200",
     R"({"type":"object","properties":{"ok":{"const":true}},"required":["ok"]})",
     "400 401 403 413 415 429 500 502"},
    {"/v1/forget", "Delete a visitor's events", "Forget", "200",
     R"({"type":"object","properties":{"ok":{"const":true},"deleted":{"type":"integer"}},"required":["ok","deleted"]})",
     "400 401 403 413 415 500 502"},
}};

// A route that takes a tool's arguments as query parameters.
struct question_route {
  std::string_view path;
  std::string_view tool;
  std::string_view summary;
  std::string_view echoed;  // the argument that the answer repeats; empty: none
};

constexpr std::array<question_route, 4> question_routes{{
    {"/v1/query", "query_events", "Single events, newest first", ""},
    {"/v1/stats", "get_stats", "Counts and distinct visitors, by columns and over time", "metric"},
    {"/v1/sources", "top_sources", "Where visitors came from", "breakdown"},
    {"/v1/funnel", "funnel", "How many visitors go through steps in order", ""},
}};

constexpr std::string_view range_schema =
    R"({"type":"string","description":"ISO 8601 date or time; from is inclusive, to exclusive"})";

void write_json_content(json::writer& w, std::string_view schema) {
  w.key("content").begin_object().key("application/json").begin_object();
  w.key("schema").raw(schema).end_object().end_object();
}

void write_responses(json::writer& w, std::string_view success, std::string_view schema,
                     std::string_view refusals) {
  w.key("responses").begin_object();
  w.key(success).begin_object().key("description").string("Done");
  write_json_content(w, schema);
  w.end_object();
  while (!refusals.empty()) {
    w.key(refusals.substr(0, 3)).begin_object();
    w.key("$ref").string("#/components/responses/Refusal").end_object();
    refusals.remove_prefix(std::min<std::size_t>(4, refusals.size()));
  }
  w.end_object();
}

void write_path(json::writer& w, const body_route& r) {
  w.key(r.path).begin_object().key("post").begin_object();
  w.key("summary").string(r.summary);
  w.key("requestBody").begin_object().key("required").boolean(true);
  write_json_content(w, R"({"$ref":"#/components/schemas/)" + std::string(r.schema) + "\"}");
  w.end_object();
  write_responses(w, r.success, r.answer, r.refusals);
  w.end_object().end_object();
}

std::string answer_schema(const question_route& r) {
  std::string out = mcp::output_schema(r.tool);
  if (r.echoed.empty()) return out;
  constexpr std::string_view opening = R"({"type":"object","properties":{)";
  return out.insert(opening.size(), json::quoted(r.echoed) + R"(:{"type":"string"},)");
}

void write_path(json::writer& w, const question_route& r) {
  w.key(r.path).begin_object().key("get").begin_object();
  w.key("summary").string(r.summary);
  w.key("parameters").begin_array();
  for (const std::string& name : mcp::argument_names(r.tool, endpoint::project)) {
    const bool of_range = name == "from" || name == "to";  // without the tools' defaults
    w.begin_object().key("name").string(name).key("in").string("query");
    w.key("required").boolean(of_range || (r.tool == "funnel" && name == "steps"));
    w.key("schema").raw(of_range ? std::string(range_schema)
                                 : mcp::argument_schema_of(r.tool, name, endpoint::project));
    w.end_object();
  }
  w.end_array();
  write_responses(w, "200", answer_schema(r), "400 401 403 500 502");
  w.end_object().end_object();
}

// From the tool's schema of an event to what a body may say: numbers for texts, JSON in a string
// for an object, null for what is not given, and members that are not known.
struct replacement {
  std::string_view from;
  std::string_view to;
};
constexpr std::array<replacement, 5> taken_in_bodies{{
    {R"(,"additionalProperties":false)", ""},
    {R"("type":"string","m)", R"("type":["string","number","null"],"m)"},  // with a length
    {R"("type":"string")", R"("type":["string","null"])"},
    // With a description.
    {R"("type":"object","d)", R"("type":["object","string","null"],"pattern":"^\\s*\\{","d)"},
    {R"("event":{"type":["string","number","null"])", R"("event":{"type":["string","number"])"},
}};

std::string event_schema() {
  std::string out = mcp::input_schema("track_event", endpoint::project);
  for (const auto& [from, to] : taken_in_bodies)
    for (auto at = out.find(from); at != std::string::npos; at = out.find(from, at + to.size()))
      out.replace(at, from.size(), to);
  return out;
}

static_assert(event::max_anonymous_id == 128 && event::max_user_id == 256);
constexpr std::string_view identify_schema =
    R"({"type":"object","properties":{)"
    R"("anonymous_id":{"type":["string","number"],"minLength":1,"maxLength":128},)"
    R"("user_id":{"type":["string","number"],"minLength":1,"maxLength":256},)"
    R"("traits":{"type":["object","string","null"],"pattern":"^\\s*\\{"}},)"
    R"("required":["anonymous_id","user_id"]})";
constexpr std::string_view forget_schema =
    R"({"type":"object","properties":{)"
    R"("anonymous_id":{"type":["string","number","null"],"minLength":1,"maxLength":128},)"
    R"("user_id":{"type":["string","number","null"],"minLength":1,"maxLength":256}},"oneOf":[)"
    R"({"properties":{"anonymous_id":{"type":["string","number"]}},"required":["anonymous_id"]},)"
    R"({"properties":{"user_id":{"type":["string","number"]}},"required":["user_id"]}]})";

void write_schemas(json::writer& w) {
  w.key("schemas").begin_object();
  w.key("Event").raw(event_schema());
  w.key("Batch").raw(
      R"({"type":"object","properties":{"events":{"type":"array","minItems":1,"maxItems":)" +
      std::to_string(max_batch_events) +
      R"(,"items":{"$ref":"#/components/schemas/Event"}}},"required":["events"]})");
  w.key("Identify").raw(identify_schema);
  w.key("Forget").raw(forget_schema);
  w.key("Refusal").raw(
      R"({"type":"object","properties":{"error":{"type":"string"},"error_description":{"type":"string"},"details":{"type":"object"},"retry_after_s":{"type":"integer"}},"required":["error","error_description"]})");
  w.end_object();
}

std::string make_document() {
  std::string out;
  json::writer w(out);
  w.begin_object().key("openapi").string("3.1.0");
  w.key("info").begin_object().key("title").string("Millimetric");
  w.key("version").string(version).end_object();
  w.key("security").raw(R"([{"key":[]}])");
  w.key("paths").begin_object();
  for (const body_route& r : body_routes) write_path(w, r);
  for (const question_route& r : question_routes) write_path(w, r);
  w.end_object();
  w.key("components").begin_object();
  w.key("securitySchemes").raw(R"({"key":{"type":"http","scheme":"bearer"}})");
  w.key("responses").begin_object().key("Refusal").begin_object();
  w.key("description").string("Refused; error_description says how to mend it");
  write_json_content(w, R"({"$ref":"#/components/schemas/Refusal"})");
  w.end_object().end_object();
  write_schemas(w);
  w.end_object().end_object();
  return out;
}

}  // namespace

const std::string& openapi_document() {
  static const std::string document = make_document();
  return document;
}

}  // namespace millimetric::api
