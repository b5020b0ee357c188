#include "store/catalog.h"

#include "../catch.h"

using namespace millimetric;
using namespace millimetric::store;

namespace {

segment_ref segment_of(std::int64_t id, std::size_t chunks, std::string body) {
  segment_entry s;
  s.id = id;
  s.head.chunks.resize(chunks);
  s.body = std::move(body);
  return std::make_shared<const segment_entry>(std::move(s));
}

}  // namespace

TEST_CASE("what the list of segments holds in memory is known, of large ones too") {
  catalog all;
  all.add(segment_of(1, 500, ""));
  const std::size_t large = all.bytes();
  CHECK(all.body_bytes() == 0);
  CHECK(large >= 500 * 16);
  CHECK(large <= 500 * 16 + 512);
  all.add(segment_of(2, 20, std::string(3000, 'x')));
  CHECK(all.body_bytes() == 3000);
  CHECK(all.bytes() - large >= 3000 + 20 * 16);
  all.remove(2);
  CHECK(all.bytes() == large);
  all.remove(1);
  CHECK(all.bytes() == 0);
  all.add(segment_of(3, 1, "x"));
  all.clear();
  CHECK(all.bytes() == 0);
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
