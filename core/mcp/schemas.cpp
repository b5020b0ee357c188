#include "mcp/schemas.h"

#include <array>
#include <utility>

#include "event/circumstances.h"
#include "event/receive.h"
#include "json/writer.h"
#include "query/funnel.h"
#include "query/values.h"

namespace millimetric::mcp {
namespace {

using query::endpoint;

// The schema of each argument, by name: an argument means the same in every tool that takes it,
// but for those listed by tool.
struct argument_schema {
  std::string_view tool;  // empty: of every tool
  std::string_view name;
  std::string_view schema;
};

constexpr std::string_view one_or_many =
    R"("type":["string","array"],"minItems":1,"items":{"type":"string"})";

// The limits that the schemas name, each where it is kept.
static_assert(query::max_rows == 1000 && query::default_rows == 100);
static_assert(query::max_source_rows == 200 && query::default_source_rows == 50);
static_assert(query::min_funnel_steps == 2 && query::max_funnel_steps == 10);
static_assert(query::default_range_ms == 7 * day_ms);
static_assert(event::max_event_name == 128 && event::max_event_id == 128);
static_assert(event::max_anonymous_id == 128 && event::max_user_id == 256);
static_assert(event::max_session_id == 128 && event::max_url == 2048);
static_assert(event::max_properties_bytes == 8 * 1024);

constexpr auto argument_schemas = std::to_array<argument_schema>({
    {"query_events", "limit", R"({"type":"integer","minimum":1,"maximum":1000,"default":100})"},
    {"", "cursor",
     R"({"type":"string","minLength":1,"description":"next_cursor of the previous answer; repeat its other arguments unchanged"})"},
    {"get_stats", "metric",
     R"({"type":"string","enum":["count","uniques","users","sessions"],"default":"count","description":"count: events; uniques: distinct anonymous_id; users: distinct user_id; sessions: distinct session_id"})"},
    {"compare_projects", "metric",
     R"({"type":"string","enum":["count","uniques"],"default":"count","description":"count: events; uniques: distinct anonymous_id"})"},
    {"", "interval",
     R"({"type":"string","enum":["hour","day","week","month"],"description":"One row per interval that has events, of UTC and cut at from and to; weeks start on Monday"})"},
    {"get_stats", "limit",
     R"({"type":"integer","minimum":1,"maximum":1000,"default":100,"description":"Rows at most; with interval the latest are cut"})"},
    {"", "breakdown",
     R"({"type":"string","enum":["source_medium","source"],"default":"source_medium"})"},
    {"top_sources", "limit", R"({"type":"integer","minimum":1,"maximum":200,"default":50})"},
    {"", "steps",
     R"({"type":"array","minItems":2,"maxItems":10,"items":{"anyOf":[{"type":"string"},{"type":"object","properties":{"event":{"type":"string"},"path":{"type":"string"}},"required":["event"],"additionalProperties":false}]},"description":"Event names in order; {event, path} counts the event on that page only"})"},
    {"", "window",
     R"({"type":"string","pattern":"^0*[1-9][0-9]*[smhdw]$","description":"Longest time from first to last step, such as 30m or 7d. Default: the whole range"})"},
    {"", "by",
     R"json({"type":"string","enum":["anonymous_id","user_id","person"],"default":"anonymous_id","description":"What identifies a visitor: anonymous_id (one browser), user_id (signed-in users only) or person (a user's browsers joined through $identify)"})json"},
    {"", "from",
     R"({"type":"string","description":"Inclusive ISO 8601 date or time. Default: 7 days before to"})"},
    {"", "to", R"({"type":"string","description":"Exclusive. Default: now"})"},
    {"", "project_id",
     R"({"type":"string","minLength":1,"description":"Give at most one of project_id, project_slug, project_ids; none means every project"})"},
    {"", "project_slug", R"({"type":"string","minLength":1})"},
    {"", "project_ids", R"({"type":"array","items":{"type":"string"},"minItems":1})"},
    {"track_event", "event",
     R"({"type":"string","minLength":1,"maxLength":128,"description":"What happened, such as signup"})"},
    {"track_event", "event_id",
     R"({"type":"string","minLength":1,"maxLength":128,"description":"Your own id for the event; sent again within 7 days it is not stored twice"})"},
    {"track_event", "timestamp", R"({"type":"string","description":"ISO 8601. Default: now"})"},
    {"track_event", "anonymous_id",
     R"({"type":"string","minLength":1,"maxLength":128,"description":"The visitor. Default: a new one"})"},
    {"track_event", "user_id", R"({"type":"string","minLength":1,"maxLength":256})"},
    {"track_event", "session_id", R"({"type":"string","minLength":1,"maxLength":128})"},
    {"track_event", "url",
     R"({"type":"string","maxLength":2048,"description":"Absolute http(s) URL; its utm_ and click ids give the source"})"},
    {"track_event", "path",
     R"({"type":"string","maxLength":2048,"description":"Default: the URL's"})"},
    {"track_event", "referrer", R"({"type":"string","maxLength":2048})"},
    {"track_event", "properties", R"({"type":"object","description":"At most 8 KB as JSON"})"},
    {"track_event", "context",
     R"({"type":"object","description":"The visitor on whose behalf this is sent","properties":{"user_agent":{"type":"string"},"ip":{"type":"string"},"country":{"type":"string"}},"additionalProperties":false})"},
});

std::string filter_schema(std::string_view name) {
  std::string out = "{" + std::string(one_or_many);
  for (const query::column_entry& c : query::columns) {
    const std::string_view values = query::values_of(c.col);
    if (c.argument == name && !values.empty()) out += ",\"description\":" + json::quoted(values);
  }
  return out + "}";
}

std::string enum_list(const std::vector<std::string>& names) {
  std::string out;
  json::writer w(out);
  w.begin_array();
  for (const std::string& n : names) w.string(n);
  w.end_array();
  return out;
}

std::string group_schema(std::string_view tool, endpoint where) {
  if (tool == "funnel")
    return R"({"type":"string","enum":)" + enum_list(query::group_names(endpoint::project)) +
           R"(,"description":"A funnel per value, as of the visitor's first step"})";
  return R"({"type":["array","string"],"items":{"type":"string","enum":)" +
         enum_list(query::group_names(where)) + R"(},"minItems":1,"minLength":1})";
}

std::string_view required_argument(std::string_view tool) {
  if (tool == "funnel") return "steps";
  if (tool == "track_event") return "event";
  return {};
}

// Result columns. `?` behind a name: may be null. `#`: a number.
std::string row_schema(const std::vector<std::string_view>& columns) {
  std::string out;
  json::writer w(out);
  w.begin_object().key("type").string("object").key("properties").begin_object();
  for (std::string_view c : columns) {
    const bool nullable = c.ends_with('?');
    if (nullable) c.remove_suffix(1);
    const bool number = c.ends_with('#');
    if (number) c.remove_suffix(1);
    const std::string_view type = number ? "number" : c == "properties" ? "object" : "string";
    w.key(c).begin_object().key("type");
    if (nullable)
      w.begin_array().string(type).string("null").end_array();
    else
      w.string(type);
    w.end_object();
  }
  w.end_object().end_object();
  return out;
}

std::vector<std::string_view> row_columns(std::string_view tool) {
  if (tool == "query_events")
    return {"timestamp",      "event_name", "event_id",     "anonymous_id", "user_id?",
            "session_id",     "source",     "medium",       "campaign?",    "source_confidence",
            "source_rule_id", "country?",   "device_type?", "browser",      "os",
            "url?",           "path?",      "referrer?",    "properties"};
  if (tool == "get_stats") return {"bucket", "value#"};
  if (tool == "top_sources") return {"source", "medium", "events#", "uniques#", "paid_share#"};
  if (tool == "funnel")
    return {"step#", "event", "visitors#", "conversion#", "step_conversion#", "median_seconds#?"};
  if (tool == "compare_projects") return {"project_id", "slug", "name", "value#", "share#"};
  return {"project_id", "slug", "name", "plan", "created_at", "events_30d#", "last_event_at?"};
}

}  // namespace

std::string argument_schema_of(std::string_view tool, std::string_view name, endpoint where) {
  if (name == "group_by") return group_schema(tool, where);
  for (const argument_schema& a : argument_schemas)
    if (a.name == name && (a.tool.empty() || a.tool == tool)) return std::string(a.schema);
  return filter_schema(name);
}

std::vector<std::string> argument_names(std::string_view tool, endpoint where) {
  if (tool == "query_events") return query::query_events_arguments(where);
  if (tool == "get_stats") return query::get_stats_arguments(where);
  if (tool == "top_sources") return query::top_sources_arguments(where);
  if (tool == "funnel") return query::funnel_arguments(where);
  if (tool == "compare_projects") return query::compare_projects_arguments();
  if (tool == "track_event") return event::sent_fields();
  return {};
}

std::string input_schema(std::string_view tool, endpoint where) {
  std::string out;
  json::writer w(out);
  w.begin_object().key("type").string("object").key("properties").begin_object();
  for (const std::string& name : argument_names(tool, where))
    w.key(name).raw(argument_schema_of(tool, name, where));
  w.end_object();
  const std::string_view required = required_argument(tool);
  if (!required.empty()) w.key("required").begin_array().string(required).end_array();
  w.key("additionalProperties").boolean(false);
  w.end_object();
  return out;
}

std::string output_schema(std::string_view tool) {
  if (tool == "track_event")
    return R"({"type":"object","properties":{"ok":{"type":"boolean"},"event_id":{"type":"string"}},"required":["ok","event_id"]})";
  std::string out = R"({"type":"object","properties":{"rows":{"type":"array","items":)";
  out += row_schema(row_columns(tool));
  out += "}";
  if (tool == "query_events") out += R"(,"next_cursor":{"type":"string"})";
  out += R"(,"notice":{"type":"string"},"meta":{"type":"object"}},"required":["rows","meta"]})";
  return out;
}

}  // namespace millimetric::mcp
