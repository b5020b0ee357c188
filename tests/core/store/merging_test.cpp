// When a store asks to be woken for merging, and how much one merge takes.

#include <set>

#include "../catch.h"
#include "native/native_host.h"
#include "random_events.h"
#include "store/protocol.h"

using namespace millimetric;
using namespace millimetric::store;

namespace {

const std::string project = "prj";
constexpr std::size_t least_inputs = 8;   // of a merge
constexpr std::size_t most_inputs = 128;  // likewise
constexpr millis merge_pause = 4000;

struct waiting_store {
  native::native_host host;
  random_world world{"merging"};
  std::vector<millis> waits;  // that were asked for

  explicit waiting_store(const segment::limits& limits = {})
      : host({.upkeep = native::upkeep_runs::when_told, .limits = limits}) {
    host.now = random_world::last;
    host.fails = [this](std::string_view, const host::effect& what) {
      if (const auto* wake = std::get_if<host::wake_effect>(&what)) waits.push_back(wake->after_ms);
      return false;
    };
  }
  // Each by itself, so each is a segment.
  void append(std::size_t events) {
    for (; events > 0; --events)
      REQUIRE(host.ask<append_answer>(project, operation::append,
                                      append_records{bucket::none, {world.event()}}));
  }
  std::size_t segments() {
    const auto a = host.ask<storage_answer>(project, operation::storage, storage_request{});
    REQUIRE(a);
    return a->small_segments + a->large_segments;
  }
};

}  // namespace

TEST_CASE("a store waits for more events before it merges") {
  waiting_store s;
  s.append(least_inputs - 1);
  CHECK(s.waits.empty());
  s.append(1);
  REQUIRE(s.waits.size() == 1);
  CHECK(s.waits.front() >= merge_pause);
  CHECK(s.waits.front() < 2 * merge_pause);
  s.append(least_inputs);
  CHECK(s.waits.size() == 1);
}

TEST_CASE("a store that waits for more events waits no longer when there are enough") {
  waiting_store s;
  s.append(least_inputs + most_inputs - 1);
  CHECK(s.waits.size() == 1);
  s.append(1);
  REQUIRE(s.waits.size() == 2);
  CHECK(s.waits.back() == 0);
  s.append(2 * most_inputs);
  CHECK(s.waits.size() == 2);
  s.host.run_upkeep(project, 1);
  REQUIRE(s.waits.size() == 3);
  CHECK(s.waits.back() == 0);
}

TEST_CASE("a store that waits for more events merges at once what fills its memory") {
  waiting_store s;
  random_stream noise("full");
  const auto append = [&] {
    append_records request;
    for (int i = 0; i < 100; ++i) {
      event::record& e = request.events.emplace_back(s.world.event());
      e.properties.clear();
      while (e.properties.size() < 8000) e.properties += static_cast<char>('0' + noise.next() % 75);
    }
    REQUIRE(s.host.ask<append_answer>(project, operation::append, std::move(request)));
  };
  for (std::size_t n = 0; n < least_inputs; ++n) append();
  REQUIRE(s.waits.size() == 1);
  CHECK(s.waits.front() > 0);
  for (std::size_t n = 0; n < 2 * least_inputs && s.waits.size() == 1; ++n) append();
  REQUIRE(s.waits.size() == 2);
  CHECK(s.waits.back() == 0);
}

TEST_CASE("a store merges at once what waiting would make no larger") {
  segment::limits limits;
  limits.events = 4;
  waiting_store s(limits);
  s.append(4);
  CHECK(s.waits == std::vector<millis>{0});
}

TEST_CASE("one merge takes many small segments, but not more than it may") {
  waiting_store s;
  s.append(most_inputs + 2);
  s.host.run_upkeep(project, 1);
  CHECK(s.segments() == 3);
}

TEST_CASE("a store that has fallen behind merges more at a time") {
  const auto steps_with = [](std::size_t text_bytes) {
    segment::limits limits;
    limits.upkeep_rows = 1000;
    waiting_store s(limits);
    random_stream noise("noise");
    for (int batch = 0; batch < 20; ++batch) {
      std::vector<event::record> events;
      for (int i = 0; i < 60; ++i) {
        event::record& e = events.emplace_back(s.world.event());
        std::string text;
        while (text.size() < text_bytes) text += static_cast<char>('0' + noise.next() % 75);
        e.properties = text;
      }
      REQUIRE(s.host.ask<append_answer>(project, operation::append,
                                        append_records{bucket::none, std::move(events)}));
    }
    REQUIRE(s.segments() == 20);
    std::size_t steps = 0;
    for (; steps < 1000 && s.segments() > 1; ++steps) s.host.run_upkeep(project, 1);
    return steps;
  };
  const std::size_t usual = steps_with(10);
  CHECK(usual > 8);
  CHECK(steps_with(8000) <= usual / 2);
}

// A row of the database holds 2 MB.
TEST_CASE("a store merges also where there would be too much for a row") {
  segment::limits limits;
  limits.small_events = limits.sealed_events = 1000;
  const auto merge = [&](auto change) {
    waiting_store s(limits);
    std::set<std::string> names;
    for (std::size_t batch = 0; batch < least_inputs; ++batch) {
      append_records request;
      for (std::size_t i = 0; i < 375; ++i) {
        event::record& e = request.events.emplace_back(s.world.event());
        e.timestamp = random_world::last - 1;
        e.properties = "{}";
        change(e, batch * 375 + i);
        names.insert(e.event_name);
      }
      REQUIRE(s.host.ask<append_answer>(project, operation::append, std::move(request)));
    }
    REQUIRE(s.segments() == least_inputs);
    s.host.run_upkeep(project, 1000);
    CHECK(s.segments() == 1);
    query::aggregate_question q;
    q.in.range = {0, query::end_of_time};
    q.group_by = {query::column::event_name};
    const auto counted = s.host.ask<query::aggregate_partial>(project, operation::aggregate, q);
    REQUIRE(counted);
    CHECK(counted->groups.size() == names.size());
  };
  SECTION("of the names of its events") {
    merge([](event::record& e, std::size_t n) {
      e.event_name = std::to_string(n / 10) + std::string(8000, 'n');
    });
  }
  SECTION("of its sources and mediums, of which there are many pairs") {
    merge([](event::record& e, std::size_t n) {
      e.source = std::to_string(n % 60) + std::string(1900, 's');
      e.medium = std::to_string(n / 60);
    });
  }
  SECTION("of events by day and name") {
    merge([](event::record& e, std::size_t n) {
      e.event_name = std::to_string(n);
      e.timestamp -= static_cast<millis>(n % 87) * day_ms;
    });
  }
  SECTION("of chunks that are in the segment's row") {
    limits.least_apart = 1024UL * 1024;
    random_stream noise("noise");
    merge([&](event::record& e, std::size_t) {
      for (int i = 0; i < 100; ++i) e.properties += std::to_string(noise.next());
    });
  }
}
