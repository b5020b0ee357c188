// Bytes of the store's tables go bad: whoever asks about a damaged segment's time is told so, all
// other answers are right, and taking in, merging and retention go on around it.

#include <algorithm>
#include <set>

#include "../catch.h"
#include "history.h"
#include "native/forgetting.h"
#include "native/native_host.h"
#include "oracle.h"
#include "random_events.h"
#include "segment/frame.h"
#include "store/catalog.h"

using namespace millimetric;
using namespace millimetric::store;
using native::native_host;

namespace {

const std::string project = "prj";
constexpr std::size_t version_at = 512 + 4;  // behind the frame's lead and the magic number

struct patient {
  random_world random;
  native_host host{{.upkeep = native::upkeep_runs::when_told, .limits = tiny_limits()}};
  native_host rows{{.store = native::store_kind::sql}};
  std::int64_t damaged = 0;
  query::time_range hurt;  // the time of its events

  explicit patient(std::string_view seed) : random(seed) {
    host.now = rows.now = random_world::last;
    for (int i = 0; i < 25; ++i) append();
    for (int i = 0; i < 400; ++i) upkeep();
  }

  bool append() {
    append_records request;
    const millis start = random.time();
    for (std::size_t n = 1 + random.below(12); n > 0; --n) {
      event::record& r = request.events.emplace_back(random.event());
      // Segments of a few hours each, so that some questions miss the damage.
      r.timestamp = start + static_cast<millis>(random.below(10'000'000));
    }
    REQUIRE(rows.ask<append_answer>(project, operation::append, request));
    return host.ask<append_answer>(project, operation::append, request).has_value();
  }
  void upkeep() {
    static_cast<void>(host.ask<maintain_answer>(project, operation::maintain, maintain_request{}));
  }
  storage_answer storage() {
    auto s = host.ask<storage_answer>(project, operation::storage, storage_request{});
    REQUIRE(s);
    return *s;
  }

  // Takes a random row of a table and puts other bytes in its place.
  template <class Change>
  void damage(const std::string& table, Change change) {
    native::sqlite_database& db = host.events_of(project);
    const std::string key = table == "segments" ? "id" : "key";
    const host::rows all = db.ask("SELECT " + key + ", bytes FROM " + table);
    REQUIRE(all.size() > 0);
    const std::size_t row = random.below(all.size());
    const std::int64_t id = all.integer(row, 0);
    std::string bytes = std::get<host::blob>(all.at(row, 1)).bytes;
    damaged = table == "segments" ? id : segment_of_key(id);
    const host::rows whole = db.ask("SELECT bytes FROM segments WHERE id = ?", {damaged});
    const segment_row s = read_row(std::get<host::blob>(whole.cells.front()).bytes);
    hurt = {s.head.first, s.head.last + 1};
    change(bytes);
    db.ask("UPDATE " + table + " SET bytes = ? WHERE " + key + " = ?", {host::blob{bytes}, id});
    host.restart();
  }
  // Gives whether the row's note went as well.
  bool flip(const std::string& table) {
    bool note_went = false;
    damage(table, [&](std::string& bytes) {
      for (std::size_t n = 1 + random.below(8); n > 0; --n)
        bytes[random.below(bytes.size())] ^= static_cast<char>(1U << random.below(8));
      note_went = table == "segments" && !segment::unframe(bytes).note;
    });
    return note_went;
  }
  // Behind the note, so that the time of the damage stays known.
  void hurt_content(const std::string& table) {
    damage(table, [&](std::string& bytes) { bytes[table == "segments" ? 600 : 0] ^= 1; });
  }
  // Gives whether the row's note went as well.
  bool cut(const std::string& table) {
    std::size_t left = 0;
    damage(table, [&](std::string& bytes) {
      left = random.below(bytes.size());
      bytes.resize(left);
    });
    return table == "segments" && left < 32;
  }

  [[nodiscard]] bool touches(query::time_range r) const {
    return r.from < hurt.to && r.to > hurt.from;
  }
  template <class Answer, class Question, class Text>
  void ask(operation op, const Question& q, bool may_fail, Text text) {
    const auto right = rows.ask<Answer>(project, op, q);
    REQUIRE(right);
    const auto got = host.ask<Answer>(project, op, q);
    if (got) {
      REQUIRE(text(*got) == text(*right));
    } else {
      REQUIRE(may_fail);
      REQUIRE(got.error().code == error_code::tool_failed);
      REQUIRE(got.error().message.find("Segment " + std::to_string(damaged)) == 0);
    }
  }
  // `everywhere`: the time of the damage is not known any more.
  void ask_around(bool everywhere) {
    for (int i = 0; i < 20; ++i) {
      query::aggregate_question a = random.aggregate();
      const millis day = floor_day(random.time());
      if (random.one_in(2)) a.in.range = {day, day + day_ms};
      ask<query::aggregate_partial>(operation::aggregate, a, everywhere || touches(a.in.range),
                                    [&](const auto& p) { return text_of(p, a.of); });
      query::page_question p = random.page(200);
      p.in.range = a.in.range;
      ask<query::page_partial>(operation::page, p, everywhere || touches(p.in.range),
                               [](const auto& page) { return text_of(page); });
      query::funnel_question f = random.funnel();
      f.in.range = a.in.range;
      // Who a person is can be said anywhere.
      const bool person = f.by == query::identity::person;
      ask<query::funnel_partial>(operation::funnel, f, everywhere || person || touches(f.in.range),
                                 [](const auto& funnel) { return text_of(funnel); });
    }
  }
  // About all time before the damage, and all behind it.
  void ask_outside(const std::vector<query::filter>& whose) {
    for (int i = 0; i < 40; ++i) {
      query::aggregate_question a = random.aggregate();
      if (!whose.empty()) a.in.filters = whose;
      a.in.range = i % 2 == 0 ? query::time_range{0, hurt.from}
                              : query::time_range{hurt.to, query::end_of_time};
      ask<query::aggregate_partial>(operation::aggregate, a, false,
                                    [&](const auto& p) { return text_of(p, a.of); });
    }
  }
  // Gives whether the damage stood in the way. A second time says the same: what went is gone, what
  // cannot be read is still there.
  bool forget(const forget_request& who) {
    const auto right = rows.ask<forget_answer>(project, operation::forget, who);
    REQUIRE(right);
    const auto first = native::forget(host, project, who);
    const auto second = native::forget(host, project, who);
    REQUIRE(first.has_value() == second.has_value());
    if (first) {
      CHECK(first->deleted == right->deleted);
      CHECK(second->deleted == 0);
      return false;
    }
    CHECK(first.error().code == error_code::tool_failed);
    const std::string named = "Segment " + std::to_string(damaged);
    CHECK(first.error().message.find(named) == 0);
    CHECK(first.error().message.find(" of the visitor's events in other segments were deleted") !=
          std::string::npos);
    CHECK(second.error().message.find(" 0 of the visitor's events in other segments were") !=
          std::string::npos);
    return true;
  }
  void live_on(bool everywhere) {
    ask_around(everywhere);
    for (int i = 0; i < 12; ++i) REQUIRE(append());
    for (int i = 0; i < 400; ++i) upkeep();
    CHECK(storage().merge_debt == 0);
    ask_around(everywhere);
    host.restart();
    ask_around(everywhere);
  }
};

}  // namespace

TEST_CASE("flipped bits are noticed, and everything else goes on") {
  for (int i = 0; i < 8; ++i) {
    patient p("flips " + std::to_string(i));
    p.live_on(p.flip(i % 2 == 0 ? "segments" : "chunks"));
  }
}

TEST_CASE("rows that were cut off are noticed, and everything else goes on") {
  for (int i = 0; i < 8; ++i) {
    patient p("cuts " + std::to_string(i));
    p.live_on(p.cut(i % 2 == 0 ? "segments" : "chunks"));
  }
}

TEST_CASE("a note that cannot be trusted says nothing of a damaged segment's time") {
  patient p("notes");
  p.damage("segments", [](std::string& bytes) {
    bytes[13] ^= 1;  // the times of the first and the last event
    bytes[21] ^= 1;
    bytes[600] ^= 1;
  });
  p.live_on(true);
  query::aggregate_question q;
  q.in.range = p.hurt;
  CHECK_FALSE(p.host.ask<query::aggregate_partial>(project, operation::aggregate, q));
}

TEST_CASE("a segment of a newer version is left alone, and the caller told so") {
  patient p("version");
  p.damage("segments", [](std::string& bytes) { bytes[version_at] = 100; });
  query::aggregate_question q;
  q.in.range = p.hurt;
  const auto got = p.host.ask<query::aggregate_partial>(project, operation::aggregate, q);
  REQUIRE_FALSE(got);
  CHECK(got.error().message.find("newer version") != std::string::npos);
  CHECK(p.storage().damaged_segments == 1);
  p.live_on(false);
  CHECK(p.storage().damaged_segments == 1);
}

TEST_CASE("the neighbours of a damaged segment are merged without it") {
  native_host host{{.upkeep = native::upkeep_runs::when_told, .limits = tiny_limits()}};
  random_world random("neighbours");
  const auto append = [&] {
    append_records one;
    one.events = {random.event()};
    REQUIRE(host.ask<append_answer>(project, operation::append, one));
  };
  for (int i = 0; i < 6; ++i) append();
  native::sqlite_database& db = host.events_of(project);
  const host::rows row = db.ask("SELECT bytes FROM segments WHERE id = 3");
  std::string bytes = std::get<host::blob>(row.cells.front()).bytes;
  byte_reader in(bytes);
  bytes[512 + in.u32() - 1] ^= 1;  // the last chunk: its header is whole
  db.ask("UPDATE segments SET bytes = ? WHERE id = 3", {host::blob{bytes}});
  host.restart();
  append();
  host.run_upkeep(project);
  CHECK(db.ask("SELECT COUNT(*) FROM segments").integer(0, 0) == 2);
}

TEST_CASE("a visitor is found though a row of the index of visitors is gone") {
  patient p("index");
  native::sqlite_database& db = p.host.events_of(project);
  db.ask("DELETE FROM chunks WHERE key >> 40 >= ?",
         {static_cast<std::int64_t>(segment::column_id::visitors)});
  p.host.restart();
  query::aggregate_question q;
  q.in = {{0, query::end_of_time}, {{query::column::anonymous_id, {"visitor-3"}}}};
  p.ask<query::aggregate_partial>(operation::aggregate, q, false,
                                  [&](const auto& a) { return text_of(a, q.of); });
}

TEST_CASE("a page that is full before a damaged segment's time needs nothing of it") {
  std::size_t full = 0;
  for (int i = 0; i < 10; ++i) {
    patient p("pages " + std::to_string(i));
    p.hurt_content(i % 2 == 0 ? "segments" : "chunks");
    for (const auto order : {query::page_order::newest_first, query::page_order::oldest_first})
      for (std::uint32_t limit = 1; limit < 8; ++limit) {
        query::page_question q;
        q.in = {{0, query::end_of_time}, {{query::column::anonymous_id, {"visitor-3"}}}};
        q.order = order;
        q.limit = limit + 1;  // a store looks for one more than it gives
        const auto right = p.rows.ask<query::page_partial>(project, operation::page, q);
        REQUIRE(right);
        const bool newest_first = order == query::page_order::newest_first;
        const bool before_damage =
            right->events.size() == q.limit &&
            (newest_first ? right->events.back().what.timestamp >= p.hurt.to
                          : right->events.back().what.timestamp < p.hurt.from);
        if (before_damage) ++full;
        q.limit = limit;
        p.ask<query::page_partial>(operation::page, q, !before_damage,
                                   [](const auto& page) { return text_of(page); });
      }
  }
  CHECK(full > 20);
}

TEST_CASE("what is old expires around a damaged segment, which goes when all of it is old") {
  patient p("expiry");
  p.damage("segments", [](std::string& bytes) { bytes[600] ^= 1; });
  const auto expire = [&](millis before) {
    expire_answer got;
    do {
      auto a =
          p.host.ask<expire_answer>(project, operation::expire, expire_request{before, 100'000});
      REQUIRE(a);
      got = *a;
    } while (got.more);
    REQUIRE(p.rows.ask<expire_answer>(project, operation::expire, expire_request{before, 100'000}));
  };
  expire(p.hurt.to - 1);
  CHECK(p.storage().damaged_segments == 1);
  p.ask_around(false);
  expire(p.hurt.to);
  CHECK(p.storage().damaged_segments == 0);
  p.hurt = {};
  p.ask_around(false);
}

TEST_CASE("nothing is left of a large segment whose header went, and its number is used again") {
  patient p("leftovers");
  native::sqlite_database& db = p.host.events_of(project);
  const auto count = [&](const std::string& table) {
    return db.ask("SELECT COUNT(*) FROM " + table).integer(0, 0);
  };
  const host::rows all = db.ask("SELECT id, bytes FROM segments");
  for (std::size_t row = 0; row < all.size(); ++row) {
    host::blob hurt = std::get<host::blob>(all.at(row, 1));
    hurt.bytes[600] ^= 1;
    db.ask("UPDATE segments SET bytes = ? WHERE id = ?", {hurt, all.integer(row, 0)});
  }
  p.host.restart();
  REQUIRE(count("chunks") > 0);
  SECTION("by retention") {
    REQUIRE(p.host.ask<expire_answer>(project, operation::expire,
                                      expire_request{query::end_of_time, 1'000'000}));
    CHECK(count("chunks") == 0);
  }
  SECTION("by hand") { db.ask("DELETE FROM segments"); }
  REQUIRE(count("segments") == 0);
  p.host.restart();
  for (int i = 0; i < 25; ++i) REQUIRE(p.append());
  for (int i = 0; i < 400; ++i)
    REQUIRE(p.host.ask<maintain_answer>(project, operation::maintain, maintain_request{}));
  CHECK(p.storage().merge_debt == 0);
  CHECK(p.storage().large_segments > 0);
}

TEST_CASE(
    "a visitor who is forgotten is gone from all but a damaged segment, and the caller told") {
  std::size_t told = 0;
  for (int i = 0; i < 12; ++i) {
    patient p("forgotten visitor " + std::to_string(i));
    p.hurt_content(i % 2 == 0 ? "segments" : "chunks");
    if (p.forget({std::nullopt, "visitor-3"})) ++told;
    p.ask_outside({});
    p.host.restart();
    p.ask_outside({});
  }
  CHECK(told >= 4);
}

TEST_CASE("a user who is forgotten is gone from all but a damaged segment, and the caller told") {
  std::size_t told = 0;
  for (int i = 0; i < 12; ++i) {
    patient p("forgotten user " + std::to_string(i));
    p.hurt_content(i % 2 == 0 ? "segments" : "chunks");
    const bool partly = p.forget({"user-1", std::nullopt});
    if (partly) ++told;
    // Which visitors the user was may be known to the damaged segment alone.
    std::vector<query::filter> whose;
    if (partly) whose = {{query::column::user_id, {"user-1"}}};
    p.ask_outside(whose);
    p.host.restart();
    p.ask_outside(whose);
  }
  CHECK(told >= 4);
}
