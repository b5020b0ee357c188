#include "host/request.h"

#include <algorithm>
#include <memory>

#include "../catch.h"

using namespace millimetric;
using host::answer;
using host::context;
using host::request;
using host::task;

namespace {

task<std::string> ask(context& ctx, std::string name) {
  auto got = co_await ctx.call_store(name, "question");
  co_return name + "=" + (got ? *got : "failed");
}

task<std::string> ask_in_turn(context& ctx, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) {
    const std::string one = co_await ask(ctx, std::to_string(i));
    out += one + ";";
  }
  co_return out;
}

task<std::string> ask_together(context& ctx, int n) {
  std::vector<task<std::string>> tasks;
  for (int i = 0; i < n; ++i) tasks.push_back(ask(ctx, std::to_string(i)));
  host::all<std::string> together(std::move(tasks));
  const std::vector<std::string> answers = co_await together;
  std::string out;
  for (const std::string& one : answers) out += one + ";";
  co_return out;
}

task<std::string> ask_deep(context& ctx, int levels, std::shared_ptr<int> alive) {
  if (levels == 0) co_return co_await ask(ctx, "deep");
  std::string below = co_await ask_deep(ctx, levels - 1, alive);
  co_return below;
}

std::string store_of(const host::pending_effect& e) {
  return std::get<host::store_effect>(e.what).store;
}

std::unique_ptr<request> started(const std::function<task<std::string>(context&)>& make) {
  auto r = std::make_unique<request>(1000, "seed");
  r->start(make);
  return r;
}

}  // namespace

TEST_CASE("a request gives out each effect once and goes on with its answer") {
  const auto r = started([](context& ctx) { return ask_in_turn(ctx, 2); });
  auto effects = r->take_effects();
  REQUIRE(effects.size() == 1);
  CHECK(store_of(effects[0]) == "0");
  CHECK(r->take_effects().empty());
  CHECK_FALSE(r->done());
  CHECK(r->resume(effects[0].id, std::string("a")));
  CHECK_FALSE(r->resume(effects[0].id, std::string("again")));
  CHECK_FALSE(r->resume(9999, std::string("unknown")));
  effects = r->take_effects();
  REQUIRE(effects.size() == 1);
  CHECK(store_of(effects[0]) == "1");
  CHECK(r->resume(effects[0].id, std::string("b")));
  REQUIRE(r->done());
  CHECK(r->take_response() == "0=a;1=b;");
}

TEST_CASE("effects asked together are out together, and may be answered in any order") {
  std::vector<std::size_t> order{0, 1, 2, 3};
  do {
    const auto r = started([](context& ctx) { return ask_together(ctx, 4); });
    const auto effects = r->take_effects();
    REQUIRE(effects.size() == 4);
    for (const std::size_t i : order) {
      CHECK_FALSE(r->done());
      CHECK(r->resume(effects[i].id, "answer " + store_of(effects[i])));
    }
    REQUIRE(r->done());
    CHECK(r->take_response() == "0=answer 0;1=answer 1;2=answer 2;3=answer 3;");
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("an effect that failed, or was answered with the wrong kind, fails what asked for it") {
  const auto with = [](answer a) {
    const auto r = started([](context& ctx) { return ask(ctx, "x"); });
    CHECK(r->resume(r->take_effects().at(0).id, std::move(a)));
    REQUIRE(r->done());
    return r->take_response();
  };
  CHECK(with(std::string("fine")) == "x=fine");
  CHECK(with(host::failure{"secret reason"}) == "x=failed");
  CHECK(with(host::sql_answer{}) == "x=failed");
}

TEST_CASE("an effect's failure tells the caller nothing of its reason") {
  const auto r = started([](context& ctx) -> task<std::string> {
    auto got = co_await ctx.hmac_with_pepper("data");
    co_return got ? "no failure"
                  : std::string(describe(got.error().code).name) + ": " + got.error().message;
  });
  CHECK(r->resume(r->take_effects().at(0).id, host::failure{"password=hunter2"}));
  CHECK(r->take_response() == "upstream_failed: A part of the service did not answer; try again.");
}

TEST_CASE("every kind of effect carries what was asked") {
  const auto r = started([](context& ctx) -> task<std::string> {
    std::vector<host::statement> statements;
    statements.push_back({"SELECT ?", {std::int64_t{1}}});
    auto a = co_await ctx.sql(std::move(statements));
    std::vector<std::string> texts{"data", ""};
    auto b = co_await ctx.hmac("key", std::move(texts));
    auto c = co_await ctx.random_bytes(12);
    co_return (a && b && c) ? b->at(0) + b->at(1) + *c : "failed";
  });
  const auto next = [&] { return r->take_effects().at(0); };
  auto e = next();
  const auto all = std::get<host::sql_effect>(e.what);
  CHECK(all.statements.at(0).sql == "SELECT ?");
  CHECK(all.statements.at(0).params.at(0) == host::value(std::int64_t{1}));
  r->resume(e.id, host::sql_answer{});
  e = next();
  const auto hmac = std::get<host::hmac_effect>(e.what);
  CHECK(hmac.source == host::hmac_effect::key_source::given);
  CHECK(hmac.key == "key");
  CHECK((hmac.data == std::vector<std::string>{"data", ""}));
  const std::string digests = std::string(32, 'a') + std::string(32, 'b');
  r->resume(e.id, digests);
  e = next();
  CHECK(std::get<host::random_effect>(e.what).size == 12);
  r->resume(e.id, std::string("bytes"));
  CHECK(r->take_response() == digests + "bytes");
}

TEST_CASE("digests that are not as many as the texts are no answer") {
  for (const std::size_t bytes : {0U, 32U, 63U, 65U, 96U}) {
    INFO(bytes);
    const auto r = started([](context& ctx) -> task<std::string> {
      std::vector<std::string> texts{"a", "b"};
      auto digests = co_await ctx.hmac("key", std::move(texts));
      co_return digests ? "some" : std::string(describe(digests.error().code).name);
    });
    CHECK(r->resume(r->take_effects().at(0).id, std::string(bytes, 'x')));
    CHECK(r->take_response() == "upstream_failed");
  }
}

TEST_CASE("requests in flight do not see each other's answers") {
  std::vector<std::unique_ptr<request>> all;
  std::vector<std::vector<host::pending_effect>> effects;
  for (int i = 0; i < 100; ++i) {
    all.push_back(started([](context& ctx) { return ask_together(ctx, 3); }));
    effects.push_back(all.back()->take_effects());
  }
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t i = all.size(); i-- > 0;)
      CHECK(all[i]->resume(effects[i][(k + i) % 3].id,
                           std::to_string(i) + "/" + store_of(effects[i][(k + i) % 3])));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string n = std::to_string(i);
    CHECK(all[i]->take_response() == "0=" + n + "/0;1=" + n + "/1;2=" + n + "/2;");
  }
}

TEST_CASE("a request destroyed in mid-flight takes everything it holds with it") {
  const auto alive = std::make_shared<int>(1);
  for (int answered = 0; answered < 4; ++answered) {
    const auto r = started([&](context& ctx) -> task<std::string> {
      return [](context& c, std::shared_ptr<int> held) -> task<std::string> {
        const std::string deep = co_await ask_deep(c, 50, held);
        const std::string wide = co_await ask_together(c, 5);
        co_return deep + wide;
      }(ctx, alive);
    });
    CHECK(alive.use_count() > 1);
    auto open = r->take_effects();
    for (int i = 0; i < answered; ++i) {
      r->resume(open.at(0).id, std::string("answer"));
      open.erase(open.begin());
      for (auto& e : r->take_effects()) open.push_back(std::move(e));
    }
    CHECK_FALSE(r->done());
  }
  CHECK(alive.use_count() == 1);
}

TEST_CASE("a request knows its clock and its randomness from its frame alone") {
  const auto make = [](context& ctx) -> task<std::string> {
    co_return std::to_string(ctx.now()) + " " + make_uuid_v4(ctx.random());
  };
  const auto once = started(make);
  const auto again = started(make);
  const std::string response = once->take_response();
  CHECK(response.starts_with("1000 "));
  CHECK(again->take_response() == response);
}
