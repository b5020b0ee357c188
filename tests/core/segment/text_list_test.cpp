#include "segment/text_list.h"

#include "../catch.h"
#include "base/bytes.h"
#include "segment/format.h"

using namespace millimetric;
using namespace millimetric::segment;

namespace {

// A list of `count` empty texts, which takes 11 bytes whatever the count.
std::string empty_texts(std::uint32_t count) {
  std::string out;
  byte_writer w(out);
  w.u8(2);  // raw
  w.u32(count);
  w.u8(0);   // width of the lengths that are shared
  w.u8(0);   // and of the others
  w.u32(0);  // characters
  return out;
}

}  // namespace

TEST_CASE("a list with more texts than a segment has rows is none") {
  texts values;
  std::vector<std::uint64_t> hashes;
  CHECK(decode_texts(empty_texts(max_events), values));
  CHECK(values.size() == max_events);
  values.clear();
  CHECK_FALSE(decode_texts(empty_texts(max_events + 1), values));
  CHECK_FALSE(decode_texts(empty_texts(16'000'000), values));
  CHECK_FALSE(hash_texts(empty_texts(max_events + 1), hashes));
  CHECK(values.size() == 0);
}
