#include "api/gateway.h"

#include <algorithm>

#include "../catch.h"
#include "native/append_records.h"
#include "native/world.h"

using namespace millimetric;
using namespace millimetric::native;

namespace {

http_call large_call(std::string path, std::string_view key) {
  http_call call;
  call.path = std::move(path);
  call.headers = {{"authorization", "Bearer " + std::string(key)},
                  {"content-type", "application/json"}};
  call.body.assign(host::max_body_bytes, ' ');
  return call;
}

// The answer of a request that nothing holds up.
host::http_response refusal_of(world& w, const http_call& call) {
  const auto refused = w.host.begin(call);
  REQUIRE(refused->done());
  return refused->take_response();
}

// An event of each of so many paths: a question by path is answered with some 1,000 bytes of each.
void add_paths(world& w, const std::string& project, std::size_t paths) {
  store::append_records some;
  for (std::size_t n = 0; n < paths; ++n) {
    event::record& r = some.events.emplace_back();
    r.timestamp = test_now - 1;
    r.event_name = "e";
    r.anonymous_id = "v";
    r.source = r.medium = "direct";
    r.path = "/product-" + std::to_string(n);
    r.path->resize(1000, 'x');
    r.properties = "{}";
  }
  REQUIRE(w.host.ask<store::append_answer>(project, store::operation::append, std::move(some)));
}

http_call get_stats(std::string_view key, const std::string& arguments = R"({"group_by":"path"})") {
  http_call call;
  call.path = key.starts_with("ak") ? "/mcp/account" : "/mcp";
  call.headers = {{"authorization", "Bearer " + std::string(key)},
                  {"content-type", "application/json"}};
  call.body =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_stats","arguments":)" +
      arguments + "}}";
  return call;
}

bool waits_for_its_turn(const flight& f) {
  return !f.open().empty() && std::holds_alternative<host::wake_effect>(f.open().front().what);
}

// Carries on until the first project has answered, and the other is still asked.
void ask_one_of_two(flight& f) {
  while (!f.done() && f.open().size() < 2) f.carry_out();
  REQUIRE(f.open().size() == 2);
  f.carry_out();
}

// As many questions of an account as are begun, with one project's large answer in hand each.
std::vector<std::unique_ptr<flight>> wide_questions(world& w, std::size_t n) {
  for (const std::string project : {"prj_a", "prj_b"}) add_paths(w, project, 1800);
  std::vector<std::unique_ptr<flight>> out;
  for (std::size_t i = 0; i < n; ++i)
    ask_one_of_two(*out.emplace_back(w.host.begin(get_stats(w.ak))));
  return out;
}

}  // namespace

TEST_CASE("questions whose answers find no room are begun anew, in their order") {
  world w;
  auto asked = wide_questions(w, 12);
  for (auto& f : asked) f->carry_out();
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < asked.size(); ++i)
    if (waits_for_its_turn(*asked[i])) waiting.push_back(i);
  REQUIRE(waiting.size() >= 8);

  std::vector<std::size_t> ended;
  while (ended.size() < waiting.size()) {
    // The last first: that they look does not give them their turn.
    for (std::size_t n = waiting.size(); n-- > 0;) {
      flight& f = *asked[waiting[n]];
      if (f.done()) continue;
      f.carry_out();
      if (!waits_for_its_turn(f)) f.finish();
      if (f.done()) ended.push_back(waiting[n]);
    }
    for (auto& f : asked)
      if (!f->done() && !waits_for_its_turn(*f)) f->finish();
  }
  CHECK(ended == waiting);
  for (auto& f : asked) {
    const auto r = f->take_response();
    CHECK(r.status == 200);
    CHECK(r.body.find("\"isError\"") == std::string::npos);
  }
}

TEST_CASE("a question that is over gives its room back, and a small one needs none") {
  world w;
  auto asked = wide_questions(w, 8);
  auto last = w.host.begin(get_stats(w.ak));
  ask_one_of_two(*last);
  last->carry_out();
  REQUIRE(waits_for_its_turn(*last));

  const auto small = w.host.begin(get_stats(w.rk_a, "{}"));
  while (!small->done()) {
    REQUIRE_FALSE(waits_for_its_turn(*small));
    small->carry_out();
  }
  CHECK(small->take_response().status == 200);

  asked.clear();
  last->carry_out();
  CHECK_FALSE(waits_for_its_turn(*last));
  last->finish();
  CHECK(last->take_response().status == 200);
}

TEST_CASE("a question that waits too long for its turn is told when to come again") {
  world w;
  auto asked = wide_questions(w, 8);
  flight& last = *asked.back();
  last.carry_out();
  last.finish();  // the others stay as they are
  const auto r = last.take_response();
  CHECK(r.status == 429);
  CHECK(header_of(r, "retry-after") == "1");
  CHECK(json_at(r.body, "/error/data/error") == R"("rate_limited")");
}

TEST_CASE("a large body that is refused since too many wait is logged with its route") {
  world w;
  // Each that has its turn waits for its key, and so the others for their turn.
  std::vector<std::unique_ptr<flight>> held;
  constexpr auto most =
      (api::gateway::most_bodies + api::gateway::most_waiting_bodies) / host::max_body_bytes;
  for (std::size_t i = 0; i < most; ++i) {
    held.push_back(w.host.begin(large_call("/v1/batch", w.sk_a)));
    REQUIRE_FALSE(held.back()->done());
  }
  for (const std::string path : {"/mcp", "/v1/batch", "/admin/import"}) {
    INFO(path);
    const auto r = refusal_of(w, large_call(path + "?project=private", w.sk_a));
    CHECK(r.status == 429);
    CHECK(json_at(r.log, "/route") == '"' + path + '"');
  }
  CHECK(json_at(refusal_of(w, large_call("/nowhere", w.sk_a)).log, "/route") == "\"\"");
}
