#include "store/catalog.h"

#include "../catch.h"
#include "base/bytes.h"
#include "base/hash.h"

using namespace millimetric;
using namespace millimetric::store;

namespace {

segment_ref large_of(std::int64_t id, std::size_t chunks) {
  segment_entry s;
  s.id = id;
  s.head.chunks.resize(chunks);
  return std::make_shared<const segment_entry>(std::move(s));
}

segment_ref small_of(std::int64_t id, std::size_t chunks, std::string body) {
  segment_row row;
  row.head.chunks.resize(chunks);
  row.body = std::move(body);
  segment_entry s;
  s.id = id;
  s.row = std::make_shared<const segment_row>(std::move(row));
  return std::make_shared<const segment_entry>(std::move(s));
}

segment::chunk_entry chunk_of(segment::column_id column, std::uint8_t part, std::uint32_t size,
                              bool apart) {
  segment::chunk_entry out;
  out.column = static_cast<std::uint8_t>(column);
  out.part = part;
  out.size = size;
  out.apart = apart;
  return out;
}

// The row of a segment with two columns, one of them apart, and the summary.
segment_row large_row() {
  segment_row out;
  out.head.events = 40'000;
  out.head.first = 1'000;
  out.head.last = 2'000;
  out.head.last_arrival = 70'000;
  out.head.last_received = 3'000;
  out.head.raw_bytes = 9'000'000;
  out.head.chunks = {chunk_of(segment::column_id::timestamp, 0, 5'000, true),
                     chunk_of(segment::column_id::event_name, 0, 300, false),
                     chunk_of(segment::column_id::summary, 2, 70, false)};
  out.body = std::string(370, 'x');
  return out;
}

std::string listed(const segment_entry& s) {
  return std::get<host::blob>(sql::list_segment(s).params[1]).bytes;
}

}  // namespace

TEST_CASE("what the list of segments holds in memory is known, of large ones too") {
  catalog all;
  all.add(large_of(1, 500));
  const std::size_t large = all.bytes();
  CHECK(all.row_bytes() == 0);
  CHECK(large >= 500 * 16);
  CHECK(large <= 500 * 16 + 512);
  all.add(small_of(2, 20, std::string(3000, 'x')));
  CHECK(all.row_bytes() >= 3000 + 20 * 16);
  CHECK(all.bytes() - large >= all.row_bytes());
  all.remove(2);
  CHECK(all.bytes() == large);
  all.remove(1);
  CHECK(all.bytes() == 0);
  all.add(small_of(3, 1, "x"));
  all.clear();
  CHECK(all.bytes() == 0);
}

TEST_CASE("of a large segment the list has all but the chunks of its events' columns") {
  const segment_ref s = make_entry(7, large_row());
  CHECK_FALSE(s->is_small());
  const segment_ref read = read_listed(7, listed(*s));
  REQUIRE(read != nullptr);
  for (const segment_ref& each : {s, read}) {
    CHECK(each->id == 7);
    CHECK(each->row == nullptr);
    CHECK(each->found == segment::damage::none);
    CHECK(each->stored_bytes == 5'370);
    CHECK(each->head.events == 40'000);
    CHECK(each->head.first == 1'000);
    CHECK(each->head.last == 2'000);
    CHECK(each->head.last_arrival == 70'000);
    CHECK(each->head.last_received == 3'000);
    CHECK(each->head.raw_bytes == 9'000'000);
    REQUIRE(each->head.chunks.size() == 1);
    const auto* summary = each->head.find(segment::column_id::summary, 2);
    REQUIRE(summary != nullptr);
    CHECK(summary->size == 70);
  }
}

TEST_CASE("a small segment's entry has its row, and a damaged one's nothing of its chunks") {
  segment_row row = large_row();
  row.head.chunks.erase(row.head.chunks.begin());
  const segment_ref small = make_entry(8, row);
  REQUIRE(small->is_small());
  CHECK(small->row->head.chunks.size() == 2);
  CHECK(small->row->body.size() == 370);
  const segment_row damaged = read_row("no segment");
  CHECK(damaged.found == segment::damage::checksum);
  CHECK(make_entry(9, damaged)->found == segment::damage::checksum);
  CHECK_FALSE(make_entry(9, damaged)->is_small());
  CHECK(make_entry(9, damaged)->stored_bytes == 0);
}

TEST_CASE("what is listed and damaged, cut, or of another version is not believed") {
  const std::string whole = listed(*make_entry(7, large_row()));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] ^= 4;
    CHECK(read_listed(7, bytes) == nullptr);
    CHECK(read_listed(7, whole.substr(0, at)) == nullptr);
  }
  CHECK(read_listed(7, whole + "x") == nullptr);
  std::string newer = whole;
  newer[4] = 2;  // the version, first in the record behind its length
  const std::string_view record = std::string_view(newer).substr(4, newer.size() - 12);
  std::string sealed = newer.substr(0, newer.size() - 8);
  byte_writer(sealed).u64(hash64(record));
  CHECK(read_listed(7, sealed) == nullptr);
}

TEST_CASE("a directory's entries are read back at their limits") {
  segment::header head;
  head.events = segment::max_events;
  segment::chunk_entry entry;
  entry.checksum = ~std::uint64_t{0};
  entry.size = 0x7FFFFFFF;
  entry.apart = true;
  entry.first = segment::max_events - 1;
  entry.column = 255;
  entry.part = 255;
  head.chunks.push_back(entry);
  head.chunks.emplace_back().size = 1;
  const auto read = segment::decode_header(segment::encode_header(head));
  REQUIRE(read.found == segment::damage::none);
  REQUIRE(read.head.chunks.size() == 2);
  const segment::chunk_entry& first = read.head.chunks.front();
  CHECK(first.checksum == entry.checksum);
  CHECK(first.size == 0x7FFFFFFF);
  CHECK(first.apart);
  CHECK(first.first == 65'535);
  CHECK(first.column == 255);
  CHECK(first.part == 255);
  CHECK(read.head.chunks.back().size == 1);
  CHECK_FALSE(read.head.chunks.back().apart);
}
