#include <algorithm>
#include <set>

#include "../catch.h"
#include "base/ids.h"
#include "native/world.h"

using namespace millimetric;
using namespace millimetric::native;

namespace {

struct stored {
  millis at;
  std::string project;
  std::int64_t arrival;
  std::string id;
};

// Newest first; at equal times by project, then later arrivals first.
bool before(const stored& a, const stored& b) {
  if (a.at != b.at) return a.at > b.at;
  if (a.project != b.project) return a.project < b.project;
  return a.arrival > b.arrival;
}

// Events with few different times, so that pages end among equal ones.
std::vector<stored> fill(world& w, const std::vector<std::string>& projects, int n) {
  random_stream random("pages");
  std::vector<stored> all;
  for (const std::string& project : projects) {
    store::append_records request;
    for (int i = 0; i < n; ++i) {
      event::record& r = request.events.emplace_back();
      r.timestamp = test_now - hour_ms - static_cast<millis>(random.next() % 6) * 1000;
      r.event_name = random.next() % 3 == 0 ? "rare" : "usual";
      r.event_id = project + "/" + std::to_string(i);
      r.anonymous_id = "v";
      r.session_id = "s";
      all.push_back({r.timestamp, project, i + 1, r.event_id});
    }
    REQUIRE(w.host.ask<store::append_answer>(project, store::operation::append, request));
  }
  std::sort(all.begin(), all.end(), before);
  return all;
}

std::vector<std::string> ids_of(const std::string& rows) {
  std::vector<std::string> out;
  for (int i = 0;; ++i) {
    const std::string id = json_at(rows, "/" + std::to_string(i) + "/event_id");
    if (id == "(none)") return out;
    out.push_back(id.substr(1, id.size() - 2));
  }
}

// Every page of a question, one after the other.
std::vector<std::string> walk(world& w, const std::string& key, const std::string& members,
                              std::size_t limit) {
  std::vector<std::string> out;
  std::string cursor;
  for (int page = 0; page < 1000; ++page) {
    const auto r = w.call_tool(key, "query_events",
                               "{" + members + "\"limit\":" + std::to_string(limit) + cursor + "}");
    const auto ids = ids_of(json_at(r.body, "/result/structuredContent/rows"));
    out.insert(out.end(), ids.begin(), ids.end());
    const std::string next = json_at(r.body, "/result/structuredContent/next_cursor");
    if (next == "(none)") return out;
    CHECK(ids.size() == limit);
    cursor = ",\"cursor\":" + next;
    w.host.now += 1000;  // the default range must not move between pages
  }
  FAIL("the pages never end");
  return out;
}

}  // namespace

TEST_CASE("pages over several projects give every event once, in order, at every size") {
  world w;
  add_project(w.host, {.id = "prj_c"});
  const auto expected = fill(w, {"prj_b", "prj_a", "prj_c"}, 40);
  std::vector<std::string> ids;
  for (const stored& s : expected) ids.push_back(s.id);
  for (const std::size_t limit : {1U, 2U, 3U, 7U, 39U, 40U, 41U, 119U, 120U, 121U, 1000U}) {
    INFO("limit " << limit);
    w.host.now = test_now;
    CHECK(walk(w, w.ak, "", limit) == ids);
  }
}

TEST_CASE("pages of a range from before 1970 are whole as well") {
  world w;
  std::vector<std::string> ids;
  for (const stored& s : fill(w, {"prj_a", "prj_b"}, 20)) ids.push_back(s.id);
  for (const std::string_view from : {"1969-12-31", "1900-01-01", "0001-01-01"})
    CHECK(walk(w, w.ak, R"("from":")" + std::string(from) + "\",", 7) == ids);
}

TEST_CASE("pages of some projects or with filters are whole as well") {
  world w;
  add_project(w.host, {.id = "prj_c"});
  const auto all = fill(w, {"prj_a", "prj_b", "prj_c"}, 30);
  const auto of = [&](const std::set<std::string>& projects) {
    std::vector<std::string> out;
    for (const stored& s : all)
      if (projects.count(s.project) > 0) out.push_back(s.id);
    return out;
  };
  CHECK(walk(w, w.ak, R"("project_ids":["prj_c","prj_a"],)", 4) == of({"prj_a", "prj_c"}));
  CHECK(walk(w, w.ak, R"("project_slug":"b",)", 7) == of({"prj_b"}));
  CHECK(walk(w, w.rk_a, "", 7) == of({"prj_a"}));
  const auto rare = walk(w, w.ak, R"("event":"rare",)", 3);
  const auto whole = walk(w, w.ak, R"("event":"rare",)", 1000);
  CHECK(rare == whole);
  CHECK(rare.size() > 10);
  CHECK(rare.size() < 60);
}

TEST_CASE("a cursor goes on with its own filters and projects alone") {
  world w;
  add_project(w.host, {.id = "prj_c"});
  fill(w, {"prj_a", "prj_b", "prj_c"}, 30);
  const auto ask = [&](const std::string& key, const std::string& members) {
    return w.call_tool(key, "query_events", "{" + members + "\"limit\":5}").body;
  };
  const auto cursor = [&](const std::string& key, const std::string& members) {
    return "\"cursor\":" + json_at(ask(key, members), "/result/structuredContent/next_cursor") +
           ",";
  };
  const std::string a = R"("project_id":"prj_a",)";
  const std::string two = R"("project_ids":["prj_a","prj_b"],)";
  const std::string of_a = cursor(w.ak, a);
  const std::string of_two = cursor(w.ak, two);
  const std::string of_all = cursor(w.ak, "");
  const auto refused = [&](const std::string& key, const std::string& members) {
    return ask(key, members).find("belongs to a question with other filters, another range") !=
           std::string::npos;
  };
  CHECK_FALSE(refused(w.ak, a + of_a));
  CHECK_FALSE(refused(w.rk_a, of_a));
  CHECK_FALSE(refused(w.ak, two + of_two));
  CHECK_FALSE(refused(w.ak, R"("project_ids":["prj_b","prj_a"],)" + of_two));
  CHECK_FALSE(refused(w.ak, of_all));
  CHECK(refused(w.ak, R"("event":"usual",)" + a + of_a));
  CHECK(refused(w.ak, R"("project_id":"prj_b",)" + of_a));
  CHECK(refused(w.rk_b, of_a));
  CHECK(refused(w.ak, of_a));
  CHECK(refused(w.ak, of_two));
  CHECK(refused(w.ak, R"("project_ids":["prj_a","prj_c"],)" + of_two));
  CHECK(refused(w.ak, a + of_all));
}

TEST_CASE("events that arrive while somebody pages neither repeat nor hide others") {
  world w;
  const auto expected = fill(w, {"prj_a", "prj_b"}, 20);
  const auto first = w.call_tool(w.ak, "query_events", R"({"limit":15})");
  auto seen = ids_of(json_at(first.body, "/result/structuredContent/rows"));
  const std::string cursor = json_at(first.body, "/result/structuredContent/next_cursor");
  w.host.now += 1000;
  REQUIRE(w.call_tool(w.sk_a, "track_event", R"({"event":"new"})").status == 200);
  const auto second =
      w.call_tool(w.ak, "query_events", R"({"limit":1000,"cursor":)" + cursor + "}");
  for (std::string& id : ids_of(json_at(second.body, "/result/structuredContent/rows")))
    seen.push_back(std::move(id));
  REQUIRE(seen.size() == expected.size());
  for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == expected[i].id);
}
