#include "store/row_upgrade.h"

#include "../catch.h"
#include "native/files.h"
#include "native/native_host.h"

using namespace millimetric;
using namespace millimetric::store;
using native::native_host;

namespace {

const std::string project = "prj";
constexpr millis now = 1'795'176'000'000;  // when the fixture's last event came
constexpr std::size_t rows = 249;          // of 250 that arrived

// The fixture, behind a store of rows (which left it so) or of segments (which upgrades it).
std::unique_ptr<native_host> fixture(native::store_kind kind) {
  auto host = std::make_unique<native_host>(native::host_settings{.store = kind});
  host->now = now;
  host->events_of(project).run_script(native::read_file("tests/data/stores/rows-0.1.0.sql"));
  return host;
}

std::vector<query::stored_event> events_of(native_host& host) {
  query::page_question q;
  q.in.range = {0, query::end_of_time};
  q.limit = 1000;
  auto page = host.ask<query::page_partial>(project, operation::page, q);
  REQUIRE(page);
  return std::move(page->events);
}

void check_same(const std::vector<query::stored_event>& a,
                const std::vector<query::stored_event>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].arrival == b[i].arrival);
    CHECK((to_record(a[i].what) == to_record(b[i].what)));
  }
}

std::string appended(native_host& host, std::string id) {
  append_records request;
  event::record& r = request.events.emplace_back();
  r.timestamp = host.now;
  r.event_id = std::move(id);
  r.client_event_id = true;
  const auto a = host.ask<append_answer>(project, operation::append, std::move(request));
  REQUIRE(a);
  return std::to_string(a->stored) + "/" + std::to_string(a->duplicates);
}

}  // namespace

TEST_CASE("a store of rows becomes segments with the same events") {
  const auto before = fixture(native::store_kind::sql);
  const auto after = fixture(native::store_kind::segments);
  check_same(events_of(*after), events_of(*before));
  CHECK(events_of(*after).size() == rows);
  CHECK(after->events_of(project)
            .ask("SELECT COUNT(*) FROM sqlite_master WHERE name IN ('events', 'event_ids')")
            .integer(0, 0) == 0);
  after->restart();
  check_same(events_of(*after), events_of(*before));
}

TEST_CASE("who is forgotten after an upgrade is in none of the database's bytes") {
  const std::string visitor = "somebody-to-be-forgotten";
  std::string script = native::read_file("tests/data/stores/rows-0.1.0.sql");
  for (std::size_t at = 0; (at = script.find("visitor-", at)) != std::string::npos;)
    script.replace(at, std::string_view("visitor-").size(), visitor + '-');
  native_host host;
  host.now = now;
  native::sqlite_database& db = host.events_of(project);
  db.run_script(script);
  REQUIRE(db.bytes().find(visitor) != std::string::npos);
  for (int number = 0; number < 20; ++number)
    REQUIRE(host.ask<forget_answer>(
        project, operation::forget,
        forget_request{std::nullopt, visitor + '-' + std::to_string(number)}));
  CHECK(events_of(host).empty());
  CHECK(db.bytes().find(visitor) == std::string::npos);
}

TEST_CASE("an upgraded store remembers its ids, its arrivals and its usage") {
  const auto host = fixture(native::store_kind::segments);
  CHECK(appended(*host, "event-8") == "0/1");
  CHECK(appended(*host, "event-9") == "1/0");  // not noted: the server had made it
  CHECK(events_of(*host).front().arrival == 251);
  const auto usage =
      host->ask<query::summary_partial>(project, operation::summary, summary_request{0});
  REQUIRE(usage);
  CHECK(usage->events_of_month == 201);
  host->now = now + 7 * day_ms;
  CHECK(appended(*host, "event-8") == "1/0");
}

TEST_CASE("an upgrade that is interrupted anywhere goes on where it stopped") {
  const auto expected = events_of(*fixture(native::store_kind::sql));
  for (int fail_at = 1; fail_at < 20; ++fail_at) {
    const auto host = fixture(native::store_kind::segments);
    int left = fail_at;
    host->fails = [&](std::string_view, const host::effect&) { return --left <= 0; };
    query::page_question q;
    q.in.range = {0, query::end_of_time};
    static_cast<void>(host->ask<query::page_partial>(project, operation::page, q));
    host->fails = nullptr;
    host->restart();
    check_same(events_of(*host), expected);
  }
}
