#include "../catch.h"
#include "base/archive.h"
#include "native/native_host.h"
#include "random_events.h"
#include "store/protocol.h"

using namespace millimetric;
using namespace millimetric::store;

namespace {

std::vector<event::record> some_events() {
  random_world world("append request");
  std::vector<event::record> out;
  for (int i = 0; i < 5; ++i) out.push_back(world.event());
  out.push_back(out.front());
  return out;
}

// Without the operation, as a store reads it.
std::string body_of(const std::vector<event::record>& events) {
  return encode_request(operation::append, append_records{bucket::batch, events}).substr(1);
}

}  // namespace

TEST_CASE("an append's events are read as they were written") {
  const std::vector<event::record> events = some_events();
  const std::string body = body_of(events);
  const auto read = read_append_request(body);
  REQUIRE(read);
  CHECK(read->draws_from == bucket::batch);
  const std::vector<event::record> again = records_of(read->events);
  REQUIRE(again.size() == events.size());
  for (std::size_t i = 0; i < events.size(); ++i)
    CHECK(to_record(again[i]) == to_record(events[i]));
}

TEST_CASE("a text that several events have is written once") {
  std::vector<event::record> events = some_events();
  const std::string one = body_of({events.front()});
  events.assign(100, events.front());
  const std::size_t per_event = 8 + 1 + 4 + events.front().event_id.size() + 2 * 18;
  CHECK(body_of(events).size() == one.size() + 99 * per_event);
}

TEST_CASE("an append that is cut off anywhere, or goes on behind its end, is none") {
  const std::string body = body_of(some_events());
  for (std::size_t size = 0; size < body.size(); ++size)
    REQUIRE_FALSE(read_append_request(std::string_view(body).substr(0, size)));
  CHECK_FALSE(read_append_request(body + '\0'));
}

TEST_CASE("an append of more events or texts than its bytes can hold claims no memory for them") {
  const std::string body = body_of(some_events());
  for (const std::size_t at : {std::size_t{1}, 1 + 4 + some_events().size() * 9}) {
    std::string more = body;
    more.replace(at, 4, "\xFF\xFF\xFF\xFF");  // how many events there are, and names
    CHECK_FALSE(read_append_request(more));
  }
}

TEST_CASE("an append whose rows name texts that it does not have is none") {
  const std::vector<event::record> events = some_events();
  auto columns = columns_of(events);
  auto& names = columns.texts.front();
  const auto is_read = [&] {
    const std::string record = encode_append_request({bucket::none, columns});
    return read_append_request(std::string_view(record).substr(1)).has_value();
  };
  CHECK(is_read());
  names.numbers.back() = static_cast<std::uint16_t>(names.values.size() - 1);
  CHECK(is_read());
  names.numbers.back() = static_cast<std::uint16_t>(names.values.size());
  CHECK_FALSE(is_read());
  names.numbers.back() = segment::text_column::null_number;
  CHECK(is_read());
}

TEST_CASE("an append by rows, of a gateway of a version before, is refused as unreadable") {
  native::native_host host;
  const auto answer = decode_answer<append_answer>(
      host.ask_store("prj", std::string(1, static_cast<char>(operation::append_rows)) + "1234"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == error_code::internal_error);
}
