#include "twins.h"

#include "../catch.h"
#include "json/writer.h"

namespace millimetric::native {
namespace {

constexpr std::string_view names[] = {"$pageview", "signup", "purchase", "open", "close"};
constexpr std::string_view urls[] = {
    "https://x.example/", "https://x.example/pricing?utm_source=news&utm_medium=cpc",
    "https://x.example/a?gclid=1", "https://x.example/b?utm_source=partner&utm_medium=email"};
constexpr std::string_view columns[] = {"event_name",  "source",  "medium", "campaign", "country",
                                        "device_type", "browser", "os",     "path"};
constexpr std::string_view paths[] = {"/", "/pricing", "/a"};

// The parts of an answer that do not name the project.
std::string answer_of(const host::http_response& r) {
  std::string out;
  for (const std::string_view part :
       {"/result/structuredContent/rows", "/result/structuredContent/notice",
        "/result/structuredContent/meta/exact", "/result/structuredContent/meta/truncated",
        "/error"})
    out += std::string(part) + " " + json_at(r.body, part) + "\n";
  return out;
}

std::string quoted(std::string_view text) { return json::quoted(std::string(text)); }

std::string key_of(const std::string& project) {
  return std::string("sk_live_") + (project == "prj_one" ? "oneeesk1" : "manyysk1") + "_" +
         std::string(key_secret);
}

std::vector<std::string> ids_of(const std::string& rows) {
  std::vector<std::string> out;
  constexpr std::string_view member = "\"event_id\":\"";
  for (std::size_t at = rows.find(member); at != std::string::npos; at = rows.find(member, at)) {
    at += member.size();
    out.push_back(rows.substr(at, rows.find('"', at) - at));
  }
  return out;
}

host_settings settings() {
  host_settings s;
  s.admin_token = std::string(admin_token);
  // Every form of segment with few events.
  s.limits.events = 512;
  s.limits.small_events = 64;
  s.limits.sealed_events = 256;
  s.limits.level_ends = {16, 64, 128};
  s.limits.merge_inputs = 4;
  s.limits.least_summarised = 2;
  return s;
}

}  // namespace

twins::twins(std::string_view seed) : host(settings()), random_(seed) {
  host.now = test_now;
  add_account(host, {.id = "acc_one"});
  for (const std::string id : {"prj_one", "prj_many"}) {
    add_project(host, {.id = id, .slug = id.substr(4), .retention_days = std::int64_t{0}});
    add_key(host,
            {.kind = "sk", .prefix = id == "prj_one" ? "oneeesk1" : "manyysk1", .project = id});
  }
}

void twins::set_layout(std::int64_t generation, int shards) {
  host.control().ask("UPDATE projects SET generation = ?, shards = ? WHERE id = 'prj_many'",
                     {generation, std::int64_t{shards}});
}

std::string twins::event(ids with) {
  // A repeat of an event that was sent: not stored again, wherever it is by now.
  if (!sent_.empty() && one_in(8)) return sent_[below(sent_.size())];
  const std::uint64_t n = ++events_;
  std::string out;
  json::writer w(out);
  w.begin_object();
  const bool has_id = with == ids::all || one_in(2);
  if (has_id) w.key("event_id").string("id-" + std::to_string(n));
  const bool identifies = one_in(8);
  w.key("event").string(identifies ? "$identify" : names[below(std::size(names))]);
  // Times that differ: what happens at the same millisecond has no order over shards.
  const millis at = test_now - static_cast<millis>(below(20 * 86'400)) * second_ms -
                    static_cast<millis>(n % 1000);
  w.key("timestamp").string(format_iso8601(at));
  if (identifies || !one_in(5)) w.key("anonymous_id").string("v" + std::to_string(below(40)));
  if (identifies || one_in(3)) w.key("user_id").string("u" + std::to_string(below(9)));
  if (one_in(4)) w.key("session_id").string("s" + std::to_string(below(30)));
  if (!one_in(4)) w.key("url").string(urls[below(std::size(urls))]);
  if (one_in(3)) w.key("properties").raw(R"({"n":)" + std::to_string(below(5)) + "}");
  if (one_in(2))
    w.key("context").raw(one_in(2)
                             ? R"({"country":"DE","ip":"203.0.113.9"})"
                             : R"({"country":"US","user_agent":"Firefox/99 Windows NT 10.0"})");
  w.end_object();
  if (has_id) sent_.push_back(out);
  return out;
}

std::string twins::batch(std::size_t events, ids with) {
  std::string out = R"({"events":[)";
  for (std::size_t i = 0; i < events; ++i) out += (i > 0 ? "," : "") + event(with);
  return out + "]}";
}

std::string twins::send(const std::string& project, const std::string& body) {
  const auto r = host.serve({.path = "/v1/batch",
                             .headers = {{"authorization", "Bearer " + key_of(project)},
                                         {"content-type", "application/json"}},
                             .body = body,
                             .number = requests_});
  return std::to_string(r.status) + " " + r.body;
}

void twins::send_both(const std::string& body) {
  host.now += second_ms;  // the bucket fills
  ++requests_;            // both make the same ids
  const std::string many = send("prj_many", body);
  CHECK(many.starts_with("202"));
  CHECK(send("prj_one", body) == many);
}

std::string twins::rpc(const std::string& project, const std::string& method,
                       const std::string& params) {
  const auto r =
      host.post("/mcp", key_of(project),
                R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}");
  return r.body;
}

std::string twins::call(const std::string& project, const std::string& tool,
                        const std::string& arguments) {
  const auto r = host.post("/mcp", key_of(project),
                           R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" +
                               tool + R"(","arguments":)" + arguments + "}}");
  return answer_of(r);
}

std::string twins::both(const std::string& tool, const std::string& arguments) {
  const std::string one = call("prj_one", tool, arguments);
  const std::string many = call("prj_many", tool, arguments);
  if (one == many) return {};
  return tool + " " + arguments + "\none store:\n" + one + "shards:\n" + many;
}

std::string twins::scope() {
  const auto day = static_cast<millis>(below(20)) * day_ms;
  std::string out = R"("from":")" + format_iso8601(test_now - 20 * day_ms - hour_ms) +
                    R"(","to":")" + format_iso8601(one_in(2) ? test_now + day_ms : test_now - day) +
                    "\"";
  if (one_in(4))
    out += R"(,"event":[)" + quoted(names[below(5)]) + "," + quoted(names[below(5)]) + "]";
  if (one_in(6)) out += R"(,"source":"google")";
  if (one_in(6)) out += R"(,"country":["DE","FR"])";
  if (one_in(8)) out += R"(,"user_id":"u1")";
  if (one_in(8)) out += R"(,"anonymous_id":["v3","v4"])";
  if (one_in(10)) out += R"(,"path":"/nowhere")";
  return out;
}

std::string twins::compare() {
  std::string wrong;
  const auto pick = [&](const auto& list) { return quoted(list[below(std::size(list))]); };
  constexpr std::string_view metrics[] = {"count", "uniques", "users", "sessions"};
  constexpr std::string_view intervals[] = {"hour", "day", "week", "month"};
  std::string stats = "{" + scope() + R"(,"metric":)" + pick(metrics);
  if (one_in(2)) stats += R"(,"interval":)" + pick(intervals);
  if (!one_in(3)) stats += R"(,"group_by":[)" + pick(columns) + "]";
  wrong += both("get_stats", stats + R"(,"limit":)" + std::to_string(1 + below(200)) + "}");
  wrong += both("top_sources", "{" + scope() + "}");
  std::string funnel = "{" + scope() + R"(,"steps":[)";
  const std::size_t steps = 2 + below(3);
  for (std::size_t k = 0; k < steps; ++k) {
    funnel += k > 0 ? "," : "";
    funnel +=
        one_in(4) ? R"({"event":)" + pick(names) + R"(,"path":)" + pick(paths) + "}" : pick(names);
  }
  funnel += "]";
  if (one_in(2)) funnel += R"(,"window":")" + std::to_string(1 + below(9)) + "d\"";
  if (one_in(2)) funnel += R"(,"group_by":)" + pick(columns);
  for (const std::string by : {"anonymous_id", "user_id", "person"})
    wrong += both("funnel", funnel + R"(,"by":")" + by + "\"}");
  wrong += both("get_stats", "{" + scope() + R"(,"event":"sign_upp"})");
  for (const std::string uri : {"events://recent", "schema://events"}) {
    const std::string params = R"({"uri":")" + uri + "\"}";
    const std::string many = rpc("prj_many", "resources/read", params);
    if (rpc("prj_one", "resources/read", params) != many) wrong += uri + "\n" + many + "\n";
  }
  const auto usage = admin("GET", "/admin/usage");
  const std::string one = json_at(usage.body, "/rows/0/events_this_month");
  const std::string other = json_at(usage.body, "/rows/1/events_this_month");
  if (one != other || one == "(none)") wrong += "usage " + usage.body + "\n";
  const auto stored = [&](const std::string& project) {
    return json_at(admin("GET", "/admin/storage?project=" + project).body, "/events");
  };
  if (stored("prj_one") != stored("prj_many") || stored("prj_one") == "(none)")
    wrong += "storage " + stored("prj_one") + " and " + stored("prj_many") + "\n";
  return wrong;
}

host::http_response twins::admin(std::string method, std::string path, std::string body) {
  return host.serve({.method = std::move(method),
                     .path = std::move(path),
                     .headers = {{"authorization", "Bearer " + std::string(admin_token)},
                                 {"content-type", "application/json"}},
                     .body = std::move(body)});
}

std::vector<std::string> twins::exported(const std::string& project, std::size_t limit) {
  std::vector<std::string> out;
  std::string cursor;
  for (int page = 0; page < 10'000; ++page) {
    const auto r = admin(
        "GET", "/admin/export?project=" + project + "&limit=" + std::to_string(limit) + cursor);
    if (r.status != 200) return {r.body};
    for (std::string& id : ids_of(json_at(r.body, "/rows"))) out.push_back(std::move(id));
    const std::string next = json_at(r.body, "/next_cursor");
    if (next == "(none)") return out;
    cursor = "&cursor=" + next.substr(1, next.size() - 2);
  }
  return {"the pages never end"};
}

std::vector<std::string> twins::walked(const std::string& project, std::size_t limit) {
  std::vector<std::string> out;
  std::string cursor;
  const std::string range =
      R"("from":"2026-01-01","to":"2027-01-01","limit":)" + std::to_string(limit);
  for (int page = 0; page < 10'000; ++page) {
    const auto r = host.post(
        "/mcp", key_of(project),
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query_events",)"
        R"("arguments":{)" +
            range + cursor + "}}}");
    for (std::string& id : ids_of(json_at(r.body, "/result/structuredContent/rows")))
      out.push_back(std::move(id));
    const std::string next = json_at(r.body, "/result/structuredContent/next_cursor");
    if (next == "(none)") return out;
    cursor = R"(,"cursor":)" + next;
  }
  return {"the pages never end"};
}

std::string twins::compare_walks() {
  const std::size_t limit = one_in(2) ? 1 + below(20) : 1 + below(1000);
  if (exported("prj_one", limit) != exported("prj_many", limit)) return "exports differ\n";
  if (walked("prj_one", limit) != walked("prj_many", limit)) return "walks differ\n";
  return {};
}

std::string twins::forget(const std::string& project, const std::string& body) {
  const auto r = host.post("/v1/forget", key_of(project), body);
  return std::to_string(r.status) + " " + r.body;
}

}  // namespace millimetric::native
