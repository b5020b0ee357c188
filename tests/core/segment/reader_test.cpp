#include "segment/reader.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "../catch.h"
#include "../store/random_events.h"
#include "base/ids.h"
#include "opened.h"
#include "segment/frame.h"

using namespace millimetric;
using namespace millimetric::segment;

namespace {

std::vector<event::record> some_events(int n) {
  store::random_world random("rows");
  std::vector<event::record> out;
  for (int i = 0; i < n; ++i) out.push_back(random.event());
  return out;
}

// Of every column, groups of so many rows, as far as there are parts for them.
limits cut_into(std::size_t rows) {
  limits cut;
  cut.small_events = 1;
  cut.group_bytes = 1;
  cut.group_rows = rows;
  return cut;
}

}  // namespace

TEST_CASE("rows are read in the order in which they are asked for") {
  const std::vector<event::record> events = some_events(300);
  opened s(events, limits{});
  std::vector<std::uint32_t> rows(events.size());
  std::iota(rows.begin(), rows.end(), 0U);
  std::reverse(rows.begin(), rows.end());
  std::swap(rows[3], rows[200]);
  rows.resize(250);
  check_rows(s, events, rows);
}

TEST_CASE("of row groups those are needed that have the rows") {
  const std::vector<event::record> events = some_events(300);
  opened s(events, cut_into(64));
  CHECK(s.bytes()[4] == 3);  // the version
  std::vector<std::uint32_t> rows(events.size());
  std::iota(rows.begin(), rows.end(), 0U);
  check_rows(s, events, rows);
  CHECK(s->codes_need(column_id::event_name).size() == 5);
  const auto parts_of = [&](const std::vector<std::uint32_t>& some) {
    std::vector<std::uint8_t> parts;
    for (const chunk_place& at : s->codes_need(column_id::event_name, some))
      parts.push_back(at.second);
    return parts;
  };
  using parts = std::vector<std::uint8_t>;
  CHECK(parts_of({10, 63, 64}) == parts{codes_part, further_rows_part});
  CHECK(parts_of({0, 200}) == parts{codes_part, further_rows_part + 2});
  CHECK(parts_of({299}) == parts{further_rows_part + 3});
  row_codes all;
  REQUIRE(s->codes(column_id::event_name, all));
  for (std::uint32_t row = 0; row < events.size(); ++row) {
    reader few(s.head());  // has what the row needs, and nothing else
    row_reader reading(few, {row});
    for (const chunk_place& at : reading.first_need()) s.give(few, at);
    REQUIRE(reading.read_codes());
    for (const chunk_place& at : reading.then_need()) s.give(few, at);
    std::vector<std::pair<std::int64_t, event::record>> got;
    REQUIRE(reading.read(got));
    std::vector<std::pair<std::int64_t, event::record>> same;
    row_reader of_all(*s, {row});
    REQUIRE(of_all.read_codes());
    REQUIRE(of_all.read(same));
    CHECK(to_record(got.front().second) == to_record(same.front().second));
    row_codes part;
    REQUIRE(s->codes(column_id::event_name, {row, events.size()}, part));
    CHECK(part.null_code == all.null_code);
    CHECK(
        std::equal(part.codes.begin(), part.codes.end(), all.codes.begin() + row, all.codes.end()));
  }
}

TEST_CASE("rows are cut into whole steps, and into no more groups than there are parts for") {
  for (const auto [rows, step, groups] :
       {std::array{64, 64, 1}, {65, 64, 2}, {320, 10, 32}, {321, 10, 17}}) {
    opened s(some_events(rows), cut_into(static_cast<std::size_t>(step)));
    CHECK(s->codes_need(column_id::timestamp).size() == static_cast<std::size_t>(groups));
  }
}

TEST_CASE("columns are cut that are longer than a group, and small segments not at all") {
  const std::vector<event::record> events = some_events(100);
  limits cut = cut_into(10);
  const std::size_t size = opened(events, limits{})->chunk({0, codes_part}).size();
  const auto groups = [&] { return opened(events, cut)->codes_need(column_id::timestamp).size(); };
  cut.group_bytes = size;
  CHECK(groups() == 1);
  cut.group_bytes = size - 1;
  CHECK(groups() == 2);
  cut.small_events = 100;
  CHECK(groups() == 2);
  cut.small_events = 101;
  CHECK(groups() == 1);
}

TEST_CASE("a group of packed codes is as long as a leaf page has room for, and no longer") {
  constexpr std::size_t leaf_payload = 4061;
  constexpr std::size_t record_header = 4;
  CHECK(limits{}.group_bytes == leaf_payload - record_header);
  limits whole;
  whole.group_bytes = 1UL << 20;
  const std::vector<event::record> events = some_events(12'000);
  opened s(events, limits{});
  CHECK(opened(events, whole)->codes_need(column_id::anonymous_id).size() == 1);
  const std::vector<chunk_place> groups = s->codes_need(column_id::anonymous_id);
  REQUIRE(groups.size() > 1);
  for (const chunk_place& at : groups) {
    const std::size_t bytes = s->chunk(at).size();
    CHECK(bytes <= limits{}.group_bytes);
    if (at != groups.back()) CHECK(bytes > limits{}.group_bytes * 9 / 10);
  }
}

TEST_CASE("row groups that do not follow each other are damage") {
  opened s(some_events(30), cut_into(10));
  std::vector<std::int64_t> times;
  CHECK(s->integers(column_id::timestamp, times));
  for (const std::uint32_t first : {0U, 9U, 20U, 30U, 0xFFFFFFFFU}) {
    header head = s.head();
    for (chunk_entry& e : head.chunks)
      if (e.part == further_rows_part) e.first = first;
    reader bad(head);
    for (const chunk_entry& e : head.chunks) s.give(bad, {e.column, e.part});
    CHECK_FALSE(bad.integers(column_id::timestamp, times));
    row_codes codes;
    CHECK_FALSE(bad.codes(column_id::event_name, codes));
  }
}

TEST_CASE("however much text a column has, its blocks have numbers") {
  std::vector<event::record> events = some_events(2000);
  for (std::size_t i = 0; i < events.size(); ++i)
    events[i].properties = "{\"plan\":" + std::to_string(10'000 + i) + "}";
  const std::size_t characters = events.size() * events.front().properties.size();
  const auto parts_of = [&](std::size_t block_bytes) {
    limits l;
    l.block_values = events.size();
    l.block_bytes = block_bytes;
    opened s(events, l);
    check_rows(s, events, {0, 1, 999, 1999});
    return s->values_need(column_id::properties).size();
  };
  CHECK(parts_of(characters) == 1);
  CHECK(parts_of(characters / 2) == 2);
  CHECK(parts_of(characters / most_text_blocks * 2) <= most_text_blocks / 2 + 1);
  CHECK(parts_of(1) <= most_text_blocks);
}

TEST_CASE("a large segment's blocks fill the pages that they take") {
  constexpr std::size_t overflow_page = 4092;
  const auto framed_bytes = [](std::size_t content) {
    return frame({}, std::string(content, 'x')).size();
  };
  const std::size_t full = limits{}.stored_block_bytes;
  CHECK(framed_bytes(full) == framed_bytes(full - 1));
  CHECK(framed_bytes(full + 1) == framed_bytes(full) + overflow_page);

  std::vector<event::record> events = some_events(5000);
  store::random_world random("words");
  random_stream ids("ids");
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].event_id = make_uuid_v4(ids);
    events[i].url = "https://example.com/?q=";
    for (int n = 0; n < 40; ++n) *events[i].url += static_cast<char>('a' + random.below(26));
  }
  opened s(events, limits{});
  check_rows(s, events, {0, 1, 999, 4999});
  for (const column_id c : {column_id::event_id, column_id::url}) {
    const std::vector<chunk_place> blocks = s->values_need(c);
    REQUIRE(blocks.size() > 3);
    for (const chunk_place& at : blocks) {
      CHECK(s->chunk(at).size() <= full);
      if (at != blocks.back()) CHECK(s->chunk(at).size() > full * 3 / 4);
    }
  }
}

TEST_CASE("texts of any sizes are in no more blocks than there are parts for") {
  std::vector<event::record> events = some_events(5000);
  // Of which two do not go into a block, but for its least.
  for (std::size_t i = 0; i < events.size(); ++i)
    events[i].properties = "{\"n\":\"" + std::to_string(10'000 + i) +
                           std::string(i % 10 == 0   ? 3'000
                                       : i % 10 == 5 ? 2'000
                                                     : 1,
                                       'x') +
                           "\"}";
  limits l;
  l.block_values = events.size();
  l.block_bytes = 1;
  for (const std::size_t stored : {1, 100, 8155}) {
    l.stored_block_bytes = stored;
    opened s(events, l);
    check_rows(s, events, {0, 1, 999, 4999});
    CHECK(s->values_need(column_id::properties).size() <= most_text_blocks);
  }
}
