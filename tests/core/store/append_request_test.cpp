#include "../catch.h"
#include "base/archive.h"
#include "random_events.h"
#include "store/protocol.h"

using namespace millimetric;
using namespace millimetric::store;

namespace {

std::string a_record() {
  random_world world("append request");
  append_request out{bucket::batch, {}};
  for (int i = 0; i < 3; ++i) out.events.push_back(world.event());
  return to_record(out);
}

}  // namespace

TEST_CASE("an append's events are read as they were written") {
  const std::string record = a_record();
  const auto read = read_append_request(record);
  REQUIRE(read);
  CHECK(read->events.size() == 3);
  CHECK(to_record(*read) == record);
}

TEST_CASE("an append that is cut off anywhere, or goes on behind its end, is none") {
  const std::string record = a_record();
  for (std::size_t size = 0; size < record.size(); ++size)
    REQUIRE_FALSE(read_append_request(std::string_view(record).substr(0, size)));
  CHECK_FALSE(read_append_request(record + '\0'));
}

TEST_CASE("an append of more events than its bytes can hold claims no memory for them") {
  std::string record = a_record();
  record.replace(1, 4, "\xFF\xFF\xFF\xFF");  // their number, behind the bucket
  CHECK_FALSE(read_append_request(record));
}
