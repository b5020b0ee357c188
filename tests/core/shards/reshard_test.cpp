#include <cstdlib>
#include <list>

#include "../catch.h"
#include "store/layout.h"
#include "twins.h"

using namespace millimetric;
using namespace millimetric::native;

namespace {

constexpr const char* admin_path = "/admin/shards?project=prj_many";

http_call step_call(std::optional<int> to) {
  return {.path = admin_path,
          .headers = {{"authorization", "Bearer " + std::string(admin_token)},
                      {"content-type", "application/json"}},
          .body = to ? R"({"to":)" + std::to_string(*to) + "}" : "{}"};
}

// Takes steps until it is done.
void reshard(twins& t, int to) {
  for (int step = 0; step < 200; ++step) {
    const auto r = t.host.serve(step_call(step == 0 ? std::optional(to) : std::nullopt));
    REQUIRE(r.status == 200);
    if (json_at(r.body, "/done") != "true") continue;
    CHECK(json_at(r.body, "/shards") == std::to_string(to));
    return;
  }
  FAIL("resharding never ends");
}

// Random histories in which resharding is interrupted anywhere, and goes on beside what was
// interrupted, while events come in, questions are asked and visitors are forgotten.
class history {
 public:
  explicit history(const std::string& seed) : t_(seed) {}

  void run() {
    t_.send_both(t_.batch(200, twins::ids::all));
    for (const int to : {3, 2, 5, 1}) {
      to_ = to;
      for (int i = 0; i < 30; ++i) act();
      drivers_.clear();
      reshard_to_the_end();
      check();
      CHECK(t_.compare_walks() == "");
      old_stores_are_empty();
    }
  }

 private:
  // Up to three drivers at once, of which some never go on.
  void drive() {
    if (drivers_.size() < 3 && t_.one_in(4))
      drivers_.push_back(
          t_.host.begin(step_call(t_.one_in(2) ? std::optional(to_) : std::nullopt)));
    if (drivers_.empty()) return;
    auto driver =
        std::next(drivers_.begin(), static_cast<std::ptrdiff_t>(t_.below(drivers_.size())));
    const std::size_t effects = t_.below(40);
    for (std::size_t i = 0; i < effects && !(*driver)->done(); ++i)
      (*driver)->carry_out(t_.below((*driver)->open().size()));
    if ((*driver)->done() || t_.one_in(12)) drivers_.erase(driver);
  }

  void act() {
    switch (t_.below(12)) {
      case 0:
      case 1: send(); break;
      case 2: check(); break;
      case 3:
        if (t_.one_in(6)) forget();
        break;
      case 4:
        if (t_.one_in(3)) t_.host.restart(), drivers_.clear();
        break;
      case 5: t_.host.now += static_cast<millis>(t_.below(40)) * second_ms; break;
      default: drive();
    }
  }

  // Refused only while the stores are sealed; then resharding goes on, as operators would do.
  void send() {
    t_.host.now += second_ms;  // the bucket fills
    const std::string body = t_.batch(1 + t_.below(30), twins::ids::all);
    for (int tries = 0; tries < 100; ++tries) {
      const std::string answer = t_.send("prj_many", body);
      if (answer.starts_with("202")) {
        CHECK(t_.send("prj_one", body).starts_with("202"));
        return;
      }
      CHECK(answer.starts_with("502"));
      static_cast<void>(t_.host.serve(step_call(std::nullopt)));
    }
    FAIL("events are refused for ever");
  }

  void forget() {
    const std::string whom = t_.one_in(2)
                                 ? R"({"user_id":"u)" + std::to_string(t_.below(9)) + "\"}"
                                 : R"({"anonymous_id":"v)" + std::to_string(t_.below(40)) + "\"}";
    const std::string one = t_.forget("prj_one", whom);
    CHECK(t_.forget("prj_many", whom) == one);
    check();
  }

  void check() {
    for (int i = 0; i < 2; ++i) CHECK(t_.compare() == "");
    std::vector<std::string> one = t_.exported("prj_one", 1000);
    CHECK(t_.exported("prj_many", 1000) == one);
  }

  void reshard_to_the_end() { reshard(t_, to_); }

  void old_stores_are_empty() {
    const auto now = t_.admin("GET", admin_path);
    CHECK(json_at(now.body, "/phase") == "\"none\"");
    const int generation = std::stoi(json_at(now.body, "/generation"));
    for (int g = 0; g < generation; ++g)
      for (std::uint32_t s = 0; s < 5; ++s) {
        auto& events = t_.host.events_of(store::store_name("prj_many", {g, 5}, s));
        const auto found = events.ask("SELECT name FROM sqlite_master WHERE name = 'segments'", {});
        if (found.size() == 0) continue;
        CHECK(events.ask("SELECT * FROM segments", {}).size() == 0);
        CHECK(events.ask("SELECT * FROM chunks", {}).size() == 0);
      }
  }

  twins t_;
  int to_ = 1;
  std::list<std::unique_ptr<flight>> drivers_;
};

}  // namespace

TEST_CASE("resharding without interruption keeps every event, and the month's usage") {
  twins t("resharding");
  for (int i = 0; i < 10; ++i) t.send_both(t.batch(50, twins::ids::some));
  for (const int to : {3, 16, 2, 1, 4}) {
    INFO("to " << to);
    reshard(t, to);
    for (int i = 0; i < 3; ++i) CHECK(t.compare() == "");
    CHECK(t.compare_walks() == "");
    t.send_both(t.batch(50, twins::ids::all));
    CHECK(t.compare() == "");
  }
}

TEST_CASE("random histories of resharding: no event is lost, doubled or invisible") {
  const char* set = std::getenv("MM_RESHARDINGS");
  const int count = set == nullptr ? 1 : std::stoi(set);
  const char* first = std::getenv("MM_FIRST");
  const int from = first == nullptr ? 1 : std::stoi(first);
  for (int n = from; n < from + count; ++n) {
    INFO("MM_FIRST=" << n << " MM_RESHARDINGS=1 repeats it");
    history("resharding/" + std::to_string(n)).run();
  }
}

TEST_CASE("ids stay remembered from when they first came, behind a resharding too") {
  twins t("remembered");
  const std::string body = t.batch(30, twins::ids::all);
  const millis first = t.host.now + second_ms;
  t.send_both(body);
  t.host.now += 3 * day_ms;
  reshard(t, 3);
  t.host.now += 3 * day_ms;
  reshard(t, 2);
  t.host.now = first + 7 * day_ms - second_ms - 1;  // sending takes a second
  t.send_both(body);
  CHECK(t.compare() == "");
  t.host.now = first + 7 * day_ms - second_ms;
  t.send_both(body);
  CHECK(t.compare() == "");
  CHECK(t.exported("prj_many", 1000).size() > 30);
}

TEST_CASE("a gateway with a layout that is out of date follows where the events have moved") {
  twins t("stale");
  t.send_both(t.batch(50, twins::ids::all));
  CHECK(t.compare() == "");  // the keys are known for a minute
  reshard(t, 3);
  reshard(t, 2);
  CHECK(t.compare() == "");
  t.send_both(t.batch(50, twins::ids::all));
  CHECK(t.compare() == "");
  t.host.restart();
  CHECK(t.compare() == "");
}

TEST_CASE("a gateway whose layout is many changes behind asks where the events are") {
  twins t("very stale");
  t.send_both(t.batch(50, twins::ids::all));
  CHECK(t.compare() == "");
  for (int change = 0; change < 12; ++change) reshard(t, 2 + change % 2);
  t.send_both(t.batch(50, twins::ids::all));
  CHECK(t.compare() == "");
}

TEST_CASE("a control plane restored from before a resharding learns from the stores") {
  twins t("restored");
  t.send_both(t.batch(80, twins::ids::all));
  reshard(t, 4);
  t.set_layout(0, 1);  // as it was
  t.host.restart();
  CHECK(t.compare() == "");
  t.send_both(t.batch(20, twins::ids::all));
  reshard(t, 2);
  CHECK(t.compare() == "");
  CHECK(t.exported("prj_many", 1000) == t.exported("prj_one", 1000));

  // Two reshardings behind, with the number of shards that one of them had.
  t.set_layout(0, 1);
  t.host.restart();
  reshard(t, 4);
  CHECK(t.compare() == "");

  // In the middle of a resharding that was finished then, and followed by another.
  reshard(t, 3);
  const std::string generation = json_at(t.admin("GET", admin_path).body, "/generation");
  reshard(t, 2);
  t.set_layout(std::stoi(generation) - 1, 4);
  t.host.control().ask(
      "UPDATE projects SET other_generation = ?, other_shards = 3 WHERE id = 'prj_many'",
      {std::int64_t{std::stoi(generation)}});
  t.host.restart();
  reshard(t, 1);
  CHECK(t.compare() == "");
  CHECK(t.exported("prj_many", 1000) == t.exported("prj_one", 1000));
}

TEST_CASE("who is forgotten is forgotten where the events are, whatever the control plane knows") {
  twins t("restored, forgotten");
  t.send_both(t.batch(80, twins::ids::all));
  reshard(t, 3);
  t.set_layout(0, 1);
  t.host.restart();
  for (int n = 0; n < 9; ++n) {
    const std::string whom = R"({"user_id":"u)" + std::to_string(n) + "\"}";
    CHECK(t.forget("prj_many", whom) == t.forget("prj_one", whom));
  }
  CHECK(t.compare() == "");
  t.set_layout(0, 1);
  t.host.restart();
  t.host.now += 400 * day_ms;
  CHECK(json_at(t.host.run_daily(), "/ok") == "true");
  CHECK(t.exported("prj_many", 1000) == t.exported("prj_one", 1000));
}

TEST_CASE("a page's cursor of a layout that is no more is refused, and says so") {
  twins t("cursors");
  t.send_both(t.batch(50, twins::ids::all));
  const auto page = t.admin("GET", "/admin/export?project=prj_many&limit=10");
  const std::string cursor = json_at(page.body, "/next_cursor");
  reshard(t, 3);
  const auto next = t.admin("GET", "/admin/export?project=prj_many&limit=10&cursor=" +
                                       cursor.substr(1, cursor.size() - 2));
  CHECK(next.status == 400);
  CHECK(next.body.find("moved to other stores") != std::string::npos);
}

TEST_CASE("sealed stores take no events, and do again when nobody goes on") {
  twins t("seals");
  t.send_both(t.batch(20, twins::ids::all));
  store::shard_request seal;
  seal.step = store::shard_step::seal;
  seal.to = {1, 2};
  seal.seal_ms = 20 * second_ms;
  REQUIRE(t.host.ask<store::shard_answer>("prj_many", store::operation::shard, seal));
  const std::string body = t.batch(5, twins::ids::all);
  CHECK(t.send("prj_many", body).starts_with("502"));
  CHECK(t.compare() == "");
  t.host.now += 20 * second_ms;
  t.send_both(body);
  CHECK(t.compare() == "");
}

TEST_CASE("the admin route for shards refuses what it does not understand") {
  twins t("refusals");
  const auto post = [&](const std::string& project, const std::string& body) {
    const auto r = t.admin("POST", "/admin/shards?project=" + project, body);
    return std::to_string(r.status) + " " + r.body;
  };
  CHECK(post("prj_none", R"({"to":2})").starts_with("404"));
  CHECK(t.admin("GET", "/admin/shards?project=prj_none").status == 404);
  CHECK(t.admin("GET", "/admin/shards").status == 404);
  CHECK(t.admin("PUT", "/admin/shards?project=prj_many").status == 405);
  for (const std::string body :
       {R"({"to":0})", R"({"to":17})", R"({"to":"many"})", R"({"two":2})"}) {
    INFO(body);
    CHECK(post("prj_many", body).starts_with("400"));
  }
  CHECK(post("prj_many", R"({"to":16})").starts_with("200"));
  CHECK(post("prj_many", R"({"to":2})").find("on its way to 16") != std::string::npos);
  CHECK(post("prj_many", R"({"to":2})").starts_with("409"));
  CHECK(post("prj_many", "{}").starts_with("200"));
}
