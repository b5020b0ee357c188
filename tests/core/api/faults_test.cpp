#include "../catch.h"
#include "native/world.h"

using namespace millimetric;
using namespace millimetric::native;

namespace {

// Fails the n-th effect of a call, counted over gateway and stores from 0.
struct saboteur {
  native_host& host;
  int seen = 0;
  bool struck = false;

  saboteur(native_host& h, int nth) : host(h) {
    host.fails = [this, nth](std::string_view, const host::effect&) {
      const bool strike = seen++ == nth;
      struck = struck || strike;
      return strike;
    };
  }
  ~saboteur() { host.fails = nullptr; }
};

std::string code(const host::http_response& r) {
  const std::string rpc = json_at(r.body, "/error/data/error");
  return rpc == "(none)" ? json_at(r.body, "/error") : rpc;
}

constexpr std::string_view one_event =
    R"({"event":"e","anonymous_id":"v","context":{"ip":"203.0.113.9"}})";

}  // namespace

TEST_CASE(
    "a tracked event that was refused for a fault was not stored, wherever the fault struck") {
  int faults = 0;
  for (int nth = 0; nth < 50; ++nth) {
    INFO("effect " << nth);
    world w;
    host::http_response r;
    {
      saboteur s(w.host, nth);
      r = w.call_tool(w.sk_a, "track_event", one_event);
      if (!s.struck) break;
    }
    ++faults;
    // The key's two look-ups are the first; the digests of the address may fail as well.
    const std::string expected = code(r);
    CHECK((expected == "\"upstream_failed\"" || expected == "\"tool_failed\""));
    CHECK(r.status == (expected == "\"tool_failed\"" ? 200 : 502));
    CHECK(r.body.find("as the test wants it") == std::string::npos);
    w.host.now += 1;
    REQUIRE(w.call_tool(w.sk_a, "track_event", one_event).status == 200);
    w.host.now += 1;
    CHECK(w.rows(w.rk_a, "get_stats") == R"([{"value":1}])");
    const auto listed = w.host.ask<query::summary_partial>("prj_a", store::operation::summary,
                                                           store::summary_request{0});
    REQUIRE(listed);
    CHECK(listed->events_of_month == 1);
  }
  CHECK(faults >= 5);
}

TEST_CASE("every read tool and resource answers a fault by name and the next call in full") {
  world w;
  REQUIRE(w.call_tool(w.sk_a, "track_event", one_event).status == 200);
  w.host.now += 1;
  struct call {
    const std::string& key;
    std::string_view method, params;
  };
  const call calls[] = {
      {.key = w.rk_a,
       .method = "tools/call",
       .params = R"({"name":"get_stats","arguments":{"metric":"uniques"}})"},
      {.key = w.rk_a, .method = "tools/call", .params = R"({"name":"query_events"})"},
      {.key = w.rk_a, .method = "tools/call", .params = R"({"name":"top_sources"})"},
      {.key = w.rk_a,
       .method = "tools/call",
       .params = R"({"name":"funnel","arguments":{"steps":["e","none"]}})"},
      {.key = w.rk_a,
       .method = "tools/call",
       .params = R"({"name":"get_stats","arguments":{"event":"none"}})"},
      {.key = w.rk_a, .method = "resources/read", .params = R"({"uri":"events://recent"})"},
      {.key = w.ak, .method = "resources/read", .params = R"({"uri":"schema://events"})"},
      {.key = w.ak, .method = "resources/read", .params = R"({"uri":"projects://all"})"},
      {.key = w.ak, .method = "tools/call", .params = R"({"name":"compare_projects"})"},
      {.key = w.ak, .method = "tools/call", .params = R"({"name":"list_projects"})"},
      {.key = w.rk_a,
       .method = "completion/complete",
       .params = R"({"ref":{"type":"ref/prompt","name":"conversion_audit"},)"
                 R"("argument":{"name":"steps","value":""}})"},
  };
  for (const call& c : calls) {
    INFO(c.method << " " << c.params);
    w.host.restart();
    const std::string fine = w.rpc(c.key, c.method, c.params).body;
    CHECK(json_at(fine, "/error") == "(none)");
    int faults = 0;
    for (int nth = 0; nth < 60; ++nth) {
      w.host.restart();
      saboteur s(w.host, nth);
      const auto r = w.rpc(c.key, c.method, c.params);
      if (!s.struck) break;
      ++faults;
      // Only what is kept for next time may fail without harm.
      if (r.body == fine) continue;
      CHECK((code(r) == "\"upstream_failed\"" || code(r) == "\"tool_failed\""));
    }
    CHECK(faults >= 3);
    CHECK(w.rpc(c.key, c.method, c.params).body == fine);
  }
}

TEST_CASE("a store that answers nonsense is a failed tool, not a crash") {
  world w;
  for (const std::string& answer :
       {std::string(), std::string("\0", 1), std::string("\1", 1), std::string("\1\xFF", 2),
        std::string(100, '\xFF'), std::string("\0\xFF\xFF\xFF\xFF", 5)}) {
    const auto f = w.host.begin(
        {.path = "/mcp",
         .headers = {{"authorization", "Bearer " + w.rk_a}, {"content-type", "application/json"}},
         .body =
             R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_stats"}})"});
    while (!f->done()) {
      if (std::holds_alternative<host::store_effect>(f->open().at(0).what))
        f->answer(0, answer);
      else
        f->carry_out();
    }
    CHECK(code(f->take_response()) == "\"tool_failed\"");
  }
}

TEST_CASE("any bytes are answered: frames that cannot be read, records that cannot be read") {
  world w;
  std::string record = store::encode_request(store::operation::page, query::page_question{});
  for (std::size_t size = 1; size < record.size(); ++size)
    if (w.host.ask_store("prj_a", record.substr(0, size)).front() != '\1') FAIL(size);
  CHECK(w.host.ask_store("prj_a", record).front() == '\0');
}

TEST_CASE("a store that does not know an operation says so") {
  world w;
  const auto behind_last = static_cast<char>(store::operation::append_all) + 1;
  for (const std::string& record : {std::string(), std::string(1, static_cast<char>(behind_last)),
                                    std::string("\xFF whatever"), std::string(1, '\0')}) {
    const auto answer =
        store::decode_answer<store::expire_answer>(w.host.ask_store("prj_a", record));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == error_code::internal_error);
    CHECK(answer.error().message == "This store does not know what it was asked to do.");
  }
}

TEST_CASE("the daily job deletes what is older than each project's retention") {
  world w;  // prj_a and prj_b are kept for ever
  add_project(w.host, {.id = "prj_year"});
  add_project(w.host, {.id = "prj_ten", .retention_days = std::int64_t{10}});
  const auto count = [&](const std::string& project) {
    const auto storage = w.host.ask<store::storage_answer>(project, store::operation::storage,
                                                           store::storage_request{});
    REQUIRE(storage);
    return storage->events;
  };
  for (const std::string project : {"prj_a", "prj_year", "prj_ten"}) {
    store::append_records request;
    for (const int days : {0, 9, 10, 11, 364, 365, 366, 800}) {
      request.events.emplace_back().timestamp = test_now - days * day_ms;
      request.events.back().event_id = std::to_string(days);
    }
    for (int i = 0; i < 3000; ++i) request.events.emplace_back().timestamp = 1000 + i;
    REQUIRE(w.host.ask<store::append_answer>(project, store::operation::append, request));
  }
  CHECK(json_at(w.host.run_daily(), "/ok") == "true");
  CHECK(count("prj_a") == 3008);
  CHECK(count("prj_year") == 6);
  CHECK(count("prj_ten") == 3);
}

TEST_CASE("the daily job goes on past a project whose store fails, and says so") {
  world w;
  for (const std::string project : {"prj_c", "prj_d"}) {
    add_project(w.host, {.id = project, .retention_days = std::int64_t{1}});
    store::append_records request;
    request.events.emplace_back().timestamp = 1000;
    REQUIRE(w.host.ask<store::append_answer>(project, store::operation::append, request));
  }
  w.host.fails = [](std::string_view store, const host::effect&) { return store == "prj_c"; };
  const std::string summary = w.host.run_daily();
  CHECK(json_at(summary, "/ok") == "false");
  CHECK(json_at(summary, "/failed_projects") == "1");
  CHECK(json_at(summary, "/deleted") == "1");
  w.host.fails = nullptr;
  CHECK(json_at(w.host.run_daily(), "/deleted") == "1");
}

TEST_CASE("the daily job that cannot read which projects there are has not succeeded") {
  world w;
  w.host.fails = [](std::string_view, const host::effect&) { return true; };
  CHECK(w.host.run_daily() == R"({"ok":false,"error":"upstream_failed"})");
}
