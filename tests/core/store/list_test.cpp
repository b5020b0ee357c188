// The list of large segments: a store is opened by it, without their rows, and makes it anew where
// it is missing or cannot be believed.

#include "../catch.h"
#include "faults.h"
#include "history.h"
#include "native/forgetting.h"
#include "native/native_host.h"
#include "random_events.h"
#include "store/catalog.h"

using namespace millimetric;
using namespace millimetric::store;
using native::native_host;

namespace {

const std::string project = "prj";
// A large segment has rows of chunks.
const std::string large = "SELECT DISTINCT key >> 8 & 0xFFFFFFFF FROM chunks ORDER BY 1";
const std::string listed = "SELECT segment FROM list ORDER BY segment";

struct listed_store {
  random_world random{"listed"};
  native_host host{{.upkeep = native::upkeep_runs::when_told, .limits = tiny_limits()}};

  listed_store() {
    host.now = random_world::last;
    for (int i = 0; i < 60; ++i)
      REQUIRE(host.ask<append_answer>(project, operation::append, batch_of(random, 9)));
    host.run_upkeep(project);
    REQUIRE(numbers(large).size() > 1);
    REQUIRE(numbers(listed) == numbers(large));
  }
  native::sqlite_database& database() { return host.events_of(project); }
  std::vector<std::int64_t> numbers(const std::string& sql) {
    const host::rows rows = database().ask(sql);
    std::vector<std::int64_t> out;
    for (std::size_t row = 0; row < rows.size(); ++row) out.push_back(rows.integer(row, 0));
    return out;
  }
  std::vector<std::string> contents() {
    const host::rows rows = database().ask("SELECT bytes FROM list ORDER BY segment");
    std::vector<std::string> out;
    for (const host::value& cell : rows.cells) out.push_back(std::get<host::blob>(cell).bytes);
    return out;
  }
};

}  // namespace

TEST_CASE("a list that is missing, damaged, or too short is made anew") {
  listed_store s;
  const std::string before = everything(s.host, project);
  const std::vector<std::string> list = s.contents();
  SECTION("missing, as in stores of versions that had none") {
    s.database().run_script("DROP TRIGGER unlist; DROP TABLE list");
  }
  SECTION("damaged") { s.database().ask("UPDATE list SET bytes = zeroblob(length(bytes))"); }
  SECTION("of no bytes") { s.database().ask("UPDATE list SET bytes = ''"); }
  SECTION("too short") {
    s.database().ask("DELETE FROM list WHERE segment = (SELECT MIN(segment) FROM list)");
  }
  s.host.restart();
  CHECK(everything(s.host, project) == before);
  CHECK(s.contents() == list);
}

TEST_CASE("a store is opened without the rows of large segments") {
  listed_store s;
  const std::int64_t one = s.numbers(large).front();
  // Nobody has asked for its events since, so that nobody sees it.
  s.database().ask("UPDATE segments SET bytes = zeroblob(length(bytes)) WHERE id = ?", {one});
  s.host.restart();
  const auto append = s.host.ask<append_answer>(project, operation::append, batch_of(s.random, 3));
  CHECK(append);
  const auto storage = s.host.ask<storage_answer>(project, operation::storage, storage_request{});
  REQUIRE(storage);
  CHECK(storage->damaged_segments == 1);
  query::aggregate_question q;
  q.in.range = {0, query::end_of_time};
  const auto asked = s.host.ask<query::aggregate_partial>(project, operation::aggregate, q);
  REQUIRE_FALSE(asked);
  CHECK(asked.error().message.starts_with("Segment " + std::to_string(one) + " "));
  // It is known from now on, also to whoever opens the store again.
  CHECK(s.numbers(large).size() == s.numbers(listed).size() + 1);
  CHECK(s.numbers(listed).front() != one);
}

TEST_CASE(
    "segments that are merged, forgotten, deleted by hand or too old are not listed any more") {
  listed_store s;
  SECTION("merged") {
    for (int i = 0; i < 60; ++i)
      REQUIRE(s.host.ask<append_answer>(project, operation::append, batch_of(s.random, 9)));
    s.host.run_upkeep(project);
  }
  SECTION("forgotten") { REQUIRE(native::forget(s.host, project, {std::nullopt, "visitor-3"})); }
  SECTION("by hand, by whoever does not know of the list") {
    s.database().ask("DELETE FROM chunks");
    s.database().ask("DELETE FROM segments");
  }
  SECTION("too old") {
    REQUIRE(s.host.ask<expire_answer>(project, operation::expire,
                                      expire_request{query::end_of_time, 100'000}));
    CHECK(s.numbers(listed).empty());
  }
  CHECK(s.numbers(listed) == s.numbers(large));
}
