// Segments as earlier versions of the format left them: read, merged, and forgotten like newer
// ones.

#include "../catch.h"
#include "history.h"
#include "native/files.h"
#include "native/forgetting.h"
#include "native/native_host.h"
#include "oracle.h"

using namespace millimetric;
using namespace millimetric::store;
using native::native_host;

namespace {

const std::string project = "prj";
constexpr millis now = 1'795'176'000'000;  // when the fixtures' last event came
constexpr std::size_t rows = 249;

// The events of rows-0.1.0.sql are also those of segments-1.sql and, with 40 more, segments-2.sql.
std::unique_ptr<native_host> fixture(native::store_kind kind, const std::string& file) {
  segment::limits limits = tiny_limits();
  limits.events = limits.sealed_events = 1000;  // all of them become one
  limits.merge_inputs = 2;
  auto host = std::make_unique<native_host>(native::host_settings{
      .store = kind, .upkeep = native::upkeep_runs::when_told, .limits = limits});
  host->now = now;
  host->events_of(project).run_script(native::read_file("tests/data/stores/" + file));
  return host;
}

std::vector<query::stored_event> page_of(native_host& host, std::uint32_t limit) {
  query::page_question q;
  q.in.range = {0, query::end_of_time};
  q.limit = limit;
  auto page = host.ask<query::page_partial>(project, operation::page, q);
  REQUIRE(page);
  return std::move(page->events);
}

std::vector<std::string> events_of(native_host& host) {
  std::vector<std::string> out;
  for (const query::stored_event& e : page_of(host, 1000)) out.push_back(to_record(e.what));
  return out;
}

// Of how many segments of the store the header says this version.
std::int64_t segments_of_version(native_host& host, int version) {
  return host.events_of(project)
      .ask("SELECT COUNT(*) FROM segments WHERE substr(bytes, 513, 5) = CAST(? AS BLOB)",
           {host::blob{std::string("MMSG") + static_cast<char>(version)}})
      .integer(0, 0);
}

// The fixture of version 1 with 40 events more, whose referrers are urls of the others.
std::unique_ptr<native_host> with_referring_events() {
  auto host = fixture(native::store_kind::segments, "segments-1.sql");
  append_records request;
  for (const query::stored_event& e : page_of(*host, 40)) {
    event::record& r = request.events.emplace_back(e.what);
    r.event_id += " again";
    r.timestamp = now;
    r.referrer = r.url;
  }
  REQUIRE(host->ask<append_answer>(project, operation::append, request));
  return host;
}

}  // namespace

TEST_CASE("segments of version 1 have the events that they had, also behind merging") {
  const auto expected = events_of(*fixture(native::store_kind::sql, "rows-0.1.0.sql"));
  const auto host = fixture(native::store_kind::segments, "segments-1.sql");
  CHECK(segments_of_version(*host, 1) == 4);
  CHECK(events_of(*host) == expected);
  REQUIRE(expected.size() == rows);
  const auto referring = with_referring_events();
  const auto with_more = events_of(*referring);
  CHECK(with_more.size() == rows + 40);
  referring->run_upkeep(project);
  CHECK(segments_of_version(*referring, 1) == 1);  // the small ones, without such referrers
  CHECK(segments_of_version(*referring, 3) == 1);
  CHECK(events_of(*referring) == with_more);
  referring->restart();
  CHECK(events_of(*referring) == with_more);
}

TEST_CASE("segments of version 2 have the events that they had, also behind merging") {
  const auto expected = events_of(*with_referring_events());
  REQUIRE(expected.size() == rows + 40);
  const auto host = fixture(native::store_kind::segments, "segments-2.sql");
  CHECK(segments_of_version(*host, 2) == 1);
  CHECK(events_of(*host) == expected);
  append_records again;
  for (const query::stored_event& e : page_of(*host, 40)) {
    event::record& r = again.events.emplace_back(e.what);
    r.event_id += " and again";
  }
  REQUIRE(host->ask<append_answer>(project, operation::append, again));
  const auto with_more = events_of(*host);
  host->run_upkeep(project);
  CHECK(segments_of_version(*host, 2) == 0);
  CHECK(segments_of_version(*host, 3) == 1);
  CHECK(events_of(*host) == with_more);
  host->restart();
  CHECK(events_of(*host) == with_more);
}

TEST_CASE("ids of segments of earlier versions are remembered") {
  const auto host = fixture(native::store_kind::segments, "segments-2.sql");
  append_records again;
  for (const query::stored_event& e : page_of(*host, 1000)) {
    again.events.emplace_back(e.what).client_event_id = true;
    again.events.emplace_back(e.what).event_id += " and not again";
  }
  const auto stored = host->ask<append_answer>(project, operation::append, again);
  REQUIRE(stored);
  CHECK(stored->duplicates == rows + 40);
}

TEST_CASE("who is forgotten goes from segments of earlier versions as well") {
  for (const bool second : {false, true}) {
    const auto plain =
        second ? with_referring_events() : fixture(native::store_kind::sql, "rows-0.1.0.sql");
    const auto host =
        fixture(native::store_kind::segments, second ? "segments-2.sql" : "segments-1.sql");
    const forget_request who{std::nullopt, "visitor-1"};
    const auto right = plain->ask<forget_answer>(project, operation::forget, who);
    const auto got = native::forget(*host, project, who);
    REQUIRE(right);
    REQUIRE(got);
    CHECK(got->deleted == right->deleted);
    CHECK(got->deleted > 0);
    CHECK(events_of(*host) == events_of(*plain));
  }
}
