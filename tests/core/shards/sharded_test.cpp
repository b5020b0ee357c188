#include "../catch.h"
#include "event/place.h"
#include "store/layout.h"
#include "twins.h"

using namespace millimetric;
using namespace millimetric::native;

TEST_CASE("a project of several shards answers as one of a single store does") {
  for (const int shards : {2, 16}) {
    twins t("sharded " + std::to_string(shards));
    t.set_layout(1, shards);
    for (int round = 0; round < 4; ++round) {
      for (int i = 0; i < 3; ++i) t.send_both(t.batch(1 + t.below(60), twins::ids::some));
      INFO(shards << " shards, round " << round);
      for (int i = 0; i < 3; ++i) CHECK(t.compare() == "");
      if (t.one_in(4)) t.host.restart();
    }
    CHECK(t.compare_walks() == "");
    for (const std::string whom : {R"({"user_id":"u3"})", R"({"anonymous_id":"v5"})",
                                   R"({"user_id":"nobody"})", R"({"user_id":"u4"})"}) {
      const std::string one = t.forget("prj_one", whom);
      CHECK(t.forget("prj_many", whom) == one);
      CHECK(t.compare() == "");
    }
    CHECK(t.compare_walks() == "");
    t.host.control().ask("UPDATE projects SET retention_days = 12", {});
    t.host.run_daily();
    CHECK(t.compare() == "");
    CHECK(t.compare_walks() == "");
  }
}

TEST_CASE("events are in the shard of their place") {
  twins t("places");
  t.set_layout(7, 4);
  t.send_both(t.batch(400, twins::ids::some));
  std::size_t events = 0;
  for (std::uint32_t s = 0; s < 4; ++s) {
    query::page_question all{{{0, query::end_of_time}, {}}, 1000, {}};
    const auto page = t.host.ask<query::page_partial>(store::store_name("prj_many", {7, 4}, s),
                                                      store::operation::page, all);
    REQUIRE(page);
    CHECK(page->events.size() > 40);
    for (const query::stored_event& e : page->events)
      CHECK(store::shard_of(event::place_of(e.what.anonymous_id), 4) == s);
    events += page->events.size();
  }
  CHECK(events > 300);
}

TEST_CASE("an id made for a user or an event has its place, and no other has one of its own") {
  random_stream random("places");
  for (const std::string of : {"u1", "u2", "event-1"}) {
    const std::string a = event::make_anonymous_id(of, random);
    const std::string b = event::make_anonymous_id(of, random);
    CHECK(a != b);
    CHECK(a.size() == 36);
    CHECK(event::place_of(a) == event::place_of(of));
    CHECK(event::place_of(b) == event::place_of(of));
  }
  CHECK(event::place_of(event::make_anonymous_id(std::nullopt, random)) !=
        event::place_of(event::make_anonymous_id(std::nullopt, random)));
  // Forms that are nearly such an id are hashed whole.
  CHECK(event::place_of("0000000a-0000-8000-8000-000000000000") == 10);
  CHECK(event::place_of("0000000a-0000-4000-8000-000000000000") != 10);
  CHECK(event::place_of("0000000a-0000-8000-8000-00000000000") != 10);
  CHECK(event::place_of("000000xa-0000-8000-8000-000000000000") != 0);
}

TEST_CASE("a shard takes its part of all places, at the edges too") {
  CHECK(store::shard_of(0, 1) == 0);
  CHECK(store::shard_of(0xFFFFFFFF, 1) == 0);
  CHECK(store::shard_of(0x7FFFFFFF, 2) == 0);
  CHECK(store::shard_of(0x80000000, 2) == 1);
  CHECK(store::shard_of(0xFFFFFFFF, store::max_shards) == store::max_shards - 1);
  CHECK(store::store_name("prj_x", {0, 1}, 0) == "prj_x");
  CHECK(store::store_name("prj_x", {3, 2}, 1) == "prj_x/3/1");
}

TEST_CASE("a project of several shards has the buckets of one") {
  twins t("buckets");
  t.set_layout(1, 3);
  const auto track = [&] {
    return t.host
        .post("/v1/track", "sk_live_manyysk1_" + std::string(key_secret),
              R"({"event":"e","anonymous_id":"v)" + std::to_string(t.below(1000)) + "\"}")
        .status;
  };
  for (int i = 0; i < 200; ++i) CHECK(track() == 202);
  CHECK(track() == 429);
  t.host.now += 20;
  CHECK(track() == 202);
  CHECK(track() == 429);
}

TEST_CASE("when a shard fails the batch is refused, and sent again each event is there once") {
  twins t("failing");
  t.set_layout(1, 3);
  const std::string body = t.batch(50, twins::ids::all);
  t.host.fails = [](std::string_view store, const host::effect&) {
    return store == "prj_many/1/1";
  };
  CHECK(t.send("prj_many", body).starts_with("502"));
  t.host.fails = nullptr;
  CHECK(t.send("prj_many", body).starts_with("202"));
  t.send("prj_one", body);
  CHECK(t.exported("prj_one", 1000) == t.exported("prj_many", 1000));
}
