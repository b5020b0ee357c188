// What stores do when they are resharded, step by step.

#include "../catch.h"
#include "../store/random_events.h"
#include "native/world.h"
#include "store/layout.h"

using namespace millimetric;
using namespace millimetric::native;
using namespace millimetric::store;

namespace {

struct shop {
  shop() {
    host.now = test_now;
    append_records request;
    for (int i = 0; i < 2500; ++i) {
      request.events.push_back(random.event());
      if (request.events.size() < 500) continue;
      REQUIRE(host.ask<append_answer>("old", operation::append, request));
      request.events.clear();
    }
  }
  result<shard_answer> step(const std::string& store, shard_step what, millis seal_ms = 0,
                            std::int64_t generation = 1) {
    shard_request request;
    request.step = what;
    request.to = {generation, 1};
    request.sources = 1;
    request.seal_ms = seal_ms;
    return host.ask<shard_answer>(store, operation::shard, request);
  }
  copied_events page(std::int64_t after) {
    auto got = host.ask<copied_events>("old", operation::copy_out, copy_out_request{after});
    REQUIRE(got);
    return *got;
  }
  result<shard_answer> copy(const copied_events& page, const std::string& store = "new") {
    return host.ask<shard_answer>(store, operation::copy_in, page);
  }
  std::uint64_t events(const std::string& store) { return step(store, shard_step::look)->events; }
  // As a gateway sees it.
  std::optional<refusal> refusal_of_append(const std::string& store) {
    return refusal_of(host.ask_store(store, encode_request(operation::append, append_records{})));
  }

  native_host host;
  random_world random{"copying"};
};

}  // namespace

TEST_CASE("pages of a source are in the order of arrival, without gaps, and end") {
  shop s;
  std::int64_t after = 0;
  std::size_t events = 0;
  int pages = 0;
  for (;;) {
    const copied_events p = s.page(after);
    CHECK(p.after == after);
    for (const auto& e : p.events) {
      CHECK(e.arrival > after);
      CHECK(e.received == test_now);
      after = e.arrival;
    }
    events += p.events.size();
    if (p.events.empty()) break;
    CHECK(p.up_to == after);
    ++pages;
  }
  CHECK(events == 2500);
  CHECK(pages == 3);
}

TEST_CASE("a target takes each event once, whatever is repeated, and nothing with a gap") {
  shop s;
  CHECK(refusal_of(s.host.ask_store("new", encode_request(operation::copy_in, s.page(0)))));
  REQUIRE(s.step("new", shard_step::prepare));
  const copied_events first = s.page(0);
  CHECK_FALSE(s.copy(s.page(first.up_to)));
  REQUIRE(s.copy(first));
  REQUIRE(s.copy(first));
  CHECK(s.events("new") == first.events.size());
  copied_events overlapping = s.page(10);
  REQUIRE(s.copy(overlapping));
  CHECK(s.events("new") == 1010);
  s.host.restart();
  CHECK(s.step("new", shard_step::prepare)->state.copied == std::vector<std::int64_t>{1010});
  for (std::int64_t after = 1010; after < 2500; after = s.page(after).up_to)
    REQUIRE(s.copy(s.page(after)));
  CHECK(s.events("new") == 2500);
  // Another source is not known here.
  overlapping.source = 1;
  CHECK_FALSE(s.copy(overlapping));
}

TEST_CASE("a target refuses events and questions until it is activated, and pages from then on") {
  shop s;
  REQUIRE(s.step("new", shard_step::prepare));
  CHECK(s.refusal_of_append("new"));
  CHECK(refusal_of(s.host.ask_store("new", encode_request(operation::schema, schema_request{}))));
  REQUIRE(s.copy(s.page(0)));
  CHECK(s.step("new", shard_step::activate)->state.is == standing::serving);
  CHECK_FALSE(s.refusal_of_append("new"));
  CHECK_FALSE(s.copy(s.page(1000)));
  for (const auto late : {shard_step::prepare, shard_step::abandon, shard_step::empty})
    CHECK(s.step("new", late)->state.is == standing::serving);
  CHECK(s.events("new") == 1000);
}

TEST_CASE("an abandoned store takes no pages ever again, and is emptied") {
  shop s;
  REQUIRE(s.step("new", shard_step::prepare));
  REQUIRE(s.copy(s.page(0)));
  for (const auto late : {shard_step::abandon, shard_step::prepare, shard_step::activate}) {
    CHECK(s.step("new", late)->state.is == standing::abandoned);
    s.host.restart();
  }
  CHECK_FALSE(s.copy(s.page(1000)));
  for (int i = 0; i < 20; ++i) REQUIRE(s.step("new", shard_step::empty));
  CHECK(s.events("new") == 0);
  // One that was never prepared, too: a page on its way comes too late.
  CHECK(s.step("newer", shard_step::abandon)->state.is == standing::abandoned);
  CHECK(s.step("newer", shard_step::prepare)->state.is == standing::abandoned);
}

TEST_CASE("seals end by themselves, or by a newer generation when they are for good") {
  shop s;
  const auto sealed = [&] { return s.refusal_of_append("old").has_value(); };
  REQUIRE(s.step("old", shard_step::seal, 1000));
  CHECK(sealed());
  s.host.now += 999;
  CHECK(sealed());
  s.host.now += 1;
  CHECK_FALSE(sealed());
  REQUIRE(s.step("old", shard_step::seal, query::end_of_time));
  s.host.restart();
  CHECK(sealed());
  REQUIRE(s.step("old", shard_step::seal, 0));
  CHECK(sealed());
  REQUIRE(s.step("old", shard_step::seal, 0, 2));
  CHECK_FALSE(sealed());
  // A late seal of a generation that is no more does not count.
  REQUIRE(s.step("old", shard_step::seal, query::end_of_time, 1));
  CHECK_FALSE(sealed());
}

TEST_CASE("a source is moved only when it is sealed for good, and says where to") {
  shop s;
  CHECK(s.step("old", shard_step::move)->state.is == standing::serving);
  REQUIRE(s.step("old", shard_step::seal, 1000));
  CHECK(s.step("old", shard_step::move)->state.is == standing::serving);
  REQUIRE(s.step("old", shard_step::seal, query::end_of_time));
  CHECK(s.step("old", shard_step::move, 0, 2)->state.is == standing::serving);
  CHECK(s.step("old", shard_step::empty)->events == 2500);
  CHECK(s.step("old", shard_step::move)->state.is == standing::moved);
  s.host.restart();
  const auto why = s.refusal_of_append("old");
  REQUIRE(why);
  CHECK(why->moved_to == layout{1, 1});
  for (int i = 0; i < 20; ++i) REQUIRE(s.step("old", shard_step::empty));
  CHECK(s.events("old") == 0);
  CHECK(s.refusal_of_append("old"));
}

TEST_CASE("rows of a funnel come in parts that make the whole, or say that they are too many") {
  shop s;
  funnel_rows_request request;
  request.question.in.range = {0, query::end_of_time};
  request.question.steps = {{"$pageview", {}}, {"signup", {}}};
  request.question.by = query::identity::person;
  request.question.group_by = query::column::source;
  request.most = 100'000;
  const auto ask = [&] {
    auto got = s.host.ask<funnel_rows_answer>("old", operation::funnel_rows, request);
    REQUIRE(got);
    return *got;
  };
  const funnel_rows_answer whole = ask();
  CHECK(whole.rows.size() > 500);
  CHECK(std::is_sorted(whole.rows.begin(), whole.rows.end(),
                       [](const auto& a, const auto& b) { return a.at < b.at; }));
  std::size_t rows = 0;
  request.passes = 4;
  for (request.pass = 0; request.pass < 4; ++request.pass) {
    const funnel_rows_answer part = ask();
    for (const query::funnel_event& r : part.rows) CHECK((r.visitor >> 32) % 4 == request.pass);
    rows += part.rows.size();
  }
  CHECK(rows == whole.rows.size());
  request.pass = 0;
  request.passes = 1;
  request.most = static_cast<std::uint32_t>(whole.rows.size());
  CHECK_FALSE(ask().too_many);
  --request.most;
  CHECK(ask().too_many);
  CHECK(ask().rows.empty());
}
