#include "segment/reader.h"

#include <algorithm>
#include <numeric>

#include "../catch.h"
#include "../store/random_events.h"
#include "base/archive.h"
#include "segment/writer.h"

using namespace millimetric;
using namespace millimetric::segment;

TEST_CASE("rows are read in the order in which they are asked for") {
  store::random_world random("rows");
  std::vector<std::string> records;
  std::vector<event::record_view> views;
  for (int i = 0; i < 300; ++i) records.push_back(to_record(random.event()));
  for (const std::string& r : records) views.push_back(*from_record<event::record_view>(r));
  std::vector<const event::record_view*> events;
  for (const event::record_view& v : views) events.push_back(&v);
  std::vector<std::int64_t> arrivals(events.size());
  std::iota(arrivals.begin(), arrivals.end(), 1);
  const limits most;
  const built_segment built = build(events, arrivals, arrivals, most);
  const std::string bytes = encode_segment(built);
  const read_header head = decode_header(bytes);
  REQUIRE(head.found == damage::none);
  reader from(head.head);
  std::string_view body = head.body;
  for (const chunk_entry& e : head.head.chunks) {
    from.give({e.column, e.part}, body.substr(0, e.size));
    body.remove_prefix(e.size);
  }
  std::vector<std::uint32_t> rows(events.size());
  std::iota(rows.begin(), rows.end(), 0U);
  std::reverse(rows.begin(), rows.end());
  std::swap(rows[3], rows[200]);
  rows.resize(250);
  row_reader reading(from, rows);
  std::vector<std::pair<std::int64_t, event::record>> got;
  REQUIRE(reading.read_codes());
  REQUIRE(reading.read(got));
  REQUIRE(got.size() == rows.size());
  std::vector<std::int64_t> stored;
  REQUIRE(from.integers(column_id::arrival, stored));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(got[i].first == stored[rows[i]]);
    event::record wanted =
        *from_record<event::record>(records[static_cast<std::size_t>(stored[rows[i]] - 1)]);
    wanted.client_event_id = got[i].second.client_event_id;
    CHECK(to_record(got[i].second) == to_record(wanted));
  }
}
