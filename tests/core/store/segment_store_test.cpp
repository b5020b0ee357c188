#include "store/segment_store.h"

#include <set>

#include "../catch.h"
#include "history.h"
#include "native/native_host.h"
#include "oracle.h"
#include "random_events.h"
#include "sql_store/sql_store.h"

using namespace millimetric;
using namespace millimetric::store;
using native::native_host;

namespace {

const std::string project = "prj";

// A store and its oracle, fed with the same events.
struct twins {
  native_host host;
  oracle expected;
  random_world random;

  twins(std::string_view seed, std::size_t events,
        native::store_kind kind = native::store_kind::segments, const segment::limits& limits = {})
      : host({.store = kind, .limits = limits}), random(seed) {
    host.now = random_world::last;
    // In requests of one and of many events, so that segments of several sizes are merged.
    for (std::size_t left = events; left > 0;) {
      const std::size_t n = std::min(left, random.one_in(2) ? 1 : 1 + random.below(60));
      add(n);
      left -= n;
    }
  }

  void add(std::size_t n) {
    append_records request;
    for (std::size_t i = 0; i < n; ++i) {
      event::record r = random.event();
      expected.add(r);
      request.events.push_back(std::move(r));
    }
    const auto answer = host.ask<append_answer>(project, operation::append, std::move(request));
    REQUIRE(answer);
    REQUIRE(answer->stored == n);
  }
  template <class Answer, class Question>
  Answer ask(operation op, const Question& q) {
    auto answer = host.ask<Answer>(project, op, q);
    REQUIRE(answer);
    return std::move(*answer);
  }
  void check(const query::aggregate_question& q) {
    const auto got = ask<query::aggregate_partial>(operation::aggregate, q);
    REQUIRE(text_of(got, q.of) == expected.aggregate(q));
  }
  void check(const query::funnel_question& q) {
    REQUIRE(text_of(ask<query::funnel_partial>(operation::funnel, q)) == expected.funnel(q));
  }
  void check(const query::page_question& q) {
    REQUIRE(text_of(ask<query::page_partial>(operation::page, q)) == text_of(expected.page(q)));
  }
};

}  // namespace

TEST_CASE("counts and distinct values are right for random events and questions") {
  twins t("aggregates", 700);
  for (int i = 0; i < 300; ++i) t.check(t.random.aggregate());
}

TEST_CASE("the oracle of plain rows is right for random events and questions") {
  twins t("rows", 300, native::store_kind::sql);
  for (int i = 0; i < 100; ++i) {
    t.check(t.random.aggregate());
    t.check(t.random.funnel());
    t.check(t.random.page(300));
  }
}

TEST_CASE("every metric, interval and group column is right over everything") {
  twins t("everything", 400);
  for (std::size_t m = 0; m < 4; ++m) {
    for (std::size_t i = 0; i < 5; ++i) {
      query::aggregate_question q;
      q.in.range = {random_world::first, random_world::last};
      q.of = static_cast<query::metric>(m);
      q.every = static_cast<query::interval>(i);
      q.paid = i % 2 == 0;
      t.check(q);
      for (const query::column_entry& c : query::columns) {
        q.group_by = {c.col};
        t.check(q);
      }
    }
  }
}

TEST_CASE("funnels are right for random events and questions, by every identity") {
  twins t("funnels", 500);
  for (int i = 0; i < 300; ++i) t.check(t.random.funnel());
}

TEST_CASE(
    "a funnel of more events than fit in memory is right, but for a visitor who has too many") {
  constexpr std::size_t events = 500;
  constexpr std::size_t at_once = 150;  // of 12 visitors, who are fewer persons
  segment::limits limits;
  limits.funnel_events = at_once;
  twins t("passes", events, native::store_kind::segments, limits);
  for (int i = 0; i < 300; ++i) t.check(t.random.funnel());

  // Every event is a step of one who has more of them than fit; with a window all are needed.
  query::funnel_question q;
  q.window = 10'000 * day_ms;
  q.in.range = {0, query::end_of_time};
  q.steps = {{"again", std::nullopt}, {"again", std::nullopt}};
  append_records request;
  for (std::size_t i = 0; i <= at_once; ++i) {
    event::record& r = request.events.emplace_back(t.random.event());
    r.anonymous_id = "busy";
    r.event_name = "again";
  }
  const auto ask = [&](std::size_t of_them) {
    append_records some;
    some.events.assign(request.events.begin(),
                       request.events.begin() + static_cast<std::ptrdiff_t>(of_them));
    request.events.erase(request.events.begin(),
                         request.events.begin() + static_cast<std::ptrdiff_t>(of_them));
    REQUIRE(t.host.ask<append_answer>(project, operation::append, some));
    return t.host.ask<query::funnel_partial>(project, operation::funnel, q);
  };
  const auto fits = ask(at_once);
  REQUIRE(fits);
  CHECK(fits->groups.front().visitors == std::vector<std::uint64_t>{1, 1});
  const auto refused = ask(1);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == error_code::invalid_params);
  CHECK(refused.error().message ==
        "too many visitors at once for one funnel: narrow the range or add filters");
  q.window.reset();
  const auto without = t.host.ask<query::funnel_partial>(project, operation::funnel, q);
  REQUIRE(without);
  CHECK(without->groups.front().visitors == std::vector<std::uint64_t>{1, 1});
}

TEST_CASE("pages are right for random events and questions") {
  twins t("pages", 300);
  for (int i = 0; i < 200; ++i) t.check(t.random.page(300));
}

TEST_CASE("pages that end by their bytes have an event at least, and what comes behind is told") {
  twins t("bytes", 300, native::store_kind::segments, tiny_limits());
  for (int i = 0; i < 50; ++i) {
    query::page_question whole = t.random.page(300);
    whole.limit = 300;
    query::page_question q = whole;
    q.limit = 1 + static_cast<std::uint32_t>(t.random.below(40));
    q.most_bytes = 1 + static_cast<std::uint32_t>(t.random.below(3000));
    query::page_partial all;
    for (bool more = true; more;) {
      query::page_partial page = t.ask<query::page_partial>(operation::page, q);
      REQUIRE((page.events.size() <= q.limit && (!page.events.empty() || !page.more)));
      more = page.more;
      for (query::stored_event& e : page.events) {
        q.after = {e.what.timestamp, e.arrival};
        all.events.push_back(std::move(e));
      }
    }
    REQUIRE(text_of(all) == text_of(t.expected.page(whole)));
  }
}

TEST_CASE(
    "one visitor's events are read in few rounds, and what they were picked from is not kept") {
  segment::limits limits = tiny_limits();
  limits.least_apart = 1;
  limits.segments_together = 4;
  limits.rows_at_once = 1000;
  twins t("rounds", 0, native::store_kind::segments, limits);
  for (int i = 0; i < 40; ++i) t.add(limits.small_events);
  const auto segments = [&](const std::string& which) {
    const std::string large = "(SELECT key >> 8 & 0xFFFFFFFF FROM chunks)";
    return t.host.events_of(project)
        .ask("SELECT COUNT(*) FROM segments WHERE id " + which + large, {})
        .integer(0, 0);
  };
  REQUIRE(segments("IN") == 7);
  REQUIRE(segments("NOT IN") == 1);  // is in memory
  constexpr int groups = 2;
  query::page_question q;
  q.in.range = {0, query::end_of_time};
  q.in.filters = {{query::column::anonymous_id, {t.random.event().anonymous_id}}};
  q.limit = 1000;
  int rounds = 0;
  t.host.fails = [&](std::string_view, const host::effect& e) {
    rounds += std::holds_alternative<host::sql_effect>(e) ? 1 : 0;
    return false;
  };
  t.check(q);
  constexpr int index = 1;
  constexpr int open = groups;      // the segments' rows, which are kept
  constexpr int find = 2 * groups;  // what selects rows, then their places in time
  constexpr int read = 2 * groups;  // codes, then values
  CHECK(rounds == index + open + find + read);
  rounds = 0;
  --q.limit;
  t.check(q);
  CHECK(rounds == index + read);
}

TEST_CASE("explanations are right for random scopes") {
  twins t("explanations", 300);
  for (int i = 0; i < 100; ++i) {
    const explain_request q{t.random.scope(), {"signup", "sign up", "", "$pageview", "it's"}};
    const auto got = t.ask<query::explanation>(operation::explain, q);
    REQUIRE(text_of(got) == text_of(t.expected.explain(q.in, q.events)));
  }
}

TEST_CASE("answers stay right while events arrive and expire between repeated questions") {
  twins t("changes", 50);
  std::vector<query::aggregate_question> aggregates;
  std::vector<query::funnel_question> funnels;
  std::vector<query::page_question> pages;
  for (int i = 0; i < 5; ++i) {
    aggregates.push_back(t.random.aggregate());
    funnels.push_back(t.random.funnel());
    pages.push_back(t.random.page(50));
  }
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 15; ++i) {
      // The same questions again and again, with edges that move a little or lie on an event.
      const auto& events = t.expected.events();
      const auto moved = [&](query::scope& in) {
        millis& edge = t.random.one_in(2) ? in.range.from : in.range.to;
        edge += static_cast<millis>(t.random.below(3)) * hour_ms - hour_ms;
        if (!events.empty() && t.random.one_in(3))
          edge = events[t.random.below(events.size())].what.timestamp +
                 static_cast<millis>(t.random.below(3)) - 1;
        if (in.range.from > in.range.to) std::swap(in.range.from, in.range.to);
      };
      const std::size_t which = t.random.below(5);
      moved(aggregates[which].in);
      t.check(aggregates[which]);
      moved(funnels[which].in);
      t.check(funnels[which]);
      moved(pages[which].in);
      t.check(pages[which]);
    }
    if (t.random.one_in(2)) t.add(1 + t.random.below(3));
    if (t.random.one_in(8)) {
      const millis before = t.random.time() - 60 * day_ms;
      t.expected.expire(before);
      static_cast<void>(t.ask<expire_answer>(operation::expire, expire_request{before, 1000}));
    }
  }
}

TEST_CASE("answers about thousands of visitors are whole") {
  twins t("many rows", 0);
  append_records request;
  constexpr std::size_t visitors = 4600;
  for (std::size_t i = 0; i < visitors; ++i) {
    event::record r = t.random.event();
    r.anonymous_id = "v" + std::to_string(i);
    r.event_name = i % 2 == 0 ? "a" : "b";
    r.timestamp = random_world::first + static_cast<millis>(i);
    request.events.push_back(r);
    t.expected.add(r);
    r.event_name = "b";
    r.timestamp += 5;
    request.events.push_back(r);
    t.expected.add(std::move(r));
  }
  REQUIRE(t.host.ask<append_answer>(project, operation::append, std::move(request)));
  query::aggregate_question q;
  q.in.range = {0, query::end_of_time};
  q.of = query::metric::uniques;
  t.check(q);
  q.of = query::metric::count;
  q.group_by = {query::column::anonymous_id};
  t.check(q);
  query::funnel_question f;
  f.in = q.in;
  f.steps = {{"a", std::nullopt}, {"b", std::nullopt}};
  t.check(f);
}

TEST_CASE("an url of somebody forgotten stays where it is a referrer of others, and only there") {
  native_host host{{.limits = tiny_limits()}};
  append_records request;
  const auto add = [&](std::string who, std::string url, std::string referrer) {
    event::record& r = request.events.emplace_back();
    r.event_id = std::to_string(request.events.size());
    r.anonymous_id = std::move(who);
    r.url = "https://x.example/" + std::move(url);
    r.referrer = "https://x.example/" + std::move(referrer);
  };
  add("forgotten", "theirs", "both");
  add("forgotten", "seen-by-others", "theirs");
  add("other", "both", "seen-by-others");
  add("other", "own", "own");
  REQUIRE(host.ask<append_answer>(project, operation::append, request));
  const auto count = [&](const std::string& text) {
    std::int64_t rows = 0;
    for (const std::string table : {"segments", "chunks"})
      rows +=
          host.events_of(project)
              .ask("SELECT COUNT(*) FROM " + table + " WHERE instr(bytes, ?)", {host::blob{text}})
              .integer(0, 0);
    return rows;
  };
  CHECK(count("theirs") == 1);
  CHECK(count("seen-by-others") == 1);
  REQUIRE(host.ask<forget_answer>(project, operation::forget,
                                  forget_request{std::nullopt, "forgotten"}));
  CHECK(count("theirs") == 0);
  CHECK(count("seen-by-others") == 1);
  query::page_question q;
  q.in.range = {0, query::end_of_time};
  q.limit = 10;
  const auto left = host.ask<query::page_partial>(project, operation::page, q);
  REQUIRE(left);
  REQUIRE(left->events.size() == 2);
  std::set<std::string> referrers;
  for (const query::stored_event& e : left->events) referrers.insert(*e.what.referrer);
  CHECK(referrers ==
        std::set<std::string>{"https://x.example/own", "https://x.example/seen-by-others"});
}

TEST_CASE("a store without events answers every question with nothing") {
  twins t("empty", 0);
  for (int i = 0; i < 20; ++i) {
    t.check(t.random.aggregate());
    t.check(t.random.funnel());
    t.check(t.random.page(1));
  }
  const explain_request q{t.random.scope(), {"signup"}};
  CHECK(text_of(t.ask<query::explanation>(operation::explain, q)) ==
        text_of(t.expected.explain(q.in, q.events)));
  CHECK(t.ask<query::schema_partial>(operation::schema, schema_request{0}).events.empty());
  CHECK(t.ask<query::values_partial>(operation::values, values_request{}).values.empty());
  const auto s = t.ask<query::summary_partial>(operation::summary, summary_request{0});
  CHECK(s.events == 0);
  CHECK(s.events_of_month == 0);
  CHECK_FALSE(s.last_event);
}
