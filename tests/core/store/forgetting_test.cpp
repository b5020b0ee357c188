// Forgetting goes by bounded steps, and is resumed by whoever comes next.

#include "native/forgetting.h"

#include "../catch.h"
#include "faults.h"
#include "history.h"

using namespace millimetric;
using namespace millimetric::store;
using native::native_host;

namespace {

const std::string project = "prj";
constexpr millis now = random_world::last;
const std::size_t full = tiny_limits().events;

// Nothing is merged, so that each append is a segment.
struct site {
  native_host host{{.upkeep = native::upkeep_runs::when_told, .limits = tiny_limits()}};
  native_host rows{{.store = native::store_kind::sql}};
  std::size_t events = 0;

  site() { host.now = rows.now = now; }

  // One of theirs beside others': as many events as the segment is to have.
  void append(const event::record& theirs, std::size_t of) {
    append_records request;
    request.events.push_back(theirs);
    while (request.events.size() < of) {
      event::record& r = request.events.emplace_back();
      r.event_name = "other";
      r.anonymous_id = "other-" + std::to_string(request.events.size());
    }
    for (event::record& r : request.events) {
      r.event_id = "event-" + std::to_string(++events);
      r.timestamp = now - static_cast<millis>(events);
    }
    REQUIRE(host.ask<append_answer>(project, operation::append, request));
    REQUIRE(rows.ask<append_answer>(project, operation::append, request));
  }
  forget_answer step(const forget_request& whom) {
    const auto answer = host.ask<forget_answer>(project, operation::forget, whom);
    REQUIRE(answer);
    return *answer;
  }
  std::size_t left() {
    const auto s = host.ask<storage_answer>(project, operation::storage, storage_request{});
    REQUIRE(s);
    return s->events;
  }
};

event::record by_visitor(std::string name, std::string who, std::optional<std::string> user = {}) {
  event::record r;
  r.event_name = std::move(name);
  r.anonymous_id = std::move(who);
  r.user_id = std::move(user);
  return r;
}

}  // namespace

TEST_CASE("a step of forgetting writes as many events anew as a full segment has") {
  const forget_request whom{std::nullopt, "visitor"};
  // Of what is written before the last segment, and with whether that one waits for another step.
  for (const auto& [before, waits] : {std::pair(full - 1, false), std::pair(full, true)}) {
    site s;
    s.append(by_visitor("seen", "visitor"), 2);  // the later one in time
    s.append(by_visitor("seen", "visitor"), before);
    const forget_answer first = s.step(whom);
    CHECK(first.more == waits);
    CHECK(first.deleted == (waits ? 1 : 2));
    CHECK(s.left() == s.events - first.deleted);
    const forget_answer second = s.step({std::nullopt, "visitor", first.deleted});
    CHECK_FALSE(second.more);
    CHECK(second.deleted == 2);
    CHECK(s.left() == s.events - 2);
  }
}

TEST_CASE("what holds nothing of the visitor does not make a step of forgetting longer") {
  site s;
  s.append(by_visitor("seen", "visitor"), full);
  for (int i = 0; i < 3; ++i) s.append(by_visitor("seen", "somebody"), full);
  CHECK_FALSE(s.step({std::nullopt, "visitor"}).more);
}

TEST_CASE("a user who is forgotten step by step keeps what they were identified as to the last") {
  for (std::size_t evicted = 0; evicted < 2; ++evicted) {
    site s;
    // Each is known to be the user by a segment that has another's events too.
    for (const auto& [seen, known] :
         {std::pair("a", "b"), std::pair("b", "c"), std::pair("c", "a")}) {
      s.append(by_visitor("$identify", known, "user"), full);
      s.append(by_visitor("seen", seen), full);
      s.append(by_visitor("bought", seen, "user"), full);
      s.append(by_visitor("seen", seen, "somebody else"), 1);
    }
    const forget_request whom{"user", std::nullopt};
    std::size_t steps = 1;
    std::size_t left = s.left();
    for (; s.step(whom).more; ++steps) {
      // Whoever begins anew has nothing to go by but what is left.
      if (evicted == 1) s.host.restart();
      REQUIRE(s.left() == --left);
    }
    CHECK(steps == 9);
    REQUIRE(s.rows.ask<forget_answer>(project, operation::forget, whom));
    CHECK(everything(s.host, project) == everything(s.rows, project));
  }
}
