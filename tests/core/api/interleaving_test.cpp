#include <algorithm>

#include "../catch.h"
#include "base/ids.h"
#include "native/world.h"

using namespace millimetric;
using namespace millimetric::native;

namespace {

http_call mcp_call(std::string_view key, const std::string& id, std::string_view tool,
                   std::string_view arguments) {
  http_call call;
  call.path = key.starts_with("ak") ? "/mcp/account" : "/mcp";
  call.headers = {{"authorization", "Bearer " + std::string(key)},
                  {"content-type", "application/json"}};
  call.body = R"({"jsonrpc":"2.0","id":")" + id + R"(","method":"tools/call","params":{"name":")" +
              std::string(tool) + R"(","arguments":)" + std::string(arguments) + "}}";
  return call;
}

// Requests of several kinds for two projects and their account, each with an id of its own.
std::vector<http_call> mixed_calls(const world& w, std::size_t n) {
  std::vector<http_call> calls;
  for (std::size_t i = 0; i < n; ++i) {
    const std::string id = std::to_string(i);
    switch (i % 6) {
      case 0: calls.push_back(mcp_call(w.rk_a, id, "get_stats", "{}")); break;
      case 1: calls.push_back(mcp_call(w.rk_b, id, "query_events", R"({"limit":2})")); break;
      case 2: calls.push_back(mcp_call(w.ak, id, "compare_projects", "{}")); break;
      case 3: calls.push_back(mcp_call(w.sk_a, id, "top_sources", "{}")); break;
      case 4: calls.push_back(mcp_call(w.ak, id, "list_projects", "{}")); break;
      default: calls.push_back(mcp_call(w.rk_a, id, "funnel", R"({"steps":["a","b"]})")); break;
    }
    calls.back().number = static_cast<std::uint32_t>(i + 1);
  }
  return calls;
}

void track(world& w, std::string_view key, int n) {
  for (int i = 0; i < n; ++i) {
    const std::string arguments = R"({"event":")" + std::string(i % 2 == 0 ? "a" : "b") +
                                  R"(","anonymous_id":"v)" + std::to_string(i / 2) + "\"}";
    REQUIRE(w.call_tool(key, "track_event", arguments).status == 200);
    w.host.now += 1000;
  }
}

std::string shown(const host::http_response& r) { return std::to_string(r.status) + r.body; }

}  // namespace

TEST_CASE("a hundred requests with interleaved effects answer as each would alone") {
  world w;
  track(w, w.sk_a, 7);
  track(w, w.sk_b, 4);
  const auto calls = mixed_calls(w, 100);
  std::vector<std::string> alone;
  for (const http_call& call : calls) alone.push_back(shown(w.host.serve(call)));
  random_stream random("orders");
  for (int round = 0; round < 5; ++round) {
    if (round % 2 == 1) w.host.restart();  // so that keys are looked up in the crowd as well
    std::vector<std::unique_ptr<flight>> flights;
    for (const http_call& call : calls) flights.push_back(w.host.begin(call));
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < flights.size(); ++i) open.push_back(i);
    while (!open.empty()) {
      const std::size_t place = random.next() % open.size();
      flight& f = *flights[open[place]];
      if (f.done())
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(place));
      else
        f.carry_out(random.next() % f.open().size());
    }
    for (std::size_t i = 0; i < flights.size(); ++i) {
      INFO("request " << i << " of round " << round);
      CHECK(shown(flights[i]->take_response()) == alone[i]);
    }
  }
}

TEST_CASE("a question to several projects has all their effects out at once") {
  world w;
  track(w, w.sk_a, 2);
  const auto f = w.host.begin(mcp_call(w.ak, "1", "get_stats", "{}"));
  while (!f->done() && !std::holds_alternative<host::store_effect>(f->open().at(0).what))
    f->carry_out();
  REQUIRE(f->open().size() == 2);
  CHECK(std::get<host::store_effect>(f->open()[0].what).store == "prj_a");
  CHECK(std::get<host::store_effect>(f->open()[1].what).store == "prj_b");
  f->carry_out(1);
  f->carry_out(0);
  f->finish();
  CHECK(f->take_response().status == 200);
}

TEST_CASE("changes of different members of a project or an account at once are all made") {
  native_host host({.admin_token = "the operator's token"});
  add_account(host, {.id = "acc_one", .plan = "pro"});
  add_project(host, {.id = "prj_a"});
  const auto change = [&](std::string path, std::string body) {
    http_call call;
    call.method = "PATCH";
    call.path = "/admin/" + std::move(path);
    call.headers = {{"authorization", "Bearer the operator's token"},
                    {"content-type", "application/json"}};
    call.body = std::move(body);
    return host.begin(call);
  };
  const auto both = [](flight& a, flight& b) {
    for (flight* f : {&a, &b}) f->carry_out();  // what is there
    for (flight* f : {&a, &b}) {
      f->finish();
      CHECK(f->take_response().status == 200);
    }
  };
  both(*change("projects/prj_a", R"({"retention_days":400})"),
       *change("projects/prj_a", R"({"name":"New","origins":["https://a.example"]})"));
  both(*change("projects/prj_a", R"({"slug":"new"})"), *change("projects/prj_a", "{}"));
  both(*change("accounts/acc_one", R"({"plan":"business"})"),
       *change("accounts/acc_one", R"({"name":"One"})"));
  const auto shown_project = change("projects/prj_a", "{}");
  shown_project->finish();
  const std::string project = shown_project->take_response().body;
  for (const std::string_view member :
       {R"("retention_days":400)", R"("name":"New")", R"("slug":"new")", R"("https://a.example")"})
    CHECK(project.find(member) != std::string::npos);
  const auto shown_account = change("accounts/acc_one", "{}");
  shown_account->finish();
  const std::string account = shown_account->take_response().body;
  CHECK(account.find(R"("plan":"business")") != std::string::npos);
  CHECK(account.find(R"("name":"One")") != std::string::npos);
}

TEST_CASE("requests dropped in mid-flight leave the others and the engine as they were") {
  world w;
  track(w, w.sk_a, 6);
  const auto calls = mixed_calls(w, 60);
  const std::string expected = shown(w.host.serve(calls[0]));
  for (std::size_t steps = 0; steps < 8; ++steps) {
    std::vector<std::unique_ptr<flight>> flights;
    for (const http_call& call : calls) {
      flights.push_back(w.host.begin(call));
      for (std::size_t i = 0; i < steps && !flights.back()->done(); ++i)
        flights.back()->carry_out(flights.back()->open().size() - 1);
    }
  }
  CHECK(shown(w.host.serve(calls[0])) == expected);
}

TEST_CASE("events that arrive at once through many requests are all stored, each id once") {
  world w;
  std::vector<std::unique_ptr<flight>> flights;
  for (int i = 0; i < 60; ++i) {
    const std::string arguments =
        R"({"event":"e","event_id":"id-)" + std::to_string(i % 40) + "\"}";
    flights.push_back(w.host.begin(mcp_call(w.sk_a, std::to_string(i), "track_event", arguments)));
  }
  random_stream random("arrivals");
  for (std::size_t left = flights.size(); left > 0;) {
    flight& f = *flights[random.next() % flights.size()];
    if (f.done()) continue;
    f.carry_out();
    if (f.done()) --left;
  }
  for (std::size_t i = 0; i < flights.size(); ++i) {
    const auto r = flights[i]->take_response();
    CHECK(json_at(r.body, "/result/structuredContent/event_id") ==
          "\"id-" + std::to_string(i % 40) + "\"");
  }
  CHECK(w.rows(w.rk_a, "get_stats", R"({"to":"2026-11-21"})") == R"([{"value":40}])");
}
