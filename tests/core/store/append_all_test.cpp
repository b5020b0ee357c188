#include "../catch.h"
#include "native/native_host.h"
#include "random_events.h"
#include "store/protocol.h"

using namespace millimetric;
using namespace millimetric::store;

namespace {

constexpr millis now = 1'795'176'000'000;  // 2026-11-20T12:00:00Z

append_records request_of(std::size_t events, bucket from = bucket::none) {
  random_world world("appends that come together");
  append_records out{from, {}};
  for (std::size_t i = 0; i < events; ++i) out.events.push_back(world.event());
  return out;
}

append_records with_ids(const std::vector<std::string>& ids) {
  append_records out = request_of(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    out.events[i].event_id = ids[i];
    out.events[i].client_event_id = true;
  }
  return out;
}

struct one_store {
  native::native_host host;
  one_store() { host.now = now; }

  // "stored/duplicates" of each, or why not.
  std::vector<std::string> append(const std::vector<append_records>& requests) {
    std::vector<std::string> out;
    for (const auto& a : append_all(host, "prj", requests))
      out.push_back(!a ? a.error().message
                    : a->retry_after > 0
                        ? "in " + std::to_string(a->retry_after)
                        : std::to_string(a->stored) + "/" + std::to_string(a->duplicates));
    return out;
  }
  storage_answer storage() {
    return *host.ask<storage_answer>("prj", operation::storage, storage_request{});
  }
};

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the columns of several requests hold the events of all, in their order") {
  const std::vector<append_records> requests{request_of(5), request_of(1), request_of(30)};
  std::vector<segment::event_columns> columns;
  std::vector<event::record> events;
  for (const append_records& r : requests) {
    columns.push_back(columns_of(r.events));
    events.insert(events.end(), r.events.begin(), r.events.end());
  }
  const auto joined = segment::joined(std::vector{&columns[0], &columns[1], &columns[2]});
  const std::vector<event::record> again = records_of(joined);
  REQUIRE(again.size() == events.size());
  for (std::size_t i = 0; i < events.size(); ++i)
    CHECK(to_record(again[i]) == to_record(events[i]));
  // As if they had come in one request, byte by byte.
  CHECK(encode_append_request({bucket::none, joined}) ==
        encode_append_request({bucket::none, columns_of(events)}));
}

TEST_CASE("appends that come together become one segment, and each is told what is its own") {
  one_store s;
  CHECK(s.append({with_ids({"a", "b"}), with_ids({"b", "c", "c"}), with_ids({"a"}),
                  request_of(2)}) == texts{"2/0", "1/2", "0/1", "2/0"});
  CHECK(s.storage().events == 5);
  CHECK(s.storage().small_segments == 1);
  CHECK(s.append({with_ids({"c"}), with_ids({"b", "a"})}) == texts{"0/1", "0/2"});
  CHECK(s.storage().small_segments == 1);
  const auto usage =
      s.host.ask<query::summary_partial>("prj", operation::summary, summary_request{});
  REQUIRE(usage);
  CHECK(usage->events_of_month == 5);
}

TEST_CASE("of appends that come together each draws from its bucket by itself") {
  one_store s;
  const std::vector<append_records> many(21, request_of(1, bucket::batch));
  texts right(20, "1/0");
  right.emplace_back("in 200");
  CHECK(s.append(many) == right);
  CHECK(s.append({many.front(), request_of(1)}) == texts{"in 200", "1/0"});
  CHECK(s.append({many.front(), many.front()}) == texts{"in 200", "in 200"});
  CHECK(s.storage().events == 21);
}

TEST_CASE("one that cannot be read is refused, and the others are stored") {
  one_store s;
  const std::string good = encode_request(operation::append, request_of(3));
  const std::string bad = good.substr(0, good.size() - 1);
  const auto all = s.host.ask<append_all_answer>(
      "prj", operation::append_all, append_all_request{{good, bad, std::string_view(), good}});
  REQUIRE(all);
  REQUIRE(all->answers.size() == 4);
  for (const std::size_t i : {std::size_t{0}, std::size_t{3}})
    CHECK(decode_answer<append_answer>(all->answers[i])->stored == 3);
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}})
    CHECK(decode_answer<append_answer>(all->answers[i]).error().message ==
          "A record cannot be read.");
  CHECK(s.storage().events == 6);
  CHECK_FALSE(decode_answer<append_all_answer>(
      s.host.ask_store("prj", std::string(1, static_cast<char>(operation::append_all)) + "12")));
}

TEST_CASE("no more appends are stored in one segment than a row is for") {
  one_store s;
  CHECK(s.append({request_of(4000), request_of(96)}) == texts{"4000/0", "96/0"});
  CHECK(s.storage().small_segments == 1);
  CHECK(s.append({request_of(4000), request_of(97), request_of(1)}) ==
        texts{"4000/0", "97/0", "1/0"});
  CHECK(s.storage().small_segments == 3);
  CHECK(s.append({request_of(4097), request_of(1)}) == texts{"4097/0", "1/0"});
  CHECK(s.storage().small_segments == 5);
}

TEST_CASE("when storage fails, none of those that came together is stored, and all are told") {
  one_store s;
  s.host.fails = [](std::string_view, const host::effect&) { return true; };
  const auto failed = append_all(s.host, "prj", {request_of(1), request_of(2)});
  REQUIRE(failed.size() == 2);
  for (const auto& a : failed) CHECK(a.error().code == error_code::upstream_failed);
  s.host.fails = nullptr;
  CHECK(s.storage().events == 0);
  CHECK(s.append({request_of(1), request_of(2)}) == texts{"1/0", "2/0"});
}
