// What a rewrite puts aside before its segment is there, and what becomes of it when the rewrite
// does not come to its end. Opening a store must not look through all chunks for that.

#include "../catch.h"
#include "faults.h"
#include "history.h"
#include "native/native_host.h"
#include "random_events.h"
#include "store/catalog.h"
#include "store/remembered_ids.h"

using namespace millimetric;
using namespace millimetric::store;
using native::native_host;

namespace {

const std::string project = "prj";
const std::vector<std::int64_t> only_zero{0};
const std::string without_segment =
    "SELECT COUNT(*) FROM chunks WHERE (key >> 8 & 0xFFFFFFFF) NOT IN (SELECT id FROM segments)";

// A store with large segments.
struct large_store {
  random_world random{"unfinished"};
  native_host host{{.upkeep = native::upkeep_runs::when_told, .limits = tiny_limits()}};

  large_store() {
    host.now = random_world::last;
    append_some();
    host.run_upkeep(project);
    REQUIRE(count("SELECT COUNT(*) FROM chunks") > 0);
    REQUIRE(unfinished() == only_zero);
  }

  void append_some() {
    for (int i = 0; i < 20; ++i)
      REQUIRE(host.ask<append_answer>(project, operation::append, batch_of(random, 9)));
  }
  native::sqlite_database& database() { return host.events_of(project); }
  std::int64_t count(const std::string& sql) { return database().ask(sql).integer(0, 0); }
  std::vector<std::int64_t> unfinished() {
    const host::rows noted = database().ask("SELECT segment FROM unfinished ORDER BY segment");
    std::vector<std::int64_t> out;
    for (std::size_t row = 0; row < noted.size(); ++row) out.push_back(noted.integer(row, 0));
    return out;
  }
  // Until a merge has put chunks aside that no segment has yet.
  void leave_merge_half_done() {
    append_some();
    for (int steps = 0; steps < 100 && count(without_segment) == 0; ++steps)
      host.run_upkeep(project, 1);
    REQUIRE(count(without_segment) > 0);
    REQUIRE(unfinished().size() == 2);
  }
  void evict() {
    host.restart();
    REQUIRE(everything(host, project) == before_);
  }
  void remember() { before_ = everything(host, project); }

 private:
  std::string before_;
};

}  // namespace

TEST_CASE("what a merge has put aside goes when the store is opened after an eviction") {
  large_store s;
  s.leave_merge_half_done();
  s.remember();
  s.evict();
  CHECK(s.count(without_segment) == 0);
  CHECK(s.unfinished() == only_zero);
}

TEST_CASE("a store that did not note what is unfinished is looked through, once") {
  large_store s;
  s.leave_merge_half_done();
  s.database().run_script("DROP TABLE unfinished");
  s.remember();
  s.evict();
  CHECK(s.count(without_segment) == 0);
  CHECK(s.unfinished() == only_zero);
}

TEST_CASE("a segment that is there is not taken for an unfinished one") {
  large_store s;
  s.database().run_script("INSERT INTO unfinished SELECT id FROM segments");
  s.remember();
  s.evict();
  CHECK(s.unfinished() == only_zero);
}

TEST_CASE("opening a store looks through the list of segments, but not through their chunks") {
  large_store s;
  s.host.restart();
  std::vector<host::statement> statements;
  s.host.fails = [&](std::string_view, const host::effect& what) {
    if (const auto* sql = std::get_if<host::sql_effect>(&what))
      statements.insert(statements.end(), sql->statements.begin(), sql->statements.end());
    return false;
  };
  REQUIRE(s.host.ask<storage_answer>(project, operation::storage, storage_request{}));
  REQUIRE(statements.size() > 10);
  bool reads_chunks = false;
  for (const host::statement& opening : statements) {
    const host::rows plan = s.database().ask("EXPLAIN QUERY PLAN " + opening.sql, opening.params);
    for (std::size_t row = 0; row < plan.size(); ++row) {
      const std::string detail = std::get<std::string>(plan.at(row, plan.width - 1));
      INFO(opening.sql << ": " << detail);
      CHECK_FALSE(detail.starts_with("SCAN chunks"));
      reads_chunks = reads_chunks || detail.starts_with("SEARCH chunks");
    }
  }
  CHECK(reads_chunks);
}

TEST_CASE("receptions that were dropped are not dropped again after an eviction") {
  large_store s;
  s.host.now += idempotency_ms;
  const auto drops = [&] {
    int out = 0;
    s.host.restart();
    s.host.fails = [&](std::string_view, const host::effect& what) {
      if (const auto* sql = std::get_if<host::sql_effect>(&what))
        for (const host::statement& each : sql->statements)
          out += each.sql == "DELETE FROM chunks WHERE key = ?" ? 1 : 0;
      return false;
    };
    for (int steps = 0; steps < 100; ++steps) {
      const auto more =
          s.host.ask<maintain_answer>(project, operation::maintain, maintain_request{});
      REQUIRE(more);
      if (!more->more) break;
    }
    return out;
  };
  CHECK(drops() > 0);
  CHECK(drops() == 0);
}
