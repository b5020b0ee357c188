// A month's usage while the table of it is behind what was taken in.

#include "../catch.h"
#include "native/native_host.h"
#include "random_events.h"
#include "store/protocol.h"

using namespace millimetric;
using namespace millimetric::store;
using native::native_host;

namespace {

const std::string project = "prj";
constexpr millis november = 1'795'176'000'000;  // 2026-11-20T12:00:00Z
constexpr millis december = november + 20 * day_ms;

segment::limits merging_soon() {
  segment::limits out;
  out.merge_inputs = 3;
  return out;
}

struct counted_store {
  native_host host{{.upkeep = native::upkeep_runs::when_told, .limits = merging_soon()}};

  void append(millis at, std::size_t events) {
    host.now = at;
    random_world random("usage");
    std::vector<event::record> list;
    for (std::size_t i = 0; i < events; ++i) {
      list.push_back(random.event());
      list.back().timestamp = at;
      list.back().client_event_id = false;
    }
    const auto a = host.ask<append_answer>(project, operation::append,
                                           append_records{bucket::none, std::move(list)});
    REQUIRE(a);
    REQUIRE(a->stored == events);
  }
  std::uint64_t usage(millis month) {
    const auto s = host.ask<query::summary_partial>(
        project, operation::summary, summary_request{.since = host.now, .month = month});
    REQUIRE(s);
    return s->events_of_month;
  }
  std::string both_months() {
    return std::to_string(usage(november)) + " and " + std::to_string(usage(december));
  }
  // What a copy would have to go on behind: the last number that was given to an arrival.
  std::int64_t last_arrival() {
    const auto all = host.ask<copied_events>(project, operation::copy_out, copy_out_request{0});
    REQUIRE(all);
    return all->up_to;
  }
};

}  // namespace

TEST_CASE("a month's usage is known after an eviction, whatever became of its events") {
  counted_store s;
  s.append(november, 2);
  s.append(november + 1, 3);
  s.host.restart();
  CHECK(s.both_months() == "5 and 0");
  s.append(november + 2, 1);
  CHECK(s.both_months() == "6 and 0");
  SECTION("merged") {
    REQUIRE(s.host.ask<maintain_answer>(project, operation::maintain, maintain_request{}));
    native::sqlite_database& db = s.host.events_of(project);
    CHECK(db.ask("SELECT COUNT(*) FROM segments").integer(0, 0) == 1);
  }
  SECTION("expired") {
    REQUIRE(s.host.ask<expire_answer>(project, operation::expire,
                                      expire_request{november + day_ms, 100}));
  }
  SECTION("expired in part") {
    REQUIRE(
        s.host.ask<expire_answer>(project, operation::expire, expire_request{november + 2, 100}));
  }
  SECTION("as they are") {}
  s.host.restart();
  CHECK(s.both_months() == "6 and 0");
}

TEST_CASE(
    "events of a damaged segment stay counted, and their arrivals' numbers are not given again") {
  counted_store s;
  s.append(november, 3);
  s.append(november + 1, 2);
  native::sqlite_database& db = s.host.events_of(project);
  const std::string last = " WHERE id = (SELECT MAX(id) FROM segments)";
  const host::blob intact =
      std::get<host::blob>(db.ask("SELECT bytes FROM segments" + last).cells[0]);
  host::blob hurt = intact;
  hurt.bytes[600] ^= 1;
  const std::int64_t id = db.ask("SELECT MAX(id) FROM segments").integer(0, 0);
  db.ask("UPDATE segments SET bytes = ?" + last, {hurt});
  s.host.restart();
  CHECK(s.both_months() == "5 and 0");
  s.append(november + 2, 2);
  CHECK(s.both_months() == "7 and 0");
  s.host.restart();
  CHECK(s.both_months() == "7 and 0");
  db.ask("UPDATE segments SET bytes = ? WHERE id = ?", {intact, id});
  s.host.restart();
  CHECK(s.both_months() == "7 and 0");
  CHECK(s.last_arrival() == 7);
}

TEST_CASE("the first event of a month ends the count of the one before") {
  counted_store s;
  s.append(november, 4);
  s.append(december, 1);
  s.append(december + 1, 2);
  CHECK(s.both_months() == "4 and 3");
  s.host.restart();
  CHECK(s.both_months() == "4 and 3");
  s.append(december + 2, 1);
  CHECK(s.both_months() == "4 and 4");
}

TEST_CASE("the number of an arrival is never given again, even when all events are gone") {
  counted_store s;
  s.append(november, 7);
  REQUIRE(s.host.ask<expire_answer>(project, operation::expire, expire_request{november + 1, 100}));
  s.host.restart();
  CHECK(s.last_arrival() == 7);
  s.append(november + 2, 2);
  s.host.restart();
  CHECK(s.last_arrival() == 9);
}
