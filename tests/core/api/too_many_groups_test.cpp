#include "../catch.h"
#include "answer/scatter.h"
#include "native/append_records.h"
#include "native/world.h"
#include "query/partial.h"

using namespace millimetric;
using namespace millimetric::native;

namespace {

// An event of each of so many sources.
void add_sources(world& w, std::size_t sources, const std::string& project = "prj_a") {
  constexpr std::size_t at_once = 10'000;
  for (std::size_t n = 0; n < sources;) {
    store::append_records some;
    for (; n < sources && some.events.size() < at_once; ++n) {
      event::record& r = some.events.emplace_back();
      r.timestamp = test_now - 1;
      r.event_name = "e";
      r.anonymous_id = "v";
      r.source = "source-" + std::to_string(n);
      r.medium = "referral";
      r.properties = "{}";
    }
    REQUIRE(w.host.ask<store::append_answer>(project, store::operation::append, std::move(some)));
  }
}

host::http_response get(world& w, const std::string& path) {
  http_call call;
  call.method = "GET";
  call.path = path + "from=2026-11-01&to=2026-12-01";
  call.headers = {{"authorization", "Bearer " + w.rk_a}};
  return w.host.serve(call);
}

}  // namespace

TEST_CASE("a question of too many groups is refused at an argument that it has") {
  world w;
  add_sources(w, query::max_groups + 1);
  const std::string refused = R"(["more than 50000 groups: narrow the range or add filters"])";
  CHECK(field_errors_of(w.call_tool(w.rk_a, "top_sources"), "from") == refused);
  CHECK(field_errors_of(w.call_tool(w.rk_a, "get_stats", R"({"group_by":"source"})"), "group_by") ==
        refused);

  const auto sources = get(w, "/v1/sources?");
  CHECK(sources.status == 400);
  CHECK(json_at(sources.body, "/error") == R"("invalid_params")");
  CHECK(json_at(sources.body, "/details") == R"({"fieldErrors":{"from":)" + refused + "}}");
  const auto stats = get(w, "/v1/stats?group_by=source&");
  CHECK(json_at(stats.body, "/error") == R"("invalid_group_by")");
  CHECK(json_at(stats.body, "/details/fieldErrors") == R"({"group_by":)" + refused + "}");
}

TEST_CASE("the groups of several projects are bounded together, by their memory") {
  world w;
  for (const std::string project : {"prj_c", "prj_d"}) add_project(w.host, {.id = project});
  const std::size_t most = answer::most_bytes_together / query::bytes_of_group;
  for (const std::string project : {"prj_a", "prj_b", "prj_c", "prj_d"})
    add_sources(w, most / 4, project);
  const std::string grouped = R"({"group_by":"source"})";
  CHECK(json_at(w.call_tool(w.ak, "get_stats", grouped).body, "/result/isError") != "true");
  add_sources(w, most / 4 + 10, "prj_d");
  CHECK(field_errors_of(w.call_tool(w.ak, "get_stats", grouped), "group_by") ==
        R"(["too many groups in these projects together: name fewer of them in project_ids, )"
        R"(narrow the range or add filters"])");
  CHECK(json_at(w.call_tool(w.rk_b, "get_stats", grouped).body, "/result/isError") != "true");
}
