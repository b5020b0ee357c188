#include "../catch.h"
#include "../crafted.h"
#include "history.h"
#include "native/native_host.h"
#include "random_events.h"
#include "segment/pooled_filters.h"
#include "store/catalog.h"
#include "store/protocol.h"

using namespace millimetric;
using namespace millimetric::store;
using native::native_host;

namespace {

const std::string project = "prj";
constexpr millis now = 1'795'176'000'000;  // 2026-11-20T12:00:00Z

event::record named(std::string name, millis at = now) {
  random_world random("one event");
  event::record r = random.event();
  r.event_name = std::move(name);
  r.timestamp = at;
  r.properties = "{}";
  return r;
}

event::record with_id(std::string id, std::string name = "e") {
  event::record r = named(std::move(name));
  r.event_id = std::move(id);
  r.client_event_id = true;
  return r;
}

struct shop {
  native_host host;
  explicit shop(native::host_settings settings = {}) : host(std::move(settings)) { host.now = now; }

  // "stored/duplicates"
  std::string append(std::vector<event::record> events, const std::string& to = project) {
    const auto a = host.ask<append_answer>(to, operation::append,
                                           append_records{bucket::none, std::move(events)});
    return a ? std::to_string(a->stored) + "/" + std::to_string(a->duplicates) : "failed";
  }
  std::int64_t stored(const std::string& in = project) {
    return static_cast<std::int64_t>(storage(in).events);
  }
  storage_answer storage(const std::string& in = project) {
    auto a = host.ask<storage_answer>(in, operation::storage, storage_request{});
    REQUIRE(a);
    return std::move(*a);
  }
  std::vector<query::stored_event> events() {
    query::page_question q;
    q.in.range = {0, query::end_of_time};
    auto page = host.ask<query::page_partial>(project, operation::page, q);
    REQUIRE(page);
    return std::move(page->events);
  }
  query::summary_partial summary(millis since = 0) {
    const auto s =
        host.ask<query::summary_partial>(project, operation::summary, summary_request{since});
    REQUIRE(s);
    return *s;
  }
};

}  // namespace

TEST_CASE("an event id is stored once within a batch and across batches") {
  shop s;
  CHECK(s.append({with_id("a"), with_id("b"), with_id("a"), with_id("a")}) == "2/2");
  CHECK(s.append({with_id("b"), with_id("c")}) == "1/1");
  CHECK(s.append({with_id("a"), with_id("b"), with_id("c")}) == "0/3");
  CHECK(s.stored() == 3);
}

TEST_CASE("the first event of an id stays, whatever comes with it later") {
  shop s;
  CHECK(s.append({with_id("a", "first"), with_id("a", "second")}) == "1/1");
  CHECK(s.append({with_id("a", "third")}) == "0/1");
  REQUIRE(s.events().size() == 1);
  CHECK(s.events().front().what.event_name == "first");
}

TEST_CASE("an event id is remembered for 7 days from its first arrival, to the millisecond") {
  shop s;
  CHECK(s.append({with_id("a")}) == "1/0");
  s.host.now = now + 3 * day_ms;
  CHECK(s.append({with_id("a")}) == "0/1");  // does not prolong it
  s.host.now = now + 7 * day_ms - 1;
  CHECK(s.append({with_id("a")}) == "0/1");
  s.host.now = now + 7 * day_ms;
  CHECK(s.append({with_id("a"), with_id("a")}) == "1/1");
  s.host.now = now + 14 * day_ms - 1;
  CHECK(s.append({with_id("a")}) == "0/1");
  CHECK(s.stored() == 2);
}

TEST_CASE("an id that came back after 7 days is remembered when its first event goes") {
  shop s;
  event::record first = with_id("a");
  first.timestamp = now - 20 * day_ms;
  CHECK(s.append({first}) == "1/0");
  s.host.now = now + 7 * day_ms;
  std::vector<event::record> many(70, named("e"));  // so that it is not merged with the first
  many.push_back(with_id("a"));
  CHECK(s.append(std::move(many)) == "71/0");
  SECTION("expired") {
    REQUIRE(s.host.ask<expire_answer>(project, operation::expire, expire_request{now - 1, 100}));
    CHECK(s.stored() == 71);
  }
  SECTION("merged with others") {
    for (int i = 0; i < 7; ++i) s.append({named("long before", now - 30 * day_ms)});
    CHECK(s.storage().small_segments == 2);
  }
  CHECK(s.append({with_id("a")}) == "0/1");
}

TEST_CASE("ids are remembered across a restart, and by each project for itself") {
  shop s;
  CHECK(s.append({with_id("a")}) == "1/0");
  s.host.restart();
  CHECK(s.append({with_id("a")}) == "0/1");
  CHECK(s.append({with_id("a")}, "other") == "1/0");
  CHECK(s.stored("other") == 1);
}

TEST_CASE("what a duplicate said is not stored") {
  shop s;
  CHECK(s.append({with_id("a")}) == "1/0");
  event::record again = with_id("a");
  event::record fresh = with_id("b");
  const auto say = [](event::record& r, const std::string& what) {
    r.anonymous_id = r.user_id.emplace(what);
    r.url = "https://shop.example/" + what;
  };
  say(again, "duplicate");
  say(fresh, "original");
  CHECK(s.append({again, fresh}) == "1/1");
  const host::rows rows = s.host.events_of(project).ask("SELECT bytes FROM segments");
  std::string all;
  for (std::size_t row = 0; row < rows.size(); ++row)
    all += std::get<host::blob>(rows.at(row, 0)).bytes;
  CHECK(all.find("original") != std::string::npos);
  CHECK(all.find("duplicate") == std::string::npos);
}

TEST_CASE("ids that the server made are never duplicates") {
  shop s;
  CHECK(s.append({named("e"), named("e")}) == "2/0");
  CHECK(s.append({named("e")}) == "1/0");
}

TEST_CASE("ids are remembered while segments are merged, and when most of them have gone") {
  shop s({.limits = tiny_limits()});
  const auto batch = [](int number, millis at) {
    std::vector<event::record> out;
    for (std::size_t i = 0; i < tiny_limits().small_events; ++i) {
      out.push_back(with_id(std::to_string(number) + "/" + std::to_string(i)));
      out.back().timestamp = at;
    }
    return out;
  };
  constexpr int old = 130;
  constexpr int batches = 180;
  const std::string many = std::to_string(tiny_limits().small_events);
  const auto time_of = [](int number) { return number <= old ? now - 30 * day_ms : now; };
  for (int number = 1; number <= batches; ++number) {
    REQUIRE(s.append(batch(number, time_of(number))) == many + "/0");
    for (int before = number; before > 0; before -= 7)
      REQUIRE(s.append(batch(before, time_of(before))) == "0/" + many);
  }
  // More than one pool takes.
  CHECK(s.storage().large_segments > segment::pooled_filters::most);
  s.host.restart();
  for (int number = 1; number <= batches; ++number)
    REQUIRE(s.append(batch(number, time_of(number))) == "0/" + many);
  for (bool more = true; more;) {
    const auto step = s.host.ask<expire_answer>(project, operation::expire,
                                                expire_request{now - 7 * day_ms, 100});
    REQUIRE(step);
    more = step->more;
  }
  for (int number = old + 1; number <= batches; ++number)
    CHECK(s.append(batch(number, now)) == "0/" + many);
  CHECK(s.append(batch(1, now)) == many + "/0");
}

TEST_CASE("what remembers ids goes after 7 days while there is always something to merge") {
  shop s({.upkeep = native::upkeep_runs::when_told});
  const auto filters = [&] {
    const std::int64_t first =
        chunk_key(0, static_cast<std::uint8_t>(segment::column_id::remembered_ids), 0);
    return s.host.events_of(project)
        .ask("SELECT COUNT(*) FROM chunks WHERE key >> 40 = " + std::to_string(first >> 40))
        .integer(0, 0);
  };
  int ids = 0;
  const auto append = [&](int batches, int events) {
    for (int batch = 0; batch < batches; ++batch) {
      std::vector<event::record> all;
      for (int i = 0; i < events; ++i) all.push_back(with_id(std::to_string(ids++)));
      s.append(std::move(all));
    }
  };
  append(8, 1000);
  s.host.run_upkeep(project, 100);
  REQUIRE(filters() == 1);
  s.host.now = now + 7 * day_ms;
  // Of two sizes, which are merged one after the other.
  append(8, 1);
  append(8, 100);
  s.host.run_upkeep(project, 1);
  CHECK(s.storage().small_segments == 1 + 8);
  CHECK(filters() == 0);
}

TEST_CASE("what remembers ids goes from large segments after 7 days") {
  shop s;
  const auto bytes_of = [&](segment::column_id c) {
    const auto storage = s.storage();
    for (const column_weight& w : storage.columns)
      if (w.column == segment::name_of(c)) return w.bytes;
    return std::uint64_t{0};
  };
  const auto rows_of = [&](segment::column_id c) {
    const std::int64_t first = chunk_key(0, static_cast<std::uint8_t>(c), 0);
    return s.host.events_of(project)
        .ask("SELECT COUNT(*) FROM chunks WHERE key >> 40 = " + std::to_string(first >> 40))
        .integer(0, 0);
  };
  for (int batch = 0; batch < 8; ++batch) {
    std::vector<event::record> events;
    for (int i = 0; i < 1000; ++i)
      events.push_back(with_id(std::to_string(batch) + "-" + std::to_string(i)));
    CHECK(s.append(std::move(events)) == "1000/0");
  }
  CHECK(s.storage().large_segments == 1);
  CHECK(bytes_of(segment::column_id::remembered_ids) > 0);
  CHECK(rows_of(segment::column_id::remembered_ids) == 1);
  CHECK(s.append({with_id("3-500"), with_id("7-999"), with_id("8-0")}) == "1/2");
  s.host.now = now + 7 * day_ms;
  CHECK(s.append({with_id("3-500"), with_id("3-500")}) == "1/1");
  CHECK(rows_of(segment::column_id::remembered_ids) == 0);
  CHECK(rows_of(segment::column_id::received) == 0);
  CHECK(s.append({with_id("3-500"), with_id("7-999")}) == "1/1");
}

TEST_CASE("ids that were made alike are remembered by a filter like others") {
  shop s;
  std::vector<event::record> last;
  for (int batch = 0; batch < 8; ++batch) {
    std::vector<event::record> events;
    for (std::uint64_t i = 0; i < 1000; ++i) {
      const auto n = static_cast<std::uint64_t>(batch) * 1000 + i;
      events.push_back(with_id(i < 100 ? text_of_hash(n) : std::to_string(n)));
    }
    last = events;
    CHECK(s.append(std::move(events)) == "1000/0");
  }
  REQUIRE(s.storage().large_segments == 1);
  // Empty where there is no filter.
  CHECK(s.host.events_of(project)
            .ask("SELECT COALESCE(MAX(length(bytes)), 0) FROM chunks WHERE key >> 40 = ?",
                 {static_cast<std::int64_t>(segment::column_id::remembered_ids)})
            .integer(0, 0) > 3 * 8000);
  CHECK(s.append(last) == "0/1000");
  s.host.restart();
  CHECK(s.append(last) == "0/1000");
}

TEST_CASE("stores hash ids by keys of their own") {
  shop s;
  const auto key_of = [&](const std::string& store) {
    return s.host.events_of(store).ask("SELECT key FROM hash_key", {}).integer(0, 0);
  };
  for (const std::string store : {"one", "other"})
    CHECK(s.append({with_id("an id")}, store) == "1/0");
  const std::int64_t key = key_of("one");
  CHECK(key != key_of("other"));
  CHECK(std::abs(key) < std::int64_t{1} << 53);
  s.host.restart();
  CHECK(s.append({with_id("an id")}, "one") == "0/1");
  CHECK(key_of("one") == key);
}

TEST_CASE("a batch is stored whole or not at all") {
  shop s;
  CHECK(s.append({with_id("before")}) == "1/0");
  event::record impossible = named("e");
  random_stream noise("noise");
  for (int i = 0; i < 250'000; ++i) impossible.properties += std::to_string(noise.next());
  CHECK(s.append({with_id("a"), impossible, with_id("b")}) == "failed");
  CHECK(s.stored() == 1);
  CHECK(s.append({with_id("a"), with_id("b")}) == "2/0");
}

TEST_CASE("a batch too large for one row of the database is stored in several, in one go") {
  shop s;
  random_stream noise("noise");
  const auto text = [&] {
    std::string out;
    while (out.size() < 2000) out += std::to_string(noise.next());
    return out;
  };
  std::vector<event::record> events;
  for (int i = 0; i < 600; ++i) {
    event::record& e = events.emplace_back(with_id(std::to_string(i)));
    e.path = "/" + text();
    e.url = "https://shop.example" + *e.path;
  }
  CHECK(s.append(events) == "600/0");
  CHECK(s.stored() == 600);
  CHECK(s.append(events) == "0/600");
  query::page_question q;
  q.in.range = {0, query::end_of_time};
  q.limit = 600;
  q.most_bytes = 100'000'000;
  const auto page = s.host.ask<query::page_partial>(project, operation::page, q);
  REQUIRE(page);
  REQUIRE(page->events.size() == 600);
  for (std::size_t i = 0; i < 600; ++i) {
    CHECK(page->events[i].arrival == static_cast<std::int64_t>(600 - i));
    CHECK(page->events[i].what.event_id == events[599 - i].event_id);
    CHECK(page->events[i].what.url == events[599 - i].url);
  }
}

TEST_CASE("a segment that is cut is work enough for one call of retention") {
  native::host_settings settings;
  settings.limits.events = 5000;
  settings.limits.sealed_events = 2500;  // none is merged
  shop s(std::move(settings));
  for (int batch = 0; batch < 3; ++batch) {
    std::vector<event::record> events;
    for (int i = 0; i < 5000; ++i) {
      events.push_back(with_id(std::to_string(batch) + "-" + std::to_string(i)));
      events.back().timestamp = i == 0 ? now - 10 * day_ms : now;
    }
    CHECK(s.append(std::move(events)) == "5000/0");
  }
  int calls = 0;
  for (bool more = true; more; ++calls) {
    const auto done = s.host.ask<expire_answer>(project, operation::expire,
                                                expire_request{now - day_ms, 100'000});
    REQUIRE(done);
    more = done->more;
  }
  CHECK(calls == 3);
  CHECK(s.stored() == 3 * 4999);
}

TEST_CASE("what is stored comes back as it was, every column") {
  shop s;
  random_world random("columns");
  std::vector<event::record> sent;
  for (int i = 0; i < 200; ++i) {
    sent.push_back(random.event());
    sent.back().timestamp = now - i;
  }
  CHECK(s.append(sent) == "200/0");
  query::page_question q;
  q.in.range = {0, query::end_of_time};
  q.limit = 200;
  const auto page = s.host.ask<query::page_partial>(project, operation::page, q);
  REQUIRE(page);
  REQUIRE(page->events.size() == 200);
  for (std::size_t i = 0; i < 200; ++i) {
    CHECK(page->events[i].arrival == static_cast<std::int64_t>(i + 1));
    CHECK((to_record(page->events[i].what) == to_record(sent[i])));
  }
}

TEST_CASE("the month's usage counts what was stored in it, duplicates and expired events aside") {
  shop s;
  CHECK(s.append({with_id("a"), with_id("a"), named("b")}) == "2/1");
  CHECK(s.append({with_id("a")}) == "0/1");
  CHECK(s.summary().events_of_month == 2);
  s.host.now = *parse_iso8601("2026-11-30T23:59:59.999Z");
  CHECK(s.append({named("c")}) == "1/0");
  CHECK(s.summary().events_of_month == 3);
  REQUIRE(s.host.ask<expire_answer>(project, operation::expire, expire_request{now + 1, 100}));
  CHECK(s.stored() == 0);
  CHECK(s.summary().events_of_month == 3);
  s.host.now += 1;
  CHECK(s.summary().events_of_month == 0);
  CHECK(s.append({named("d")}) == "1/0");
  CHECK(s.summary().events_of_month == 1);
}

TEST_CASE("a summary counts events since an instant up to now, and knows the last one") {
  shop s;
  s.append({named("a", now - 10), named("b", now - 5), named("c", now + 5)});
  CHECK(s.summary(now - 5).events == 1);
  CHECK(s.summary(now - 10).events == 2);
  CHECK(s.summary().last_event == now + 5);
}

TEST_CASE("events expire to the millisecond, a step ending with the segment that fills it") {
  shop s;
  for (int batch = 0; batch < 3; ++batch) {
    std::vector<event::record> events;
    for (int i = 0; i < 10; ++i)
      events.push_back(named("e", now - 100 * (3 - batch) + (i * 7) % 10));
    s.append(std::move(events));
  }
  const auto expire = [&](millis before, std::uint32_t limit) {
    const auto a =
        s.host.ask<expire_answer>(project, operation::expire, expire_request{before, limit});
    REQUIRE(a);
    return std::to_string(a->deleted) + (a->more ? " and more" : "");
  };
  CHECK(expire(now - 300, 5) == "0");
  CHECK(expire(now - 297, 5) == "3");
  CHECK(*s.storage().first == now - 297);
  CHECK(expire(now - 95, 5) == "7 and more");
  CHECK(expire(now - 95, 5) == "10 and more");
  CHECK(expire(now - 95, 5) == "5");
  CHECK(*s.storage().first == now - 95);
  CHECK(s.stored() == 5);
  CHECK(expire(now, 5) == "5");
  CHECK(s.stored() == 0);
}

TEST_CASE("the schema knows each event's count, times, property keys and their types") {
  shop s;
  const auto with = [](std::string name, millis at, std::string properties) {
    event::record r = named(std::move(name), at);
    r.properties = std::move(properties);
    return r;
  };
  s.append({with("old", now - 100, R"({"gone":1})"), with("a", now - 3, R"({"n":1,"t":"x"})"),
            with("a", now - 1, R"({"n":"one","b":true,"z":null})"),
            with("a", now - 2, R"({"n":2.5,"b":false,"o":{"deep":1},"l":[1]})"),
            with("b", now, "{}")});
  const auto got =
      s.host.ask<query::schema_partial>(project, operation::schema, schema_request{now - 3});
  REQUIRE(got);
  std::string text;
  for (const query::event_shape& e : got->events) {
    text += e.event_name + " " + std::to_string(e.count) + " " + std::to_string(e.first - now) +
            " " + std::to_string(e.last - now);
    for (const query::property_shape& p : e.properties) {
      text += " " + p.key + ":";
      for (const std::string& type : p.types) text += type + ",";
    }
    text += "\n";
  }
  CHECK(text ==
        "a 3 -3 -1 b:boolean, l:array, n:number,string, o:object, t:string, z:null,\n"
        "b 1 0 0\n");
}

TEST_CASE("values of a column come most frequent first, nulls aside") {
  shop s;
  std::vector<event::record> events;
  for (const std::string_view country : {"DE", "US", "DE", "", "FR", "DE", "US"}) {
    events.push_back(named("e"));
    events.back().country = country.empty() ? std::nullopt : std::optional(std::string(country));
  }
  s.append(std::move(events));
  const auto values = [&](std::uint32_t limit) {
    const auto got = s.host.ask<query::values_partial>(
        project, operation::values, values_request{query::column::country, limit});
    REQUIRE(got);
    std::string out;
    for (const auto& v : got->values) out += v.value + " " + std::to_string(v.count) + ",";
    return out;
  };
  CHECK(values(10) == "DE 3,US 2,FR 1,");
  CHECK(values(2) == "DE 3,US 2,");
}
